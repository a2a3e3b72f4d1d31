/**
 * What the commands that make products have in common: their options, what they reach through, how they show
 * where they stand, and how they end.
 *
 * Each ends with 0 when everything that it makes is published, with 1 when something stays as it was.
 */
import { randomBytes } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { explain, connect, type Sql } from '../shared/db/sql.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Command } from './cli.ts'
import { type Config, processEnv, readConfig } from './env.ts'
import { openStorage, type Storage } from './io/storage.ts'
import { checkPostgres } from './loops.ts'
import { readOptions, UsageError } from './options.ts'
import { sizeText } from './process_picture.ts'
import { type ProductProgress, productProgress } from './product_progress.ts'
import { type ProductReport, reportLines, trouble } from './product_report.ts'
import type { Repository } from './product_sources.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'
import { inOwnTemp } from './system/temp.ts'

/** What a product command works with. */
export interface ProductWork {
  readonly sql: Sql
  readonly storage: Storage
  readonly from: Repository
  /** For files in between; gone afterwards. */
  readonly folder: string
  /** Of everything that is made now: part of each address. */
  readonly edition: string
  readonly now: Date
  readonly signal: AbortSignal
  readonly progress: ProductProgress
  /** Say what would be done, and do nothing. */
  readonly isDry: boolean
  /** Less than what is published by more than this share is not published. */
  readonly dropMax: number
  /** Publish it nevertheless. */
  readonly acceptSmaller: boolean
  /** Names that were asked for; undefined for all. */
  readonly only: readonly string[] | undefined
}

/** Less by a fifth is a source of some weight that is gone, or a mistake; somebody should look. */
const DROP_MAX_PERCENT = 20

/** The files in between of a collection or of all tiles, for each byte of the packed rows they are made of. */
const ROOM = 1.5

/** Left free for everything else that lives on the disk. */
const RESERVE_BYTES = 64 * 1024 ** 2

/** Options that every product command has, as its help tells them. */
export const PRODUCT_OPTIONS = `  -o, --owner NAME       owner of the repository of sources (default openaddresses)
  -r, --repository NAME  its name (default openaddresses)
  --dry-run              say what would be made, and make nothing
  --drop-max PERCENT     what has fewer rows than the published one by more than this stays (default ${DROP_MAX_PERCENT})
  --accept-smaller       publish it nevertheless
  --json                 end with one line of JSON on standard output instead of a table
  --help                 this text

Where it stands is told on standard error. Killed at any moment, it leaves what was published; started again,
it takes over what was finished. Exits with 0 when all is published, 1 when something stays as it was, 2 when
it was called wrongly. Needs DATABASE_URL; files go to AWS_S3_BUCKET or STORAGE_DIR.`

/** Make a command of a deed. */
export function productCommand(
  about: Pick<Command, 'name' | 'summary' | 'usage'>,
  deed: (work: ProductWork) => Promise<ProductReport>,
): Command {
  return {
    ...about,
    async run(argv) {
      const options = readProductOptions(argv)
      const config = readConfig(processEnv(), ['DATABASE_URL'])
      await checkPostgres(config.databaseUrl)
      const stop = stopSignal(false)
      const progress = productProgress(process.stderr, () => performance.now())
      try {
        const report = await perform(about.name, deed, { config, options, signal: stop.signal, progress })
        progress.clear()
        process.stdout.write(
          options.json ? `${JSON.stringify(report)}\n` : `${reportLines(report).join('\n')}\n`,
        )
        return report.problems.length === 0 ? 0 : 1
      } catch (error) {
        progress.clear()
        if (stop.signal.aborted) return exitCode(stop.signal)
        throw error
      } finally {
        stop.release()
      }
    },
  }
}

type Options = ReturnType<typeof readProductOptions>

async function perform(
  name: string,
  deed: (work: ProductWork) => Promise<ProductReport>,
  given: {
    readonly config: Config
    readonly options: Options
    readonly signal: AbortSignal
    readonly progress: ProductProgress
  },
): Promise<ProductReport> {
  const { config, options, signal, progress } = given
  const sql = connect(config.databaseUrl, { max: 2, name: `machine ${name}` })
  const now = new Date()
  try {
    return await inOwnTemp(name, (folder) =>
      deed({
        sql,
        storage: openStorage(config),
        from: { owner: options.owner, repository: options.repository },
        folder,
        edition: editionOf(now),
        now,
        signal,
        progress,
        isDry: options['dry-run'],
        dropMax: options.dropMax,
        acceptSmaller: options['accept-smaller'],
        only: options.only?.split(',').map((one) => one.trim()),
      }),
    )
  } catch (error) {
    if (error instanceof ProductError)
      return { products: [], problems: [trouble(name, error)], manifest: null }
    if (error instanceof Error && error.name === 'PostgresError') {
      throw new Error(explain(error, config.databaseUrl), { cause: error })
    }
    throw error
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/** `2026-10-02T183000Z-5f3a91`: sorts by time; the random part keeps two that start at once apart. */
export function editionOf(now: Date): string {
  return `${now.toISOString().slice(0, 19).replaceAll(':', '')}Z-${randomBytes(3).toString('hex')}`
}

/** @throws {ProductError} `disk-full` when the files in between do not fit */
export async function assertRoom(folder: string, packedBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = Number(bavail) * Number(bsize)
  const wanted = packedBytes * ROOM + RESERVE_BYTES
  if (wanted <= free) return
  throw new ProductError(
    'disk-full',
    `${sizeText(wanted)} are needed in ${tmpdir()}, and ${sizeText(free)} are free`,
  )
}

/** Whether there is too much less than in what is published. */
export function isFarSmaller(
  rows: number,
  published: number | null,
  { dropMax, acceptSmaller }: ProductWork,
): boolean {
  return !acceptSmaller && published !== null && rows < published * (1 - dropMax)
}

function readProductOptions(argv: readonly string[]) {
  const options = readOptions(argv.map(longName), {
    owner: { type: 'string', default: 'openaddresses' },
    repository: { type: 'string', default: 'openaddresses' },
    only: { type: 'string' },
    'drop-max': { type: 'string', default: String(DROP_MAX_PERCENT) },
    'accept-smaller': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const percent = Number(options['drop-max'])
  if (!(percent >= 0 && percent <= 100))
    throw new UsageError(`--drop-max: expected a percentage from 0 to 100, got "${options['drop-max']}"`)
  return { ...options, dropMax: percent / 100 }
}

/** The original's short names. */
function longName(word: string): string {
  return { '-o': '--owner', '-r': '--repository' }[word] ?? word
}
