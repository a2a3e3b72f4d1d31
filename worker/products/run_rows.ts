/**
 * The rows of a run, out of its `out.geojson.gz`: fetched to the disk with patience, held to what the run
 * left, then read as a stream.
 *
 * One file at a time is on the disk. It is fetched whole before a row is used, because a connection that
 * breaks in the middle could not be taken up again inside of an archive that is already on its way.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import type { OutFeature } from '../../shared/row.ts'
import { ProductError } from '../../shared/product_problem.ts'
import type { Storage } from '../io/storage.ts'
import type { ProductSource } from './product_source.ts'
import { relief } from './relief.ts'

/** A fetch is tried so often; the storage client has its own tries below that. */
const TRIES = 3

/** Before the second try; twice as long before the third. */
const RETRY_PAUSE_MS = 1_000

/** Text that is unpacked at once. */
const PIECE_BYTES = 256 * 1024

/** A row as it stands in the file, and what it says. */
export interface RunRow {
  readonly line: string
  readonly feature: OutFeature
}

export interface RowsOptions {
  readonly storage: Storage
  /** Where the file may lie for a while. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly retryPauseMs?: number
}

/**
 * All rows of a run, in groups.
 *
 * @throws {ProductError} when the file is not there, not what the run left, or has another number of rows
 */
export async function* runRows(
  source: ProductSource,
  options: RowsOptions,
): AsyncGenerator<readonly RunRow[]> {
  const path = join(options.folder, `run-${source.runId}.geojson.gz`)
  try {
    await fetchPatiently(source, path, options)
    const relieve = relief()
    let count = 0
    for await (const rows of unpacked(source, path)) {
      options.signal.throwIfAborted()
      count += rows.length
      yield rows
      relieve(rows.length)
    }
    if (count !== source.rows)
      throw new ProductError('rows-differ', `${source.key} has ${count}, and the run counted ${source.rows}`)
  } finally {
    await rm(path, { force: true })
  }
}

async function fetchPatiently(source: ProductSource, path: string, options: RowsOptions): Promise<void> {
  const { retryPauseMs = RETRY_PAUSE_MS, signal } = options
  for (let tried = 1; ; tried += 1) {
    try {
      return await fetchOnce(source, path, options)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ProductError || tried === TRIES) throw unreadable(source, error)
      await pause(retryPauseMs * 2 ** (tried - 1), undefined, { signal })
    }
  }
}

async function fetchOnce(
  source: ProductSource,
  path: string,
  { storage, signal }: RowsOptions,
): Promise<void> {
  const found = await storage.get(source.key)
  if (found === undefined) throw new ProductError('run-file-missing', source.key)
  const hash = createHash('sha256')
  const file = await open(path, 'w')
  let bytes = 0
  try {
    for await (const chunk of found.body as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      hash.update(chunk)
      bytes += chunk.length
      await file.writeFile(chunk)
    }
  } finally {
    found.body.destroy()
    await file.close()
  }
  if (source.bytes !== null && bytes !== source.bytes)
    throw new ProductError(
      'run-file-damaged',
      `${source.key} has ${bytes} bytes, and the run left ${source.bytes}`,
    )
  if (source.sha256 !== null && hash.digest('hex') !== source.sha256)
    throw new ProductError('run-file-damaged', `${source.key} has another SHA-256 than what the run left`)
}

async function* unpacked(source: ProductSource, path: string): AsyncGenerator<RunRow[]> {
  const packed = createReadStream(path)
  const text = createGunzip({ chunkSize: PIECE_BYTES })
  packed.on('error', (error) => text.destroy(error)).pipe(text)
  text.setEncoding('utf8')
  let rest = ''
  try {
    for await (const piece of text as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      yield rowsOf(lines)
    }
    yield rowsOf([rest])
  } catch (error) {
    throw unreadable(source, error)
  } finally {
    packed.destroy()
    text.destroy()
  }
}

function rowsOf(lines: readonly string[]): RunRow[] {
  return lines
    .filter((line) => line !== '')
    .map((line) => ({ line, feature: JSON.parse(line) as OutFeature }))
}

function unreadable({ key }: ProductSource, error: unknown): Error {
  if (error instanceof ProductError || (error as Error).name === 'AbortError') return error as Error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') return new ProductError('disk-full', `while fetching ${key}`)
  // A file that does not unpack or parse is broken for good; anything else may pass.
  const isBroken = error instanceof SyntaxError || String(code).startsWith('Z_')
  return new ProductError(
    isBroken ? 'run-file-damaged' : 'run-file-unreadable',
    `${key}: ${(error as Error).message}`,
    {
      cause: error,
    },
  )
}
