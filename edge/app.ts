/**
 * The map of the site: every address, and who answers there.
 *
 * Each page is also JSON at the same address, for who accepts that or adds `.json`.
 */
import { type Context, Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { Sql } from '../shared/db/sql.ts'
import { health, metrics, ready } from './health.ts'
import { hook } from './hook.ts'
import { answer } from './pages/answer.ts'
import { homePage } from './pages/home.tsx'
import { jobPage } from './pages/job.tsx'
import { jobsPage } from './pages/jobs.tsx'
import { liveJob } from './pages/live.tsx'
import { MissingView } from './pages/missing.tsx'
import { runPage } from './pages/run.tsx'

/** What the edge reaches through. */
export interface Doors {
  readonly sql: Sql
  readonly secrets: readonly string[]
  readonly rejectNewJobs: boolean
  /** Where people find the pages, without a last slash. */
  readonly baseUrl: string
  /** Answers for a file of a run, such as `runs/12/out.geojson.gz`. */
  readonly file: (key: string, request: Request) => Promise<Response>
  /** Answers for a file of the site itself. */
  readonly asset: (name: string, request: Request) => Promise<Response>
}

/** The site, behind its doors. */
export function app(doors: Doors): Hono {
  return new Hono()
    .use(
      secureHeaders({
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
        crossOriginResourcePolicy: false,
        // Behind TLS or not is not ours to know.
        strictTransportSecurity: false,
      }),
    )
    .get('/', (c) => homePage(c, doors))
    .post('/hook', (c) => hook(c, doors))
    .get('/health', (c) => health(c))
    .get('/ready', (c) => ready(c, doors))
    .get('/metrics', (c) => metrics(c, doors))
    .get('/jobs', (c) => c.redirect('/jobs/', 301))
    .get('/jobs/', (c) => jobsPage(c, doors))
    .get('/jobs/:id/live', (c) => liveJob(c, doors))
    .get('/jobs/:id', (c) => jobPage(c, doors))
    .get('/runs/:id', (c) => runPage(c, doors))
    .get('/runs/:id/:file', (c) => doors.file(`runs/${c.req.param('id')}/${c.req.param('file')}`, c.req.raw))
    .get('/static/:name', (c) => doors.asset(c.req.param('name'), c.req.raw))
    .notFound((c) => missing(c, `There is nothing at ${c.req.path}`))
    .onError((error, c) => failed(c, error))
}

/** What is not there: a page for people, JSON for programs. */
export function missing(c: Context, sentence: string): Response | Promise<Response> {
  return answer(c, { facts: { error: sentence }, view: () => MissingView({ sentence }), status: 404 })
}

/** Postgres being away is not the asker's fault, and passes: GitHub may deliver again. */
function failed(c: Context, error: Error): Response | Promise<Response> {
  const isAway = /CONNECT|ECONN|57P0[123]|terminat|starting up|shutting down/.test(
    `${(error as { code?: string }).code} ${error.message}`,
  )
  console.error(`${c.req.method} ${c.req.path}: ${error.message}`)
  const sentence = isAway
    ? 'The database cannot be reached just now; try again soon.'
    : 'Something failed here; it is in our log.'
  return answer(c, {
    facts: { error: sentence },
    view: () => MissingView({ sentence }),
    status: isAway ? 503 : 500,
  })
}
