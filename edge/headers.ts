/** What browsers are told, so that a mistake in a page cannot become a hole. */
import { secureHeaders } from 'hono/secure-headers'

/** Nothing comes from elsewhere but pictures of runs, which a bucket may serve. */
export const safeHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    imgSrc: ["'self'", 'https:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  // Maps of other sites read the files of runs.
  crossOriginResourcePolicy: false,
  // Behind TLS or not is not ours to know.
  strictTransportSecurity: false,
  // Files of runs have a stricter policy of their own.
  overwrite: false,
})

/** For a stranger's file: whatever it says it is, it runs nothing and asks for nothing. */
export const STRANGERS_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
