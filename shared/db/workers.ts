/** The loops that are there: they say so themselves, busy or idle. */
import type { ISql } from './sql.ts'

/** The loops that announce themselves. */
export type AnnouncedLoop = 'expand' | 'reconcile' | 'work' | 'dequeue' | 'report'

/** A loop that is there. */
export interface Announced {
  readonly worker: string
  readonly loop: AnnouncedLoop
  /** How big it is; means something for `work` only. */
  readonly workerClass: number
  readonly version: string
}

/** Say that a loop is there. True when it was told to drain: to take nothing more, and to end. */
export async function announce(
  sql: ISql,
  { worker, loop, workerClass, version }: Announced,
): Promise<boolean> {
  const [row] = await sql<[{ drained: boolean }]>`
    select machine.present(${worker}, ${loop}, ${workerClass}, ${version}) as drained`
  return row.drained
}

/** A loop ends politely. */
export async function takeLeave(sql: ISql, worker: string): Promise<void> {
  await sql`select machine.leave(${worker})`
}
