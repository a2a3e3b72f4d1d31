/** An answer in two forms at one address: a page for people, facts as JSON for programs. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

type Code = 200 | 400 | 404 | 500 | 503

export interface Answer {
  /** What the page says, as JSON. */
  readonly facts: unknown
  /** The page; made only when it is wanted. */
  readonly view: () => HtmlEscapedString | Promise<HtmlEscapedString>
  readonly status?: Code
}

/** Answer as the asker likes it. */
export function answer(c: Context, { facts, view, status = 200 }: Answer): Response | Promise<Response> {
  c.header('Vary', 'Accept')
  c.header('Cache-Control', 'no-cache')
  if (wantsJson(c)) return c.json(facts as object, status)
  return c.html(html`<!doctype html>${view()}`, status)
}

/** The id in an address, without the `.json` that asks for facts. */
export function idOf(c: Context): string {
  return (c.req.param('id') ?? '').replace(/\.json$/, '')
}

function wantsJson(c: Context): boolean {
  if (c.req.path.endsWith('.json') || c.req.path === '/hook') return true
  const accept = c.req.header('Accept') ?? ''
  return /application\/json/i.test(accept) && !/text\/html/i.test(accept)
}
