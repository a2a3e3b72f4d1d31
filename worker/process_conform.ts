/** From a file of data to the outputs of a run: rows flow through, a batch at a time. */
import type { Conformer } from '../shared/conform/conform.ts'
import { watchPatterns } from '../shared/conform/regexp_watch.ts'
import { attributesOf } from '../shared/layer.ts'
import type { Feature } from '../shared/row.ts'
import type { Conform, DataSource } from '../shared/source.ts'
import type { Cache } from './download/cache.ts'
import { diskError } from './download/disk.ts'
import { type CellBatch, featureAt } from './formats/cells.ts'
import { readCells } from './formats/read_cells.ts'
import { named } from './formats/reading.ts'
import type { Outputs } from './outputs/outputs.ts'
import { SAMPLE_ROWS_MAX } from './outputs/sample.ts'
import { type BadRows, countBad, newTally, type Tally } from './outputs/tally.ts'
import { cellStep } from './process_cells.ts'
import { assertAllRead } from './process_counting.ts'
import { closeRunOutputs, openRunOutputs } from './process_outputs.ts'
import { openRunQuality, type RunQuality } from './process_quality.ts'
import type { Run } from './process_run.ts'
import { assertUsable } from './process_verdict.ts'

/** Four times a second looks alive and costs nothing. */
const TELL_PAUSE_MS = 250

export interface ConformTask {
  readonly data: DataSource
  readonly conform: Conform
  readonly conformer: Conformer
  readonly cache: Cache
  /** The file to read. */
  readonly path: string
}

/**
 * Read, conform and write all rows.
 *
 * @throws {SourceError} when the data is not what the source says, or nothing usable comes out; then no output is left
 */
export async function conformData(run: Run, task: ConformTask): Promise<void> {
  const { options } = run
  watchPatterns(() => performance.now())
  const outputs = await openRunOutputs(run, task.data, task.path)
  const quality = await openRunQuality(run, task.data)
  try {
    const tally = await writeRows(run, task, { outputs, quality })
    options.tell({ stage: 'outputs', rows: tally.written })
    await closeRunOutputs(run, outputs)
  } catch (error) {
    await outputs.abandon()
    quality.abandon()
    run.artifacts.length = 0
    throw diskError(error, 'the outputs')
  }
}

async function writeRows(
  run: Run,
  { conform, conformer, cache, path }: ConformTask,
  { outputs, quality }: { readonly outputs: Outputs; readonly quality: RunQuality },
): Promise<Tally> {
  const { options, log, sampler } = run
  const tally = newTally(attributesOf(conformer.layer))
  run.tally = tally
  const step = { conformer, conform, fingerprint: cache.fingerprint, isEsri: cache.isEsri, tally }
  const tell = rowTeller(run, tally)
  let columns: readonly string[] | undefined

  const { signal } = options
  const reading = {
    path,
    conform,
    isEsri: cache.isEsri,
    log: log.line,
    signal,
    onBadRow: badRowCounter(tally),
  }
  const conformed = cellStep(step)
  for await (const batch of readCells(reading)) {
    options.signal.throwIfAborted()
    tally.read += batch.count
    const first = firstFeatures(batch)
    sampler.see(first)
    columns ??= lookAtColumns(run, conformer, Object.keys(first[0]?.row ?? {}))
    const lines = conformed(batch)
    quality.see(lines)
    await outputs.writeLines(lines)
    tell()
  }
  logRows(run, tally)
  // Before it is judged: who has to mend the source reads it too.
  if (tally.written > 0) quality.finish()
  assertAllRead(cache.rows, tally.read)
  assertUsable(tally, columns ?? [])
  return tally
}

/** As many as a sample shows. */
function firstFeatures(batch: CellBatch): Feature[] {
  return Array.from({ length: Math.min(batch.count, SAMPLE_ROWS_MAX) }, (_, row) => featureAt(batch, row))
}

function badRowCounter(tally: Tally) {
  return (reason: string, example: string, fate: 'dropped' | 'displaced'): void => {
    if (fate === 'dropped') tally.read += 1
    countBad(tally[fate], reason, example)
  }
}

/** The columns of the first row; those that the conform wants and does not get are told. */
function lookAtColumns({ log }: Run, conformer: Conformer, columns: readonly string[]): readonly string[] {
  log.line(`columns: ${named(columns)}`)
  const missing = conformer.columns.filter((column) => !columns.includes(column))
  for (const column of missing) log.line(`the conform names a column "${column}" that the data does not have`)
  return columns
}

function logRows({ log }: Run, tally: Tally): void {
  log.line(`read ${tally.read} rows, conformed ${tally.written}, ${tally.placed} of them with a place`)
  const say = (kinds: ReadonlyMap<string, BadRows>, fate: string) => {
    for (const [reason, { count, example }] of kinds)
      log.line(`${fate} ${count} rows: each ${reason}; such as ${example}`)
  }
  say(tally.dropped, 'dropped')
  say(tally.displaced, 'kept without a place')
  if (tally.outside.count > 0)
    log.line(`${tally.outside.count} rows are not on the globe, such as at ${tally.outside.example}`)
}

function rowTeller({ options: { tell } }: Run, tally: Tally): () => void {
  const began = performance.now()
  let told = began
  tell({ stage: 'conform', rows: 0 })
  return () => {
    const now = performance.now()
    if (now - told < TELL_PAUSE_MS) return
    told = now
    tell({
      stage: 'conform',
      rows: tally.written,
      rowsPerSecond: Math.round(tally.written / ((now - began) / 1000)),
    })
  }
}
