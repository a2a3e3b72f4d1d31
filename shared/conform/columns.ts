/**
 * Which columns of the data a conform refers to: what has to be kept of a download, and what a
 * newcomer has to look for when a column is missing.
 *
 * The original kept fewer for ESRI: not the `fields` of `first_non_empty`, nor a `field_to_remove`.
 */
import { attributesOf, type LayerName } from '../layer.ts'
import { isObject } from '../source.ts'

/**
 * The source columns that a conform refers to, sorted, each once. Working columns (`oa:number`) and
 * a chain's own variable are none; `lon` and `lat` are the reader's.
 *
 * It asks for no proper conform: what is no column name is passed over.
 */
export function referredColumns(layer: LayerName, conform: Readonly<Record<string, unknown>>): string[] {
  const columns = attributesOf(layer).flatMap((attribute) => columnsOf(conform[attribute]))
  return [...new Set(columns)].sort()
}

/** The columns to keep of an ESRI download; null, meaning all, where the conform names none. */
export function esriColumns(
  layer: LayerName,
  conform: Readonly<Record<string, unknown>> | null | undefined,
): string[] | null {
  const columns = referredColumns(layer, conform ?? {})
  return columns.length > 0 ? columns : null
}

function columnsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' || value.startsWith('oa:') ? [] : [value]
  if (Array.isArray(value)) return value.flatMap((item) => (typeof item === 'string' ? columnsOf(item) : []))
  if (!isObject(value)) return []

  const { field, fields, field_to_remove, functions, variable } = value
  const steps = Array.isArray(functions)
    ? functions.flatMap((step) => (isObject(step) ? columnsOf(step) : []))
    : []
  return [...columnsOf(field), ...columnsOf(fields), ...columnsOf(field_to_remove), ...steps].filter(
    (column) => column !== variable,
  )
}
