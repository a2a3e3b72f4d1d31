/**
 * Jobs in every state that a page can show, made the way the house makes them: accepted, expanded, claimed,
 * handed in and settled, by the functions of the queue, at times of our choice.
 */
import { acceptDelivery, type NewJob } from '../shared/db/deliveries.ts'
import { type ExpandedSource, expandJob } from '../shared/db/jobs.ts'
import { claim } from '../shared/db/queue.ts'
import {
  type Claimed,
  claimRun,
  giveBack,
  type HandedIn,
  handIn,
  settleDone,
  tellProgress,
} from '../shared/db/runs.ts'
import type { ISql, Sql } from '../shared/db/sql.ts'
import type { ProblemCode } from '../shared/problem.ts'
import type { Progress, RunState } from '../shared/run.ts'

/** What becomes of a data source; what waits must come after all that does not. */
export type Fate =
  | { readonly is: 'waiting' }
  | { readonly is: 'running'; readonly progress?: Progress; readonly isSecond?: true }
  | { readonly is: 'given up'; readonly why: string }
  | {
      readonly is: 'good'
      readonly seconds: number
      readonly details: Partial<HandedIn>
      readonly isSecond?: true
    }
  | {
      readonly is: 'failed'
      readonly seconds: number
      readonly problem: ProblemCode
      readonly detail: string
    }
  | { readonly is: 'skipped'; readonly detail: string }
  /** A good run of the same file has been there before. */
  | { readonly is: 'reused' }
  | { readonly is: 'bad file'; readonly detail: string }

/** A data source, by file, layer, name and fate. */
export type Cast = readonly [path: string, layer: string, name: string, fate: Fate]

/** A job, and what comes of it. */
export interface Play {
  readonly id: string
  readonly startedAt: Date
  readonly job?: Partial<NewJob>
  /** Undefined while nobody has looked what changed. */
  readonly cast?: readonly Cast[]
}

const COMMIT = '0c1f7d2b9a4e6853f0d1c2b3a495867768594a3b'

/** Nothing of a play is lost meanwhile. */
const LEASE_SECONDS = 86_400

const CLAIM = {
  worker: 'quarry-4711-k3x9',
  version: '0.1.0',
  leaseSeconds: LEASE_SECONDS,
  timeoutSeconds: LEASE_SECONDS,
  laneMax: 32_767,
  reuseDays: 10,
} as const

/** Play a job to where it stands. Gives the runs of its data sources, by position; undefined where there is none. */
export async function play(sql: Sql, { id, startedAt, job, cast }: Play): Promise<(number | undefined)[]> {
  await at(sql, startedAt, (tx) => accept(tx, id, job))
  if (cast === undefined) return []

  await at(sql, later(startedAt, 2), (tx) => expand(tx, id, cast.map(expanded)))
  for (const [, , , fate] of cast) {
    if (fate.is === 'running' || fate.is === 'good' || fate.is === 'failed' || fate.is === 'skipped')
      await perform(sql, fate, startedAt)
  }
  // A reused result is settled on the way to a task that needs work, also where there is none.
  if (cast.some(([, , , fate]) => fate.is === 'reused')) await at(sql, later(startedAt, 4), take)
  // Given back, a task goes first again: so only when nothing more is taken.
  for (const [, , , fate] of cast) {
    if (fate.is === 'given up')
      await at(sql, later(startedAt, 5), async (tx) => giveUp(tx, await taken(tx), fate))
  }

  const rows = await sql<{ run_id: number | null }[]>`
    select run_id from job_sources where job_id = ${id} order by position`
  return rows.map(({ run_id }) => run_id ?? undefined)
}

/** Do something as if it were another time. */
export async function at<T>(sql: Sql, time: Date, deed: (tx: ISql) => Promise<T>): Promise<T> {
  return (await sql.begin(async (tx) => {
    await tx`select set_config('queue.now', ${time.toISOString()}, true)`
    return deed(tx)
  })) as T
}

/** So many seconds after. */
export function later(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000)
}

/** The result of a good run, with all that its page shows. */
export function goodDetails(rows: number, over: Partial<HandedIn> = {}): Partial<HandedIn> {
  return {
    state: {
      'feat count': rows,
      'address count': rows,
      website: 'https://harlow-point.example/gis',
      license: 'Public Domain',
      fingerprint: '7353867c48f68b0ba04a9ce8a493695d',
    } as RunState,
    sample: [
      ['ADDRESSID', 'FULL_ADDR', 'POSTCOMM', 'ZIP', 'PLACEMENT'],
      ['410000', '100 OYSTER LN', 'HARLOW POINT', '11999-1070', 'Parcel - Centroid'],
      ['410001', '118 OYSTER LN', 'HARLOW POINT', '11999-1196', 'Structure - Rooftop'],
    ],
    result: {
      artifacts: [
        { name: 'cache.zip', type: 'application/zip', bytes: 57_360 },
        { name: 'out.geojson.gz', type: 'application/gzip', bytes: 69_987 },
        { name: 'output.txt', type: 'text/plain', bytes: 1_067 },
      ],
      rows: { read: rows + 3, written: rows, dropped: { 'without a place': 3 } },
      bounds: [-72.31, 40.9, -72.25, 40.96],
      seconds: { cache: 1.2, process: 0.9 },
      logTail:
        '2026-11-25 04:55:29 reading data/address_points.shp\n2026-11-25 04:55:29 made out.geojson.gz\n',
    },
    ...over,
  }
}

async function accept(tx: ISql, id: string, job: Partial<NewJob> = {}): Promise<void> {
  await acceptDelivery(tx, {
    id: `delivery-of-${id}`,
    event: 'push',
    action: null,
    payload: {},
    job: {
      id,
      event: 'push',
      owner: 'openaddresses',
      repository: 'openaddresses',
      status_url: null,
      comments_url: null,
      commit_sha: COMMIT,
      ref: 'refs/heads/main',
      pull_number: null,
      ...job,
    },
    ignored: null,
  })
}

async function expand(tx: ISql, id: string, sources: readonly ExpandedSource[]): Promise<void> {
  const events = await claim<{ job_id: string }>(tx, 'events', {
    worker: 'expander',
    n: 100,
    leaseSeconds: 1,
  })
  const event = events.find(({ data }) => data.job_id === id)
  if (event === undefined) throw new Error(`no event of job ${id} waits`)
  await expandJob(tx, event, { id, sources, isMerged: false })
}

function expanded([path, layer, name, fate]: Cast): ExpandedSource {
  const source_id = `blob of ${path}`
  const place = { source_path: path, source_id, layer, name }
  if (fate.is === 'bad file') return { ...place, problem: 'source-invalid', detail: fate.detail }
  const task = {
    set_id: null,
    name: path,
    layer,
    layersource: name,
    file_id: source_id,
    commit_sha: COMMIT,
    content_b64: 'e30=',
    render_preview: false,
    rerun: fate.is !== 'reused',
  }
  return { ...place, task }
}

async function perform(
  sql: Sql,
  fate: Extract<Fate, { is: 'running' | 'good' | 'failed' | 'skipped' }>,
  startedAt: Date,
): Promise<void> {
  const begunAt = later(startedAt, 3)
  if ('isSecond' in fate)
    await at(sql, begunAt, async (tx) => giveUp(tx, await taken(tx), { why: 'its worker was told to stop' }))
  const claimed = await at(sql, begunAt, taken)
  if (fate.is === 'running') {
    const { progress } = fate
    if (progress !== undefined) await at(sql, begunAt, (tx) => tellProgress(tx, claimed.runId, progress))
    return
  }
  const endedAt = later(begunAt, fate.is === 'skipped' ? 0.1 : fate.seconds)
  await at(sql, endedAt, async (tx) => {
    await handIn(tx, claimed, handedIn(fate))
    for (const item of await claim(tx, 'done', { worker: 'dequeuer', n: 10 })) await settleDone(tx, item)
  })
}

function handedIn(fate: Extract<Fate, { is: 'good' | 'failed' | 'skipped' }>): HandedIn {
  const nothing: HandedIn = { ok: true, problem: null, state: null, sample: null, result: null }
  if (fate.is === 'good') return { ...nothing, ...fate.details }
  if (fate.is === 'failed')
    return { ...nothing, ok: false, problem: { code: fate.problem, detail: fate.detail } }
  const state = { skipped: true } as RunState
  return { ...nothing, state, problem: { code: 'skipped', detail: fate.detail } }
}

async function taken(tx: ISql): Promise<Claimed> {
  const claimed = await take(tx)
  if (claimed === undefined) throw new Error('no task waits; what waits must come last')
  return claimed
}

function take(tx: ISql): Promise<Claimed | undefined> {
  return claimRun(tx, CLAIM)
}

async function giveUp(tx: ISql, claimed: Claimed, { why }: { readonly why: string }): Promise<void> {
  await giveBack(tx, claimed, why)
}
