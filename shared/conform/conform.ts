/**
 * Conform: how a row of the data becomes a feature of its layer.
 *
 *     feature ─► working row ─► functions, in the order of the source file ─► properties ─► out
 *
 * This is the plain way, one object a row. The byte engine is faster, and this is its oracle and
 * its slow path.
 *
 * Source: spec/processing.md §8; openaddresses/CONTRIBUTING.md, "Attribute tags".
 */
import { attributesOf, type LayerName } from '../layer.ts'
import type { Feature, OutFeature, WorkingRow } from '../row.ts'
import { type Conform, isObject } from '../source.ts'
import type { Value } from './call.ts'
import { referredColumns } from './columns.ts'
import { cellText, type Evaluate, type Scope } from './evaluate.ts'
import { compileCall } from './functions.ts'
import { merge } from './merge.ts'
import { strip } from './python.ts'

/** The column that holds a row's geometry as WKT, part of its hash. */
export const GEOMETRY_COLUMN = 'oa:geom'

/** A conform, compiled for one run. */
export interface Conformer {
  readonly layer: LayerName
  /** Every column of the data that the conform refers to, sorted. */
  readonly columns: readonly string[]
  /**
   * Run the functions: each result goes into the row, under `oa:` and the attribute.
   *
   * @throws {RowError} when the row cannot be conformed
   */
  work(row: WorkingRow): void
  /** The properties of a row whose functions have run, in output order, trimmed. */
  properties(row: WorkingRow, hash: string): OutFeature['properties']
  /**
   * All of it. The geometry comes as it is to leave: in EPSG:4326, for addresses as a point, and rounded.
   *
   * @param wkt   the geometry's text, which counts for the hash; `''` where there is none
   * @param hash  hashes the working row, `rowHash` with SHA-1 and fingerprint in place
   * @throws {RowError} when the row cannot be conformed
   */
  apply(feature: Feature, wkt: string, hash: (row: WorkingRow) => string): OutFeature
}

/**
 * Compile a conform.
 *
 * @throws {SourceError} when it calls functions that do not exist, or calls them wrongly
 */
export function compileConform(layer: LayerName, conform: Conform): Conformer {
  const workers = compileWorkers(layer, conform)
  const readers = attributesOf(layer).map((attribute) => propertyReader(layer, attribute, conform[attribute]))

  function work(row: WorkingRow): void {
    for (const { attribute, column, evaluate } of workers) {
      const value = evaluate(row, attribute)
      if (value !== undefined) row[column] = value
    }
  }

  function properties(row: WorkingRow, hash: string): OutFeature['properties'] {
    const properties: OutFeature['properties'] = { hash }
    for (const { attribute, read } of readers) properties[attribute] = read(row)
    return properties
  }

  return {
    layer,
    columns: referredColumns(layer, conform),
    work,
    properties,
    apply({ row, geometry }, wkt, hash) {
      const working: WorkingRow = { ...row, [GEOMETRY_COLUMN]: wkt }
      work(working)
      return {
        type: 'Feature',
        properties: properties(working, hash(working)),
        geometry,
      }
    },
  }
}

interface Worker {
  readonly attribute: string
  readonly column: string
  readonly evaluate: Evaluate
}

/** What has to be worked out for a row, in file order: later attributes may read earlier results. */
function compileWorkers(layer: LayerName, conform: Conform): Worker[] {
  const attributes = new Set(attributesOf(layer))
  const scope: Scope = { layer, variables: new Set(), compile: compileCall }
  return Object.entries(conform).flatMap(([attribute, value]) => {
    if (!attributes.has(attribute)) return []
    if (Array.isArray(value)) return [worker(attribute, merge(value))]
    // A number in place of a column name means nothing, and never did.
    return isObject(value) ? [worker(attribute, compileCall(value, scope))] : []
  })
}

function worker(attribute: string, evaluate: Evaluate): Worker {
  return { attribute, column: `oa:${attribute}`, evaluate }
}

interface PropertyReader {
  readonly attribute: string
  readonly read: (row: WorkingRow) => Value
}

function propertyReader(layer: LayerName, attribute: string, mapped: unknown): PropertyReader {
  const column = `oa:${attribute}`
  const isPlain = typeof mapped === 'string' && mapped !== ''

  // A result wins over a plain column; a column that the data lacks is null, an attribute that is not mapped ''.
  function value(row: WorkingRow): Value {
    const result = cell(row, column)
    if (result !== undefined) return result
    return isPlain ? (cell(row, mapped) ?? null) : ''
  }

  const finish = layer === 'addresses' ? FINISHES[attribute] : undefined
  return { attribute, read: finish === undefined ? value : (row) => finish(value(row)) }
}

/** Only these three properties are trimmed, and only the number loses what a spreadsheet put behind it. */
const FINISHES: Readonly<Record<string, (value: Value) => string>> = {
  number: (value) => {
    const text = trimmed(value)
    return text.endsWith('.0') ? text.slice(0, -2) : text
  },
  street: trimmed,
  unit: trimmed,
}

function trimmed(value: Value): string {
  return strip(cellText({ value }, 'value') ?? '')
}

function cell(row: WorkingRow, column: string): Value | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined
}
