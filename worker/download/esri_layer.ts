/**
 * An ESRI layer: what its metadata says that matters to a download.
 *
 * Metadata is whatever a server felt like: `fields` may be null, the object id field may stand anywhere
 * in the list, limits may be missing.
 *
 * Source: ArcGIS REST API, "Layer / Table"; processing.md §5.2; demands 80, 81.
 */
import { isObject, type JsonObject, numberOf, unmarked } from './esri_json.ts'

export interface Extent {
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
}

export interface EsriLayer {
  /** In the server's order; undefined where it names none. */
  readonly fields: readonly string[] | undefined
  readonly idField: string | undefined
  readonly pageRows: number
  readonly canOffset: boolean
  readonly canStatistics: boolean
  readonly extent: Extent | undefined
}

/** The original never asked for more at once. */
const PAGE_ROWS_MAX = 1_000

/** Where the server names no limit. */
const PAGE_ROWS_UNKNOWN = 500

/** Read the metadata of a layer. */
export function readLayer(metadata: JsonObject, pageRowsMax = PAGE_ROWS_MAX): EsriLayer {
  const advanced = isObject(metadata['advancedQueryCapabilities'])
    ? metadata['advancedQueryCapabilities']
    : {}
  const fields = Array.isArray(metadata['fields']) ? metadata['fields'].filter(isObject) : undefined
  const limit = numberOf(metadata['maxRecordCount']) || PAGE_ROWS_UNKNOWN
  return {
    fields: fields?.map(({ name }) => name).filter((name) => typeof name === 'string'),
    idField: textOf(metadata['objectIdField']) ?? textOf(fields?.find(isIdField)?.['name']),
    pageRows: Math.max(1, Math.min(pageRowsMax, limit)),
    canOffset: metadata['supportsPagination'] === true || advanced['supportsPagination'] === true,
    canStatistics: metadata['supportsStatistics'] === true || advanced['supportsStatistics'] === true,
    extent: extentOf(metadata['extent']),
  }
}

function isIdField({ type }: JsonObject): boolean {
  return type === 'esriFieldTypeOID'
}

function extentOf(value: unknown): Extent | undefined {
  if (!isObject(value)) return undefined
  const { xmin, ymin, xmax, ymax } = unmarked(value) as Record<keyof Extent, unknown>
  const numbers = [xmin, ymin, xmax, ymax].map(Number)
  if (!numbers.every(Number.isFinite)) return undefined
  return { xmin: numbers[0]!, ymin: numbers[1]!, xmax: numbers[2]!, ymax: numbers[3]! }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
