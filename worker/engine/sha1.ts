/** SHA-1 of the text of a row. No secret depends on it. */
import crypto from 'node:crypto'

/** One call where the runtime has it: 0.7 µs a row, where a hash object takes 1.2. */
export const sha1Hex: (text: Uint8Array | string) => string =
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha1', text, 'hex')
    : (text) => crypto.createHash('sha1').update(text).digest('hex')
