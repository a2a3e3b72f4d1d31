/** The frame of every page. It reads well without its style, and without its script. */
import type { PropsWithChildren } from 'hono/jsx'

export interface LayoutProps {
  readonly title: string
  /** The address of the same page as JSON. */
  readonly json?: string
  /** Adds the script that keeps a page up to date; without scripts it is loaded again now and then. */
  readonly isLive?: boolean
}

const SHEETS = ['machine.css', 'lists.css', 'details.css']

/** Seconds between two loads of a live page where there are no scripts. */
const RELOAD_SECONDS = 5

export function Layout({ title, json, isLive = false, children }: PropsWithChildren<LayoutProps>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title === 'Machine' ? title : `${title} · Machine`}</title>
        <link rel="icon" href="/static/machine.svg" type="image/svg+xml" />
        {SHEETS.map((sheet) => (
          <link rel="stylesheet" href={`/static/${sheet}`} />
        ))}
        {json !== undefined && <link rel="alternate" type="application/json" href={json} />}
        {isLive && <script src="/static/live.js" defer></script>}
        {isLive && (
          <noscript>
            <meta http-equiv="refresh" content={`${RELOAD_SECONDS}`} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="site">
          <a class="brand" href="/">
            <img src="/static/machine.svg" alt="" width="28" height="28" />
            Machine
          </a>
          <nav aria-label="Site">
            <a href="/jobs/">Jobs</a> <a href="/sets/">Sets</a> <a href="/map">Map</a>
          </nav>
        </header>
        <main id="main">{children}</main>
        <footer class="site">
          <span>Many small public sources, one open map of the world’s addresses.</span>{' '}
          {json !== undefined && <a href={json}>This page as JSON</a>}
        </footer>
      </body>
    </html>
  )
}

export interface LiveProps {
  /** Where the changes come from; undefined when nothing will change any more. */
  readonly from: string | undefined
}

/** The part of a page that changes, and what tells those who do not see it that it has. */
export function LivePart({ from, children }: PropsWithChildren<LiveProps>) {
  if (from === undefined) return <div>{children}</div>
  return (
    <>
      <div data-live={from}>{children}</div>
      <p class="unseen" role="status"></p>
      <p class="lost" hidden>
        The connection is lost; what you see may be old. Trying again …
      </p>
    </>
  )
}
