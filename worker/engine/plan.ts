/**
 * The plan of a conform for one set of columns: which constant text and which cell comes after which, in
 * the text that a row's hash is made of and in its line of the output.
 *
 *     ,["CITY","·"],["oa:geom","·"]          {"type": "Feature", "properties": {"hash": "·", "number": "·" …
 *
 * Made once for a run, so that a row is only copied together.
 */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { byCodePoint } from '../../shared/conform/hash.ts'
import { jsonText } from '../../shared/conform/python.ts'
import { attributesOf, type LayerName } from '../../shared/layer.ts'
import type { Conform } from '../../shared/source.ts'
import { type Constant, type Desk, putConstant } from './desk.ts'

/** A constant, and what comes behind it. */
export interface Step extends Constant {
  readonly what: What
  /** Of the column, or of the value. */
  readonly index: number
}

/**
 * A cell, in quotes already; a value, which brings its own and may be absent; the geometry's text; nothing.
 */
export type What = 'cell' | 'value' | 'geometry' | 'nothing'

/** What a property is taken from. */
export interface PropertyStep extends Constant {
  readonly what: 'cell' | 'value'
  readonly index: number
  /** What stands for a value that is absent. */
  readonly absent: '""' | 'null'
  /** Blanks around it go; of a number also a final `.0`. */
  readonly trim: 'no' | 'blanks' | 'number'
  /** How often it is filled is counted here. */
  readonly attribute: string
}

export interface Plan {
  readonly hash: readonly Step[]
  readonly hashEnd: Constant
  /** From the beginning of the line to the hash. */
  readonly head: Constant
  readonly properties: readonly PropertyStep[]
  /** From the last property to the geometry. */
  readonly tail: Constant
  /** Before and behind the coordinates of a point; the line ends with it. */
  readonly point: Constant
  readonly pointEnd: Constant
}

export interface PlanOptions {
  readonly layer: LayerName
  readonly conform: Conform
  readonly columns: readonly (string | undefined)[]
  /** Names of the values that functions may set. */
  readonly values: readonly string[]
}

/** Put the constants of a plan on a desk. */
export function makePlan(desk: Desk, options: PlanOptions): Plan {
  const hash = hashSteps(desk, options)
  return {
    ...hash,
    head: putConstant(desk, '{"type": "Feature", "properties": {"hash": "'),
    ...propertySteps(desk, options),
    point: putConstant(desk, '{"type": "Point", "coordinates": ['),
    pointEnd: putConstant(desk, ']}}\n'),
  }
}

function hashSteps(desk: Desk, { columns, values }: PlanOptions): Pick<Plan, 'hash' | 'hashEnd'> {
  const hash: Step[] = []
  const names = [...columns.filter((name) => name !== undefined), GEOMETRY_COLUMN, ...values]
  // What is still to be written behind the cell before.
  let close = ''
  function put(text: string, what: What, index: number): void {
    hash.push({ ...putConstant(desk, text), what, index })
  }

  for (const name of [...new Set(names)].sort(byCodePoint)) {
    const key = `,[${jsonText(name)},`
    const value = values.indexOf(name)
    if (value < 0) {
      put(`${close}${key}"`, name === GEOMETRY_COLUMN ? 'geometry' : 'cell', columns.indexOf(name))
      close = '"]'
      continue
    }
    // Whether it comes at all is not known, so the cell before it is closed apart.
    if (close !== '') put(close, 'nothing', 0)
    put(key, 'value', value)
    close = ''
  }
  return { hash, hashEnd: putConstant(desk, `${close}]`) }
}

function propertySteps(
  desk: Desk,
  { layer, conform, columns, values }: PlanOptions,
): Pick<Plan, 'properties' | 'tail'> {
  const properties: PropertyStep[] = []
  // What is still to be written since the property before; first it closes the hash.
  let before = '"'
  for (const attribute of attributesOf(layer)) {
    const mapped = conform[attribute]
    const isPlain = typeof mapped === 'string' && mapped !== ''
    const trim = layer === 'addresses' ? (TRIMS[attribute] ?? 'no') : 'no'
    const absent = isPlain && trim === 'no' ? 'null' : '""'
    const name = isPlain ? mapped : `oa:${attribute}`
    const value = values.indexOf(name)
    const column = isPlain && value < 0 ? columns.indexOf(name) : -1
    const key = `${before}, ${jsonText(attribute)}: `
    if (value < 0 && column < 0) {
      before = `${key}${absent}`
      continue
    }
    const what = value < 0 ? 'cell' : 'value'
    const constant = putConstant(desk, what === 'cell' ? `${key}"` : key)
    properties.push({ ...constant, what, index: Math.max(value, column), absent, trim, attribute })
    before = what === 'cell' ? '"' : ''
  }
  return { properties, tail: putConstant(desk, `${before}}, "geometry": `) }
}

/** Only these three properties are trimmed, and only the number loses what a spreadsheet put behind it. */
const TRIMS: Readonly<Record<string, PropertyStep['trim']>> = {
  number: 'number',
  street: 'blanks',
  unit: 'blanks',
}
