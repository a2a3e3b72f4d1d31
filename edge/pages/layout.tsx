/** The frame of every page. It reads well without its style, and without its script. */
import type { PropsWithChildren } from 'hono/jsx'

export interface LayoutProps {
  readonly title: string
  /** Adds the script that keeps a page up to date; without scripts it is loaded again now and then. */
  readonly isLive?: boolean
}

/** Seconds between two loads of a live page where there are no scripts. */
const RELOAD_SECONDS = 5

export function Layout({ title, isLive = false, children }: PropsWithChildren<LayoutProps>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title} · Machine</title>
        <link rel="icon" href="/static/machine.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/static/machine.css" />
        {isLive && <script src="/static/live.js" defer></script>}
        {isLive && (
          <noscript>
            <meta http-equiv="refresh" content={`${RELOAD_SECONDS}`} />
          </noscript>
        )}
      </head>
      <body>
        <header class="site">
          <a class="brand" href="/">
            <img src="/static/machine.svg" alt="" width="28" height="28" />
            Machine
          </a>
          <nav>
            <a href="/jobs/">Jobs</a>
          </nav>
        </header>
        <main>{children}</main>
        <footer class="site">Many small public sources, one open map of the world’s addresses.</footer>
      </body>
    </html>
  )
}
