/** For tests: a default branch with data sources, each with a good run of a set and its files in storage. */
import type { ISql, Sql } from '../shared/db/sql.ts'
import type { License } from '../shared/license.ts'
import type { OutFeature } from '../shared/row.ts'
import type { Storage } from '../worker/io/storage.ts'
import type { ProductSource } from '../worker/products/product_source.ts'
import { NO_LICENSE, writeRun } from '../worker/products/write_run.ts'

/** A data source and its data. */
export interface GivenRun {
  readonly path: string
  readonly name?: string
  readonly features: readonly OutFeature[]
  readonly license?: License
}

/** Terms that ask for more than a name. */
export const SHARE_ALIKE: License = {
  license: 'ODbL',
  attributionRequired: true,
  attributionName: 'Mairie',
  shareAlike: true,
}

/** Put runs there, as a set of openaddresses/openaddresses leaves them. Gives what products may know of each. */
export async function giveRuns(
  sql: Sql,
  storage: Storage,
  given: readonly GivenRun[],
): Promise<ProductSource[]> {
  const [set] = await sql<[{ id: number }]>`
    insert into sets (owner, repository, commit_sha) values ('openaddresses', 'openaddresses', ${'a'.repeat(40)})
    returning id`
  const sources: ProductSource[] = []
  for (const one of given) sources.push(await giveRun(sql, storage, { ...one, set: set.id }))
  await sql`
    select machine.know_source(now(), 'openaddresses', 'openaddresses', ${'a'.repeat(40)}, ${sql.json(
      given.map(({ path, name = 'city' }) => ({
        source_path: path,
        layer: 'addresses',
        name,
        source_id: 'b'.repeat(40),
      })),
    )})`
  return sources
}

async function giveRun(
  sql: ISql,
  storage: Storage,
  { path, name = 'city', features, license = NO_LICENSE, set }: GivenRun & { readonly set: number },
): Promise<ProductSource> {
  const [run] = await sql<[{ id: number }]>`
    insert into runs (source_path, source_id, layer, name, set_id, is_merged)
    values (${path}, ${'b'.repeat(40)}, 'addresses', ${name}, ${set}, true)
    returning id`
  const { source, artifacts } = await writeRun(storage, path, features, { runId: run.id, license, name })
  const processed = artifacts.find((artifact) => artifact.name.endsWith('.zip'))!.name
  const state = {
    source: path.split('/').at(-1)!,
    layer: 'addresses',
    name,
    skipped: false,
    website: source.website,
    license: license.license,
    'feat count': features.length,
    'address count': features.length,
    processed: storage.url(`runs/${run.id}/${processed}`),
    'attribution required': license.attributionRequired ? 'true' : 'false',
    'attribution name': license.attributionName,
    'share-alike': license.shareAlike === null ? '' : String(license.shareAlike),
  }
  await sql`
    update runs
    set status = true, state = ${sql.json(state)}, result = ${sql.json({ artifacts } as never)},
      datetime_tz = ${source.dataDate}
    where id = ${run.id}`
  return source
}
