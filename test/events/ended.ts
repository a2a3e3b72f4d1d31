/** The end of a job in scenarios: every task of it is taken and handed in, without any work. */
import { claimRun, settleDone, handIn } from '../../shared/db/runs.ts'
import { claim } from '../../shared/db/queue.ts'
import type { ProblemCode } from '../../shared/problem.ts'
import type { Ground } from './ground.ts'

const LIMITS = { leaseSeconds: 60, timeoutSeconds: 3_600, laneMax: 32_767, reuseDays: 0 }

/** One after the other: whoever claims takes what comes first, whosever it is. */
let turn: Promise<unknown> = Promise.resolve()

/** Work through what a job has in the queue: good, or failed where a file has a problem. */
export function endJob(
  ground: Ground,
  jobId: string,
  problems: Readonly<Record<string, ProblemCode>> = {},
): Promise<void> {
  const ended = turn.then(() => workThrough(ground, jobId, problems))
  turn = ended.catch(() => {})
  return ended
}

async function workThrough(
  { db: { sql } }: Ground,
  jobId: string,
  problems: Readonly<Record<string, ProblemCode>>,
): Promise<void> {
  await sql`update queue.items set lane = 0 where q_name = 'tasks' and data->>'job_id' = ${jobId}`
  const [open] = await sql<[{ count: number }]>`
    select count(*)::int from queue.items where q_name = 'tasks' and data->>'job_id' = ${jobId}`
  for (let i = 0; i < open.count; i++) {
    const claimed = await claimRun(sql, { worker: 'test', version: 'test', ...LIMITS, laneMax: 0 })
    if (claimed === undefined) throw new Error(`no task of job ${jobId} is there`)
    const code = problems[claimed.task.name]
    await handIn(sql, claimed, {
      ok: code === undefined,
      problem: code === undefined ? null : { code, detail: 'in a test' },
      // A held run keeps what it made, for people to look at.
      state: isFailed(code) ? null : ({ source: claimed.task.name } as never),
      sample: null,
      result: null,
    })
  }
  for (const item of await claim(sql, 'done', { worker: 'test', n: 100 })) await settleDone(sql, item)
}

function isFailed(code: ProblemCode | undefined): boolean {
  return code !== undefined && code !== 'regression-held'
}
