/**
 * Addresses for programs: what is published, where it is, and under which name that never changes.
 *
 * Programs of other sites read these, so every answer may be read from anywhere. A name that stays leads to a
 * file that never changes: /openaddr-collected-europe.zip, /tiles/-122.3/37.8.zip.
 */
import type { Context } from 'hono'
import { readLatestSet, readProcessed, readStates } from '../shared/db/directory.ts'
import { readCurrentManifest, readCurrentProduct } from '../shared/db/products.ts'
import { readCurrentZips } from '../shared/db/zips.ts'
import { directory, licenseList, stateTable } from '../shared/directory.ts'
import { isOnEarth, tileName, tileOf } from '../shared/tile.ts'
import type { Doors } from './app.ts'
import { STRANGERS_POLICY } from './headers.ts'

/** What is current may change at any moment, and is asked for often. */
const A_MINUTE = 'public, max-age=60'

const NO_RENDERS = { world: null, europe: null, usa: null, geojson: null }

/** One part of a key: no folder above or below it, nothing hidden. */
const PART = /^(?!\.)[^/\\\0]{1,255}$/

/** `/index.json` */
export async function indexJson(c: Context, { sql, baseUrl }: Doors): Promise<Response> {
  const [zips, set] = await Promise.all([readCurrentZips(sql), readLatestSet(sql)])
  return open(c).json(directory(baseUrl, zips, set?.renders ?? NO_RENDERS))
}

/** `/state.txt`, of addresses unless another layer is asked for. */
export async function stateTxt(c: Context, { sql }: Doors): Promise<Response> {
  const table = stateTable(await readStates(sql, c.req.query('layer') ?? 'addresses'))
  return open(c).text(table, 200, { 'Content-Type': 'text/plain; charset=utf-8' })
}

/** `/latest/licenses.json` */
export async function licensesJson(c: Context, { sql }: Doors): Promise<Response> {
  return open(c).json(licenseList(await readStates(sql, c.req.query('layer') ?? 'addresses')))
}

/** `/manifest.json`: the very bytes whose checksum was published. */
export async function manifestJson(c: Context, { sql }: Doors): Promise<Response> {
  const manifest = await readCurrentManifest(sql)
  if (manifest === undefined) return nothing(c, 'nothing is published yet')
  return open(c).body(manifest.document, 200, { 'Content-Type': 'application/json' })
}

/** `/latest/set` */
export async function latestSet(c: Context, { sql }: Doors): Promise<Response> {
  const set = await readLatestSet(sql)
  return set === undefined ? nothing(c, 'no set has ended yet') : open(c).redirect(`/sets/${set.id}/`)
}

/** `/latest/run/us/ca/berkeley.zip` */
export async function latestRun(c: Context, { sql }: Doors): Promise<Response> {
  const source = c.req.path.slice('/latest/run/'.length).replace(/\.zip$/, '')
  const path = `sources/${decoded(source)}.json`
  const url = await readProcessed(sql, path)
  return url === undefined ? nothing(c, `${path} has no processed zip`) : open(c).redirect(url)
}

/** `/openaddr-collected-europe-sa.zip` and `.parquet`: the collection of that name that is current. */
export async function latestCollection(c: Context, { sql }: Doors): Promise<Response> {
  const name = c.req.path.slice(1)
  const file = await readCurrentProduct(sql, 'collections', name)
  return file === undefined ? nothing(c, `there is no ${name} now`) : open(c).redirect(file.url)
}

/** `/tiles/-122.27/37.81.zip`: the tile that has that place. */
export async function latestTile(c: Context, doors: Doors): Promise<Response> {
  const { lon = '', file = '' } = c.req.param()
  if (file === 'tiles.json') return storedFile(c, doors)
  const place = [lon, file.replace(/\.zip$/, '')].map((text) =>
    /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN,
  )
  const [x = Number.NaN, y = Number.NaN] = place
  if (!isOnEarth([x, y])) return nothing(c, `${lon}, ${file} is no place on Earth`)
  const name = `${tileName(tileOf(x, y))}.zip`
  const tile = await readCurrentProduct(doors.sql, 'tiles', name)
  return tile === undefined ? nothing(c, `there is no tile ${name} now`) : open(c).redirect(tile.url)
}

/** A file of an edition, from the folder or the bucket where it is kept. */
export async function storedFile(c: Context, { file }: Doors): Promise<Response> {
  const parts = c.req.path.slice(1).split('/').map(decoded)
  if (!parts.every((part) => PART.test(part))) return nothing(c, `there can be no file ${c.req.path}`)
  const found = await file(parts.join('/'), c.req.raw)
  if (found.status === 404) return nothing(c, `there is no file ${c.req.path}`)
  found.headers.set('Content-Security-Policy', STRANGERS_POLICY)
  return found
}

/** Open to programs of other sites. */
function open(c: Context): Context {
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Cache-Control', A_MINUTE)
  return c
}

function nothing(c: Context, error: string): Response {
  return open(c).json({ error }, 404)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
