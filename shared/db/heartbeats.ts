/** Heartbeats: workers as people and metrics see them. */
import type { ISql } from './sql.ts'

/** From the queue into the table. Gives how many were taken. */
export async function takeHeartbeats(sql: ISql): Promise<number> {
  const [row] = await sql<[{ taken: number }]>`select machine.take_heartbeats() as taken`
  return row.taken
}

/** The five numbers of the original, under its names. */
export interface QueueMetrics {
  readonly 'tasks queue': number
  readonly 'done queue': number
  readonly 'due queue': number
  readonly 'expected results': number
  readonly 'active workers': number
}

/** The numbers now. */
export async function readMetrics(sql: ISql): Promise<QueueMetrics> {
  const [row] = await sql<[QueueMetrics]>`
    select "tasks queue", "done queue", "due queue", "expected results", "active workers"
    from reports.queue_metrics`
  return row
}
