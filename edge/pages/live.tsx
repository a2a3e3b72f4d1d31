/**
 * `/jobs/:id/live`, `/runs/:id/live`, `/sets/:id/live`: a job, a run or a set as it changes, as server-sent events: the part of the page
 * that moves, rendered again.
 *
 * Each viewer costs one or two small queries a second while it goes on, and nothing after.
 */
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Doors } from '../app.ts'
import { idOf } from './answer.ts'
import { JobBody, jobAsJson, readJobFacts } from './job.tsx'
import { missing } from './missing.tsx'
import { RunBody, readRunFacts } from './run.tsx'
import { readSetFacts, SetBody, setAsJson } from './set.tsx'

/** A change is seen after this long at most; a job of thousands is looked at less often, or it would be nothing else. */
const LOOK_PAUSE_MS = 1_000
const LOOK_PAUSE_MS_PER_SOURCE = 5

/** A set goes on for days. */
const SET_PAUSE_MS = 5_000

/** Something is said this often even when nothing changes: no proxy thinks the line is dead, and "12 seconds ago" stays true. */
const SILENT_LOOKS_MAX = 10

/** A browser that lost the line asks again after this long. */
const RETRY_MS = 2_000

/** What is watched. */
interface Watched<Facts> {
  /** Undefined when there is no such thing. */
  readonly read: () => Promise<Facts | undefined>
  readonly isOver: (facts: Facts) => boolean
  readonly pauseMs: (facts: Facts) => number
  readonly asJson: (facts: Facts) => unknown
  readonly view: (facts: Facts) => HtmlEscapedString | Promise<HtmlEscapedString>
}

/** Answer with a job as it changes; as JSON for who asks with `?as=json`. It ends when the job does. */
export async function liveJob(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const found = await live(c, {
    read: () => readJobFacts(sql, id),
    isOver: ({ job }) => job.endedAt !== null,
    pauseMs: ({ sources }) => LOOK_PAUSE_MS + sources.length * LOOK_PAUSE_MS_PER_SOURCE,
    asJson: jobAsJson,
    view: (facts) => <JobBody {...facts} now={new Date()} />,
  })
  return found ?? missing(c, `There is no job ${id}`)
}

/** Answer with a run as it changes, likewise. */
export async function liveRun(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const found = await live(c, {
    read: () => readRunFacts(sql, id),
    isOver: ({ status, abandonedAt }) => status !== null || abandonedAt !== null,
    pauseMs: () => LOOK_PAUSE_MS,
    asJson: (run) => run,
    view: (run) => <RunBody run={run} now={new Date()} />,
  })
  return found ?? missing(c, `There is no run ${id}`)
}

/** Answer with a set as it changes, likewise. */
export async function liveSet(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const only = c.req.query('problem')
  const found = await live(c, {
    read: () => readSetFacts(sql, id, only),
    isOver: ({ set }) => set.endedAt !== null,
    pauseMs: () => SET_PAUSE_MS,
    asJson: setAsJson,
    view: (facts) => <SetBody {...facts} now={new Date()} />,
  })
  return found ?? missing(c, `There is no set ${id}`)
}

async function live<Facts>(c: Context, watched: Watched<Facts>): Promise<Response | undefined> {
  const first = await watched.read()
  if (first === undefined) return undefined
  c.header('X-Accel-Buffering', 'no')
  // Nobody would read what a HEAD began, and nobody would end it.
  if (c.req.raw.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })

  const isJson = c.req.query('as') === 'json'
  const render = async (facts: Facts) =>
    isJson ? JSON.stringify(watched.asJson(facts)) : `${await watched.view(facts)}`
  return streamSSE(c, async (stream) => {
    let before = ''
    let silent = 0
    for (let facts: Facts | undefined = first; facts !== undefined && !stream.aborted; ) {
      const now = JSON.stringify(facts)
      silent = now === before ? silent + 1 : 0
      if (silent % SILENT_LOOKS_MAX === 0)
        await stream.writeSSE({ event: 'facts', data: await render(facts), retry: RETRY_MS })
      before = now
      if (watched.isOver(facts)) return void (await stream.writeSSE({ event: 'end', data: 'settled' }))

      await stream.sleep(watched.pauseMs(facts))
      // The database being away ends the stream: the browser asks again, and then gets a page's answer.
      facts = stream.aborted ? undefined : await watched.read().catch(() => undefined)
    }
  })
}
