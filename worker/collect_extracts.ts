/**
 * `machine collect-extracts`: the nine regions, each in two licences, as zips and as GeoParquet.
 *
 * Every file goes to an address of its own and is remembered when it is there; at the end all of them become
 * current in one statement. A collection of which anything is missing stays as it was, and the others are
 * published. A collection that is made of the same runs as a file that is there already is not made again,
 * so a command that was killed goes on where it was.
 */
import { type Collection, COLLECTIONS, collectionName, isCollected } from '../shared/collection.ts'
import {
  type NewProduct,
  type Product,
  readCurrentProducts,
  readMade,
  recordProducts,
} from '../shared/db/products.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Command } from './cli.ts'
import type { Storage, Stored } from './io/storage.ts'
import { UsageError } from './options.ts'
import {
  assertRoom,
  isFarSmaller,
  PRODUCT_OPTIONS,
  productCommand,
  type ProductWork,
} from './product_command.ts'
import { type ProductLine, type ProductReport, type ProductTrouble, trouble } from './product_report.ts'
import { readAddressSources } from './product_sources.ts'
import { COLLECT_WAY, collect } from './products/collect.ts'
import { madeFrom, newestDate, type ProductSource } from './products/product_source.ts'
import { publish, recorded } from './publish_manifest.ts'

/** The three files of a collection, by what is added to its name. */
const ENDINGS = { zip: '.zip', parquet: '.parquet', license: '-LICENSE.txt' } as const

/** One collection to be made. */
interface Plan {
  readonly collection: Collection
  readonly name: string
  readonly sources: readonly ProductSource[]
  readonly rows: number
  readonly madeFrom: string
  /** Rows of the one that is published; null where there is none. */
  readonly publishedRows: number | null
}

/** What became of one. */
interface Outcome {
  readonly line?: ProductLine
  readonly problem?: ProductTrouble
  readonly files: readonly Product[]
  /** Names of files that are offered no longer. */
  readonly withdrawn: readonly string[]
}

export const collectExtractsCommand: Command = productCommand(
  {
    name: 'collect-extracts',
    summary: 'Publish the collections: nine regions, two licences, as zips and as GeoParquet',
    usage: `Usage: machine collect-extracts [options]

Makes the collections of the current run of each address source, and publishes those that are complete. One
that lacks a file or a row of any run, or that is far smaller than the published one, stays as it was.

  --only NAMES           some of them, such as europe,us_west-sa
${PRODUCT_OPTIONS}`,
  },
  collectExtracts,
)

/** Make and publish the collections. */
export async function collectExtracts(work: ProductWork): Promise<ProductReport> {
  const plans = await planAll(work)
  if (work.isDry) return { products: plans.map(planned), problems: [], manifest: null }

  const outcomes: Outcome[] = []
  for (const plan of plans) {
    work.signal.throwIfAborted()
    outcomes.push(await attempt(work, plan))
  }
  const files = outcomes.flatMap(({ files }) => files)
  const withdrawn = outcomes.flatMap(({ withdrawn }) => withdrawn)
  const isNothing = files.every(({ isCurrent }) => isCurrent) && withdrawn.length === 0
  return {
    products: outcomes.flatMap(({ line }) => line ?? []),
    problems: outcomes.flatMap(({ problem }) => problem ?? []),
    manifest: isNothing ? null : await publish(work, { product: 'collections', files, withdrawn }),
  }
}

async function planAll({ sql, from, only }: ProductWork): Promise<Plan[]> {
  const sources = await readAddressSources(sql, from)
  if (sources.length === 0)
    throw new ProductError(
      'nothing-to-publish',
      `${from.owner}/${from.repository} has no current address source`,
    )
  const published = new Map((await readCurrentProducts(sql, 'collections')).map((file) => [file.name, file]))
  return wanted(only).map((collection) => {
    const own = sources.filter((source) => isCollected(collection, termsOf(source)))
    const name = collectionName(collection)
    return {
      collection,
      name,
      sources: own,
      rows: own.reduce((sum, { rows }) => sum + rows, 0),
      madeFrom: madeFrom(`${COLLECT_WAY} ${name}`, own),
      publishedRows: published.get(`${name}${ENDINGS.zip}`)?.rows ?? null,
    }
  })
}

/** As the noun wants them. */
function termsOf({ sourcePath, license }: ProductSource) {
  return { sourcePath, state: { 'share-alike': license.shareAlike === true ? 'true' : '' } as const }
}

function wanted(only: readonly string[] | undefined): readonly Collection[] {
  if (only === undefined) return COLLECTIONS
  const byName = new Map(
    COLLECTIONS.map((one) => [collectionName(one).replace('openaddr-collected-', ''), one] as const),
  )
  return only.map((name) => {
    const found = byName.get(name)
    if (found === undefined)
      throw new UsageError(
        `--only: there is no collection "${name}"; there are ${[...byName.keys()].join(', ')}`,
      )
    return found
  })
}

/** Make one, or say why it stays as it was. What is wrong with this house goes on up. */
async function attempt(work: ProductWork, plan: Plan): Promise<Outcome> {
  const { name, sources, publishedRows } = plan
  try {
    if (isFarSmaller(plan.rows, publishedRows, work)) throw farSmaller(plan, plan.rows)
    if (sources.length === 0) return empty(plan)
    const old = await alreadyMade(work, plan)
    const files = old ?? (await make(work, plan))
    const rows = files[0]?.rows ?? 0
    // Rows without a place are known of only now.
    if (isFarSmaller(rows, publishedRows, work)) throw farSmaller(plan, rows)
    const state = files.every(({ isCurrent }) => isCurrent) ? 'unchanged' : 'published'
    const [zip] = files
    const line = {
      name,
      state,
      sources: sources.length,
      rows,
      ...(zip && { bytes: zip.bytes, url: zip.url }),
    } as const
    return { line, files, withdrawn: [] }
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
    work.progress.line(`${name} stays as it was: ${error.message}`)
    return { problem: trouble(name, error), files: [], withdrawn: [] }
  }
}

function farSmaller({ publishedRows }: Plan, rows: number): ProductError {
  return new ProductError('far-smaller', `${rows} rows, and ${publishedRows} are published`)
}

/** No source is left: whoever has accepted that takes the published one away. */
function empty({ name, publishedRows }: Plan): Outcome {
  const line = { name, state: 'empty', sources: 0, rows: 0 } as const
  return { line, files: [], withdrawn: publishedRows === null ? [] : namesOf(name) }
}

function planned({ name, sources, rows }: Plan): ProductLine {
  return { name, state: sources.length === 0 ? 'empty' : 'planned', sources: sources.length, rows }
}

/** The files of the same content, when all of them are there: published, or left by a command that was killed. */
async function alreadyMade(
  { sql, storage }: ProductWork,
  { name, madeFrom }: Plan,
): Promise<Product[] | undefined> {
  const files: Product[] = []
  for (const file of namesOf(name)) {
    const made = await readMade(sql, { product: 'collections', name: file, madeFrom })
    if (made === undefined || !(await isKept(storage, made))) return undefined
    files.push(made)
  }
  return files
}

async function isKept(storage: Storage, { key, bytes }: Product): Promise<boolean> {
  const found = await storage.get(key)
  found?.body.destroy()
  return found?.bytes === bytes
}

async function make(work: ProductWork, plan: Plan): Promise<Product[]> {
  const { sql, storage, edition, folder, now, signal, progress, from } = work
  const key = (ending: string) => `collections/${edition}/${plan.name}${ending}`
  await assertRoom(
    folder,
    plan.sources.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  )
  progress.step(plan.name, plan.rows)
  const made = await collect({
    storage,
    collection: plan.collection,
    sources: plan.sources,
    keys: { zip: key(ENDINGS.zip), parquet: key(ENDINGS.parquet), license: key(ENDINGS.license) },
    folder,
    now,
    repository: `${from.owner}/${from.repository}`,
    signal,
    tell: progress.add,
  })
  const files = [
    newProduct(work, plan, { ...made.zip, ending: ENDINGS.zip, rows: made.rows }),
    newProduct(work, plan, { ...made.parquet, ending: ENDINGS.parquet, rows: made.rows }),
    newProduct(work, plan, { ...made.license, ending: ENDINGS.license, rows: null }),
  ]
  const ids = await recordProducts(sql, files)
  return files.map((file, index) => recorded(file, ids[index]!, now))
}

function newProduct(
  { edition }: ProductWork,
  { name, collection, sources, madeFrom }: Plan,
  {
    key,
    url,
    bytes,
    sha256,
    ending,
    rows,
  }: Stored & { readonly ending: string; readonly rows: number | null },
): NewProduct {
  return {
    product: 'collections',
    name: `${name}${ending}`,
    edition,
    key,
    url,
    bytes,
    sha256,
    rows,
    sources: sources.length,
    region: collection.region,
    license: collection.license,
    dataDate: newestDate(sources),
    madeFrom,
  }
}

function namesOf(name: string): string[] {
  return Object.values(ENDINGS).map((ending) => `${name}${ending}`)
}
