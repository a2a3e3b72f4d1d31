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
import { isObject, type JsonObject, pythonText } from './esri_json.ts'
import { NOWHERE, placeOf } from './esri_place.ts'
import { seen } from './esri_seen.ts'
import type { Page } from './esri_window.ts'
import { hashedFile } from './hashed_file.ts'

const GEOMETRY_COLUMN = 'oa:geom'

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
  const file = await hashedFile(path, 'the rows')
  const ids = seen()
  const counts: Counts = { features: 0, rows: 0, repeated: 0, nowhere: 0, withoutGeometry: 0, badGeometry: 0 }
  let columns = wanted
  let isHeaded = false

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
    const wkt = placeOf(feature, attributes, { lat, lon })
    if (wkt === 'withoutGeometry' || wkt === 'badGeometry') {
      counts[wkt]++
      return ''
    }
    counts.rows++
    if (wkt === NOWHERE) counts.nowhere++
    return line([...columns!.map((name) => pythonText(attributes[name])), wkt])
  }

  async function write(page: Page): Promise<void> {
    if (page.features.length === 0) return
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
    await file.write(text)
  }

  async function close(): ReturnType<Table['close']> {
    await file.write(header(undefined)).catch(async (error: unknown) => {
      await file.close()
      throw error
    })
    return file.close()
  }

  return { counts, write, close }
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
