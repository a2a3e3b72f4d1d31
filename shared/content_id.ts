/**
 * The stable id of a row: what it says and where it is, and nothing else.
 *
 *     number 12, street Oak St, at -122.25, 37.5   gives   5f0c6f6f0a6a1c2e-1b7c3a…
 *                                                         what it says     where it is
 *
 * It survives what the reference's `hash` does not: the same rows in another archive, in another order, from
 * another run. The first half is the same for a row that only moved, the second for one that was only
 * corrected. Texts count without case, blanks around them and blanks doubled; places to five decimals of a
 * degree, a metre. A publisher's own `id` does not count: many number their rows anew with each export.
 *
 * Not for secrets: who wants two rows with one id can make them. By accident, 10 million rows have two alike
 * once in a hundred thousand tries, in one half.
 */
import type { LayerName } from './layer.ts'
import { LAYERS } from './layer.ts'
import type { Geometry, OutFeature } from './row.ts'

/** Ordinates are counted in steps of a hundred-thousandth of a degree: 1.1 m, or less. */
export const STEPS_PER_DEGREE = 100_000

/** Two halves of 32 bits, mixed apart. */
export interface Lanes {
  a: number
  b: number
}

/** Odd, with bits well spread: 2^32 / golden ratio, and one that has nothing to do with it. */
export const FACTOR_A = 0x9e3779b1
export const FACTOR_B = 0x5f356495

/** Where the lanes begin. */
export const SEED_A = 0x243f6a88
export const SEED_B = 0x13198a2e

/** Properties of a layer that an id is made of, with their places in the layer. */
export function identifying(layer: LayerName): readonly { readonly name: string; readonly at: number }[] {
  return LAYERS[layer]
    .map((name, at) => ({ name: name as string, at }))
    .filter(({ name }) => name !== 'hash' && name !== 'id')
}

/** Mix a number of 32 bits in. */
export function mix(lanes: Lanes, x: number): void {
  const a = Math.imul(lanes.a ^ x, FACTOR_A)
  const b = Math.imul(lanes.b ^ x, FACTOR_B)
  lanes.a = (a << 13) | (a >>> 19)
  lanes.b = (b << 17) | (b >>> 15)
}

/** Let every bit that went in count for every bit that comes out. */
export function stir(x: number): number {
  let h = x ^ (x >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The hash of a text, normalised: no case, no blanks around, one blank where there are more. */
export function hashText(lanes: Lanes, text: string): void {
  const plain = normalised(text)
  let a = SEED_A
  let b = SEED_B
  for (let at = 0; at < plain.length; at++) {
    const unit = plain.charCodeAt(at)
    a = Math.imul(a ^ unit, FACTOR_A)
    b = Math.imul(b ^ unit, FACTOR_B)
  }
  lanes.a = stir(a)
  lanes.b = stir(b)
}

/** A text as it counts for the id. */
export function normalised(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim().toUpperCase()
}

/** The beginning of what a row of a layer says. */
export function seedOf(layer: LayerName): Lanes {
  const lanes = { a: SEED_A, b: SEED_B }
  hashText(lanes, layer)
  return lanes
}

/** Sixteen hex digits. */
export function halfText(a: number, b: number): string {
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')
}

/** The id of a row. */
export function contentId(layer: LayerName, { properties, geometry }: OutFeature): string {
  const what = seedOf(layer)
  const value = { a: 0, b: 0 }
  for (const { name, at } of identifying(layer)) {
    hashText(value, String(properties[name] ?? ''))
    if (normalised(String(properties[name] ?? '')) !== '') mixValue(what, at, value)
  }
  const where = { a: SEED_A, b: SEED_B }
  if (geometry !== null) mixGeometry(where, geometry)
  return `${halfText(stir(what.a), stir(what.b))}-${halfText(stir(where.a), stir(where.b))}`
}

/** One attribute that has something in it, under its place in the layer. */
export function mixValue(what: Lanes, at: number, value: Lanes): void {
  const { a, b } = what
  what.a = Math.imul(a ^ value.a, FACTOR_A) + at
  what.b = Math.imul(b ^ value.b, FACTOR_B) + at
  what.a = (what.a << 13) | (what.a >>> 19)
  what.b = (what.b << 17) | (what.b >>> 15)
}

/** An ordinate in steps. */
export function steps(degrees: number): number {
  return Math.round(degrees * STEPS_PER_DEGREE) | 0
}

/** What is mixed in where a list of a geometry ends. */
export const LIST_END = 0x5d

function mixGeometry(where: Lanes, geometry: Geometry): void {
  for (const letter of geometry.type) if (letter >= 'A' && letter <= 'Z') mix(where, letter.charCodeAt(0))
  if (geometry.type !== 'GeometryCollection') mixList(where, geometry.coordinates as Nested)
  else {
    for (const part of geometry.geometries) mixGeometry(where, part)
    mix(where, LIST_END)
  }
}

type Nested = readonly (number | Nested)[]

/** Heights do not count. */
function mixList(where: Lanes, list: Nested): void {
  const isPosition = typeof list[0] === 'number'
  for (const item of isPosition ? list.slice(0, 2) : list) {
    if (typeof item === 'number') mix(where, steps(item))
    else mixList(where, item)
  }
  mix(where, LIST_END)
}
