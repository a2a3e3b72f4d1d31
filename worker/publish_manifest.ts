/**
 * Publishing: files that are in storage become current together with the manifest that lists them.
 *
 * The manifest goes to storage first, under an address of its own; then one statement makes everything
 * current, or nothing when somebody else has published meanwhile: then it is made anew. Last of all the
 * pointer in storage is set, for those who read the bucket and not the pages; it only ever names a manifest
 * that was published whole.
 */
import {
  type NewProduct,
  type Product,
  type ProductName,
  publishProducts,
  readCurrentManifest,
  readCurrentProducts,
} from '../shared/db/products.ts'
import { manifestOf } from '../shared/manifest.ts'
import { editionOf, PRODUCT_OPTIONS, productCommand, type ProductWork } from './product_command.ts'
import type { ProductReport } from './product_report.ts'
import { readManifestSources } from './product_sources.ts'
import { storedFile } from './products/stored_file.ts'
import type { Stored } from './io/storage.ts'

/** Where the pointer is in storage. */
const LATEST = 'manifests/latest.json'

/** The pointer changes under one address: whoever has it asks again. */
const ASK_AGAIN = 'no-cache'

/** Others publish seldom; so many in a row is a fault. */
const TRIES = 10

/** What becomes of a product. */
export interface Change {
  readonly product: ProductName
  /** Files that become current. */
  readonly files: readonly Product[]
  /** Names that are offered no longer. */
  readonly withdrawn: readonly string[]
}

/** Publish. @returns the address of the manifest */
export async function publish(work: ProductWork, change: Change): Promise<string> {
  const { sql, storage } = work
  for (let tried = 0; tried < TRIES; tried += 1) {
    const seen = await readCurrentManifest(sql)
    const files = after(await readCurrentProducts(sql), change)
    const edition = editionOf(work.now)
    const manifest = manifestOf(files, {
      edition,
      made_at: work.now.toISOString(),
      previous: seen?.url ?? null,
      sources: await readManifestSources(sql, work.from, storage),
    })
    const document = `${JSON.stringify(manifest, null, 1)}\n`
    const key = `manifests/${edition}.json`
    const stored = await putText(work, key, document)
    work.signal.throwIfAborted()
    const isDone = await publishProducts(sql, {
      seen: seen?.id,
      product: change.product,
      ids: change.files.map(({ id }) => id),
      withdrawn: change.withdrawn,
      manifest: { edition, key, url: stored.url, sha256: stored.sha256, document },
    })
    if (!isDone) continue
    await point(work)
    return stored.url
  }
  throw new Error(`others have published ${TRIES} times meanwhile: run this command again`)
}

/** Set the pointer to what is current; once more when that has changed meanwhile. */
async function point(work: ProductWork): Promise<void> {
  for (let pointed: string | undefined; ; ) {
    const current = await readCurrentManifest(work.sql)
    if (current === undefined || current.edition === pointed) return
    const { edition, url, sha256 } = current
    await putText(work, LATEST, `${JSON.stringify({ edition, url, sha256 })}\n`, ASK_AGAIN)
    pointed = edition
  }
}

/** A text that goes to storage. */
export async function putText(
  { storage }: Pick<ProductWork, 'storage'>,
  key: string,
  text: string,
  cacheControl?: string,
): Promise<Stored> {
  const file = storedFile(storage, key, {
    type: 'application/json',
    ...(cacheControl === undefined ? {} : { cacheControl }),
  })
  await file.write(text)
  return file.close()
}

/** What is current after a change. */
function after(current: readonly Product[], { product, files, withdrawn }: Change): Product[] {
  const gone = new Set([...withdrawn, ...files.map(({ name }) => name)])
  const stays = current.filter((file) => file.product !== product || !gone.has(file.name))
  return [...stays, ...files].sort((a, b) => compare(a.product, b.product) || compare(a.name, b.name))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A file that was just recorded, as the database has it. */
export function recorded(file: NewProduct, id: string, madeAt: Date): Product {
  return { ...file, id, madeAt, isCurrent: false }
}

export const publishManifestCommand = productCommand(
  {
    name: 'publish-manifest',
    summary: 'Publish the manifest of everything that can be downloaded',
    usage: `Usage: machine publish-manifest [options]

Makes the manifest anew of the products that are published and of the current run of each data source, and
publishes it. The commands that make products do so by themselves; between them, this tells of new runs.

${PRODUCT_OPTIONS}`,
  },
  publishManifest,
)

/** Publish the manifest anew, and nothing else. */
export async function publishManifest(work: ProductWork): Promise<ProductReport> {
  if (work.isDry) return { products: [], problems: [], manifest: null }
  const manifest = await publish(work, { product: 'collections', files: [], withdrawn: [] })
  return { products: [], problems: [], manifest }
}
