/** How long a run may take: as long as the house says, or as its source asks for with `"timeout"`, in seconds. */
import { findDataSource, readSource } from '../shared/source.ts'
import type { Task } from '../shared/task.ts'

export interface Patience {
  /** Where the source does not say. */
  readonly timeoutSeconds: number
  /** Whatever the source says. */
  readonly timeoutMaxSeconds: number
}

/** The wall-clock limit of a task. A source that cannot be read, or asks for nonsense, gets the usual. */
export function timeoutOf(task: Task, { timeoutSeconds, timeoutMaxSeconds }: Patience): number {
  const asked = Number(askedBy(task))
  if (!Number.isFinite(asked) || asked <= 0) return timeoutSeconds
  return Math.min(asked, Math.max(timeoutSeconds, timeoutMaxSeconds))
}

function askedBy({ content_b64, layer, layersource }: Task): unknown {
  try {
    const text = Buffer.from(content_b64, 'base64').toString('utf8')
    return findDataSource(readSource(text), layer, layersource).entry['timeout']
  } catch {
    // The run itself says what is wrong with the file.
    return undefined
  }
}
