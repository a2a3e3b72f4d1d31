/**
 * A plan: what a run of one data source will do, told before it does it.
 *
 * It promises nothing about the data; it only says how the source file is understood.
 */
import { attributesOf } from './layer.ts'
import { type DataSource, isObject } from './source.ts'

/** What a run will do; absent is what it will find out by itself. */
export interface Plan {
  readonly layer: string
  readonly name: string
  /** The source says not to run it. */
  readonly skip: boolean
  /** As the address is really fetched: `http`, `ftp`, `file`, `esri`. */
  readonly protocol: string
  readonly data: string
  readonly compression: string | null
  readonly format: string | null
  readonly file: string | null
  readonly layerInside: string | number | null
  readonly encoding: string | null
  readonly srs: string | null
  /** Columns of a table that hold the place. */
  readonly place: readonly [lon: string, lat: string] | null
  /** From what each attribute is made, in output order. */
  readonly attributes: readonly { readonly attribute: string; readonly from: string }[]
  /** How many acceptance tests there are. */
  readonly tests: number
}

/** As much of a pattern or address as a line of a plan can hold. */
const TEXT_CHARS_MAX = 60

/** The plan of a data source, whatever is wrong with it. */
export function planOf(data: DataSource): Plan {
  const { layer, name, skip, compression, conform = {}, test } = data
  const { format, file, layer: layerInside, encoding, srs, lon, lat } = conform
  const isEsri = data.protocol.toLowerCase() === 'esri'
  const tests = test?.['acceptance-tests']
  return {
    layer,
    name,
    skip,
    protocol: protocolOf(data),
    data: data.data,
    compression: isEsri ? null : (compression?.toLowerCase() ?? null),
    format: format?.toLowerCase() ?? null,
    file: isEsri ? null : (file ?? null),
    layerInside: isEsri ? null : (layerInside ?? null),
    encoding: isEsri ? null : (encoding ?? null),
    srs: isEsri ? 'EPSG:4326' : (srs ?? null),
    place: lon === undefined || lat === undefined ? null : [lon, lat],
    attributes: attributesOf(layer).flatMap((attribute) => {
      const from = sourceOf(conform[attribute])
      return from === '' ? [] : [{ attribute, from }]
    }),
    tests: Array.isArray(tests) ? tests.length : 0,
  }
}

/** The scheme of the address decides, but for ESRI services. */
function protocolOf({ protocol, data }: DataSource): string {
  if (protocol.toLowerCase() === 'esri') return 'esri'
  return /^([a-z][a-z0-9+.-]*):/i.exec(data)?.[1]?.toLowerCase() ?? protocol.toLowerCase()
}

/** What an attribute is made from: `ADDRESS`, `a + b`, `prefixed_number(ADDRESS)`; `''` for nothing. */
function sourceOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string').join(' + ')
  return isObject(value) ? callText(value) : ''
}

function callText(call: Readonly<Record<string, unknown>>): string {
  const { function: name, field, fields, pattern, value, functions } = call
  const steps = Array.isArray(functions) ? functions.map(sourceOf) : []
  const parts = [
    ...(Array.isArray(fields) ? fields : [field]),
    ...(pattern === undefined ? [] : [`/${shortened(String(pattern))}/`]),
    ...(value === undefined ? [] : [JSON.stringify(value)]),
    ...steps,
  ]
  return `${String(name)}(${parts.filter((part) => part !== undefined).join(', ')})`
}

function shortened(text: string): string {
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}…`
}
