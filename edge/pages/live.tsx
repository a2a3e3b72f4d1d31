/**
 * `/jobs/:id/live`: a job as it changes, as server-sent events: the part of the page that moves, rendered again.
 *
 * Each viewer costs one small query a second while the job goes on, and nothing after.
 */
import type { Context } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { Doors } from '../app.ts'
import { missing } from '../app.ts'
import { idOf } from './answer.ts'
import { JobBody, type JobFacts, readJobFacts } from './job.tsx'

const LOOK_PAUSE_MS = 1_000

/** Something is said this often even when nothing changes, so that no proxy thinks the line is dead. */
const SILENT_LOOKS_MAX = 10

/** Answer with a stream of fragments; `facts` in JSON for who asks with `?as=json`. It ends when the job does. */
export async function liveJob(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const first = await readJobFacts(sql, id)
  if (first === undefined) return missing(c, `There is no job ${id}`)

  const isJson = c.req.query('as') === 'json'
  c.header('X-Accel-Buffering', 'no')
  return streamSSE(c, async (stream) => {
    let before = ''
    let silent = 0
    for (let facts: JobFacts | undefined = first; facts !== undefined && !stream.aborted; ) {
      const now = JSON.stringify(facts)
      silent = now === before ? silent + 1 : 0
      if (now !== before) await say(stream, facts, isJson)
      else if (silent % SILENT_LOOKS_MAX === 0) await stream.write(': still here\n\n')
      before = now
      if (facts.job.endedAt !== null) return void (await stream.writeSSE({ event: 'end', data: 'settled' }))
      await stream.sleep(LOOK_PAUSE_MS)
      facts = await readJobFacts(sql, id)
    }
  })
}

async function say(stream: SSEStreamingApi, facts: JobFacts, isJson: boolean): Promise<void> {
  const html = async () => `${await (<JobBody {...facts} now={new Date()} />)}`
  const data = isJson ? JSON.stringify({ ...facts.job, sources: facts.sources }) : await html()
  await stream.writeSSE({ event: 'job', data })
}
