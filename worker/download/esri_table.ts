/**
 * The CSV that an ESRI download becomes, byte by byte as the original wrote it.
 *
 *     NUMBER,STREET,oa:geom
 *     12,"Main St, North",POINT (-122.1 37.5)
 *
 * CRLF ends a line, values are Python's text, the geometry is WKT. Its MD5 seeds every row's hash, so the
 * bytes matter. Features without a place, and with one that is no geometry, are left out and counted.
 *
 * Source: processing.md §5.1; Python's csv module, dialect excel.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { parseFloatText } from '../../shared/conform/python.ts'
import { esriGeometry } from '../../shared/geometry/esri_geometry.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import { geosWkt } from '../../shared/geometry/geos_wkt.ts'
import type { Geometry } from '../../shared/row.ts'
import { diskError } from './disk.ts'
import { isObject, type JsonObject, pythonText, unmarked } from './esri_json.ts'
import { seen } from './esri_seen.ts'
import type { Page } from './esri_window.ts'

const GEOMETRY_COLUMN = 'oa:geom'

/** What the original wrote for a point without a place; readers take it as no geometry. */
const NOWHERE = 'POINT (NaN NaN)'

export interface TableOptions {
  /** Those to keep; undefined for all of the first feature. */
  readonly columns: readonly string[] | undefined
  readonly lat: string | undefined
  readonly lon: string | undefined
}

export interface Counts {
  /** Features that came, those that came twice counted once. */
  features: number
  /** Rows written. */
  rows: number
  /** Features that came again. */
  repeated: number
  /** Written, but as a point that is nowhere. */
  nowhere: number
  /** Not written: neither a geometry nor coordinates in columns. */
  withoutGeometry: number
  /** Not written: a geometry that cannot be one. */
  badGeometry: number
}

export interface Table {
  readonly counts: Readonly<Counts>
  write(page: Page): Promise<void>
  /** @returns what is on the disk */
  close(): Promise<{ readonly bytes: number; readonly fingerprint: string }>
}

/** Begin a table; `close` it in any case. */
export async function esriTable(path: string, { columns: wanted, lat, lon }: TableOptions): Promise<Table> {
  const file = await open(path, 'w')
  const hash = createHash('md5')
  const ids = seen()
  const counts: Counts = { features: 0, rows: 0, repeated: 0, nowhere: 0, withoutGeometry: 0, badGeometry: 0 }
  let columns = wanted
  let isHeaded = false
  let bytes = 0

  async function put(text: string): Promise<void> {
    const chunk = Buffer.from(text, 'utf8')
    await file.write(chunk).catch((error: unknown) => {
      throw diskError(error, 'the rows')
    })
    hash.update(chunk)
    bytes += chunk.length
  }

  /** Only when the first feature is there it is known what columns there are, in the worst case. */
  function header(page: Page | undefined): string {
    if (isHeaded) return ''
    isHeaded = true
    columns ??= Object.keys(attributesOf(page?.features[0]))
    columns = columns.filter((name) => name !== GEOMETRY_COLUMN)
    return line([...columns, GEOMETRY_COLUMN])
  }

  function row(feature: JsonObject): string {
    const attributes = attributesOf(feature)
    const wkt = place(feature, attributes)
    if (wkt === undefined) return ''
    counts.rows++
    if (wkt === NOWHERE) counts.nowhere++
    return line([...columns!.map((name) => pythonText(attributes[name])), wkt])
  }

  function place(feature: JsonObject, attributes: JsonObject): string | undefined {
    const geometry = geometryOf(feature)
    if (geometry === undefined) counts.badGeometry++
    if (geometry) return isNowhere(geometry) ? NOWHERE : geosWkt(geometry)
    if (geometry === undefined) return undefined
    const point =
      lat === undefined || lon === undefined ? undefined : pointOf(attributes[lon], attributes[lat])
    if (point === undefined) counts.withoutGeometry++
    return point
  }

  async function write(page: Page): Promise<void> {
    let text = header(page)
    page.features.forEach((feature, index) => {
      const id = page.ids[index] ?? ''
      if (id !== '' && !ids.add(id)) {
        counts.repeated++
        return
      }
      counts.features++
      text += row(feature)
    })
    await put(text)
  }

  async function close(): Promise<{ bytes: number; fingerprint: string }> {
    try {
      await put(header(undefined))
    } finally {
      await file.close()
    }
    return { bytes, fingerprint: hash.digest('hex') }
  }

  return { counts, write, close }
}

/** @returns null where there is none, undefined where it cannot be one */
function geometryOf({ geometry }: JsonObject): Geometry | null | undefined {
  try {
    return esriGeometry(unmarked(geometry))
  } catch (error) {
    if (error instanceof GeometryError) return undefined
    throw error
  }
}

function isNowhere(geometry: Geometry): boolean {
  return geometry.type === 'Point' && geometry.coordinates.length === 0
}

function pointOf(x: unknown, y: unknown): string | undefined {
  const [lon, lat] = [parseFloatText(pythonText(x)), parseFloatText(pythonText(y))]
  if (lon === undefined || lat === undefined) return undefined
  const isSomewhere = Number.isFinite(lon) && Number.isFinite(lat)
  return isSomewhere ? geosWkt({ type: 'Point', coordinates: [lon, lat] }) : NOWHERE
}

function attributesOf(feature: JsonObject | undefined): JsonObject {
  const attributes = feature?.['attributes']
  return isObject(attributes) ? attributes : {}
}

function line(fields: readonly string[]): string {
  if (fields.length === 1 && fields[0] === '') return '""\r\n'
  return `${fields.map(field).join(',')}\r\n`
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
