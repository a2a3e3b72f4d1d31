/** Products: files that the world downloads, made one by one and published together with their manifest. */
import type { Region, LicenseAttr } from '../collection.ts'
import type { ISql } from './sql.ts'

/** What is published: each is a family of files that change together. */
export type ProductName = 'collections' | 'tiles'

/** A file that is in storage. */
export interface NewProduct {
  readonly product: ProductName
  /** The same in each edition. */
  readonly name: string
  readonly edition: string
  readonly key: string
  readonly url: string
  readonly bytes: number
  readonly sha256: string
  readonly rows: number | null
  readonly sources: number | null
  readonly region: Region | null
  readonly license: LicenseAttr | null
  /** When the newest run in it settled. */
  readonly dataDate: Date | null
  /** Digest of what it is made of. */
  readonly madeFrom: string
}

/** A file that is known to the database. */
export interface Product extends NewProduct {
  readonly id: string
  readonly madeAt: Date
  readonly isCurrent: boolean
}

/** A manifest that is in storage and not published yet. */
export interface NewManifest {
  readonly edition: string
  readonly key: string
  readonly url: string
  readonly sha256: string
  readonly document: string
}

/** The manifest that is current. */
export interface CurrentManifest extends NewManifest {
  readonly id: string
  readonly madeAt: Date
}

/** Remember files that are in storage; they are not offered before they are published. Gives their ids, in order. */
export async function recordProducts(sql: ISql, files: readonly NewProduct[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into products (product, name, edition, key, url, bytes, sha256, rows, sources, region, license, data_date, made_from)
    select product, name, edition, key, url, bytes, sha256, rows, sources, region, license, "dataDate", "madeFrom"
    from jsonb_to_recordset(${sql.json(files as never)}) as f (
      product text, name text, edition text, key text, url text, bytes bigint, sha256 text, rows bigint, sources int,
      region text, license text, "dataDate" timestamptz, "madeFrom" text)
    returning id`
  return rows.map(({ id }) => id)
}

/** The newest file of that name that is made of the same: published, or left by a command that was killed. */
export async function readMade(
  sql: ISql,
  { product, name, madeFrom }: Pick<NewProduct, 'product' | 'name' | 'madeFrom'>,
): Promise<Product | undefined> {
  const [found] = await sql<Product[]>`
    ${products(sql)}
    where product = ${product} and name = ${name} and made_from = ${madeFrom}
    order by id desc
    limit 1`
  return found
}

/** Files that are offered now: of one product, or of all. In the order of their names. */
export async function readCurrentProducts(sql: ISql, product?: ProductName): Promise<Product[]> {
  return sql<Product[]>`
    ${products(sql)}
    where is_current and (${product ?? null}::text is null or product = ${product ?? null})
    order by product, name`
}

/** One file that is offered now. */
export async function readCurrentProduct(
  sql: ISql,
  product: ProductName,
  name: string,
): Promise<Product | undefined> {
  const [found] = await sql<Product[]>`
    ${products(sql)}
    where is_current and product = ${product} and name = ${name}`
  return found
}

/** The manifest that is current; undefined before the first. */
export async function readCurrentManifest(sql: ISql): Promise<CurrentManifest | undefined> {
  const [found] = await sql<CurrentManifest[]>`
    select id, edition, key, url, sha256, document, made_at as "madeAt"
    from manifests
    where is_current`
  return found
}

/** What becomes of the files of a product. */
export interface Publication {
  /** Id of the manifest that was current when the new one was made; absent where there was none. */
  readonly seen: string | undefined
  readonly product: ProductName
  /** Ids of files that become current. */
  readonly ids: readonly string[]
  /** Names that are offered no longer. */
  readonly withdrawn: readonly string[]
  readonly manifest: NewManifest
}

/** Publish, all at once. False when somebody else has published meanwhile: then nothing was done. */
export async function publishProducts(sql: ISql, publication: Publication): Promise<boolean> {
  const { seen = '0', product, ids, withdrawn, manifest } = publication
  const [row] = await sql<[{ id: string | null }]>`
    select machine.publish_products(
      ${seen}, ${product}, ${sql.json([...ids])}, ${sql.json([...withdrawn])}, ${sql.json({ ...manifest })}) as id`
  return row.id !== null
}

/** Numbers of 64 bits come as text; these are exact as numbers of JavaScript. */
function products(sql: ISql) {
  return sql`
    select id, product, name, edition, key, url, bytes::float8 as bytes, sha256, rows::float8 as rows, sources, region,
      license, data_date as "dataDate", made_from as "madeFrom", made_at as "madeAt", is_current as "isCurrent"
    from products`
}
