/**
 * The map of the site: every address, and who answers there.
 *
 * Each page is also JSON at the same address, for who accepts that or adds `.json`.
 */
import { Hono } from 'hono'
import { timeout } from 'hono/timeout'
import type { Sql } from '../shared/db/sql.ts'
import type { Repositories } from '../shared/repositories.ts'
import {
  indexJson,
  latestCollection,
  latestRun,
  latestSet,
  latestTile,
  licensesJson,
  manifestJson,
  stateTxt,
  storedFile,
} from './data.ts'
import { failed, PATIENCE_MS, tooSlow } from './failed.tsx'
import { fileOfRun } from './files.ts'
import { safeHeaders } from './headers.ts'
import { health, metrics, ready } from './health.ts'
import { hook, notByGet } from './hook.ts'
import { homePage } from './pages/home.tsx'
import { jobPage } from './pages/job.tsx'
import { jobsPage } from './pages/jobs.tsx'
import { liveJob, liveRun, liveSet } from './pages/live.tsx'
import { mapPage } from './pages/map.tsx'
import { missing } from './pages/missing.tsx'
import { problemsPage } from './pages/problems.tsx'
import { runPage } from './pages/run.tsx'
import { schedulePage } from './pages/schedule.tsx'
import { setPage } from './pages/set.tsx'
import { setsPage } from './pages/sets.tsx'
import { statusPage } from './pages/status.tsx'

/** What the edge reaches through. */
export interface Doors {
  readonly sql: Sql
  readonly secrets: readonly string[]
  readonly rejectNewJobs: boolean
  /** The repositories that are ours; all without it. */
  readonly repositories?: Repositories
  /** Where people find the pages, without a last slash. */
  readonly baseUrl: string
  /** Answers for a file of a run, such as `runs/12/out.geojson.gz`. */
  readonly file: FileDoor
  /** Answers for a file of the site itself. */
  readonly asset: FileDoor
}

/** Answers for a file by its key: a path without a first slash, decoded. */
export type FileDoor = (key: string, request: Request) => Promise<Response>

/** The site, behind its doors. */
export function app(doors: Doors): Hono {
  return new Hono()
    .use(safeHeaders, timeout(PATIENCE_MS, tooSlow))
    .get('/', (c) => homePage(c, doors))
    .post('/hook', (c) => hook(c, doors))
    .get('/hook', (c) => notByGet(c))
    .get('/health', (c) => health(c))
    .get('/ready', (c) => ready(c, doors))
    .get('/metrics', (c) => metrics(c, doors))
    .get('/jobs', (c) => c.redirect('/jobs/', 301))
    .on('GET', ['/jobs/', '/jobs.json'], (c) => jobsPage(c, doors))
    .get('/jobs/:id/live', (c) => liveJob(c, doors))
    .get('/jobs/:id', (c) => jobPage(c, doors))
    .get('/runs/:id/live', (c) => liveRun(c, doors))
    .get('/runs/:id', (c) => runPage(c, doors))
    .get('/runs/:id/:file', (c) => fileOfRun(c, doors))
    .get('/sets', (c) => c.redirect('/sets/', 301))
    .on('GET', ['/sets/', '/sets.json'], (c) => setsPage(c, doors))
    .get('/sets/:id/live', (c) => liveSet(c, doors))
    .on('GET', ['/sets/:id/', '/sets/:id{\\d+\\.json}'], (c) => setPage(c, doors))
    .get('/sets/:id', (c) => c.redirect(`/sets/${c.req.param('id')}/`, 301))
    .on('GET', ['/schedule', '/schedule.json'], (c) => schedulePage(c, doors))
    .on('GET', ['/status', '/status.json'], (c) => statusPage(c, doors))
    .on('GET', ['/problems', '/problems.json'], (c) => problemsPage(c))
    .on('GET', ['/map', '/map.json'], (c) => mapPage(c, doors))
    .on('GET', ['/dotmap/:edition/:file', '/coverage/:edition/:file'], (c) => storedFile(c, doors))
    .get('/index.json', (c) => indexJson(c, doors))
    .get('/state.txt', (c) => stateTxt(c, doors))
    .on('GET', ['/licenses.json', '/latest/licenses.json'], (c) => licensesJson(c, doors))
    .get('/manifest.json', (c) => manifestJson(c, doors))
    .get('/latest/set', (c) => latestSet(c, doors))
    .get('/latest/run/:source{.+\\.zip}', (c) => latestRun(c, doors))
    .get('/:name{openaddr-collected-[\\w-]+\\.(?:zip|parquet|txt)}', (c) => latestCollection(c, doors))
    .get('/tiles/:lon/:file', (c) => latestTile(c, doors))
    .on('GET', ['/tiles/:edition/:lon/:file', '/collections/:edition/:file', '/manifests/:file'], (c) =>
      storedFile(c, doors),
    )
    .get('/static/:name', (c) => doors.asset(c.req.param('name'), c.req.raw))
    .notFound((c) => missing(c, `There is nothing at ${c.req.path}`))
    .onError((error, c) => failed(c, error))
}
