/**
 * A number as OGR writes it into WKT: what stands in `oa:geom`, and so in the hash of a row.
 *
 * Rules found by comparing with GDAL 3.6 and 3.12: from 1 on, 15 significant digits; below 1,
 * 15 decimals, of which a tail that looks like the error of a calculation is dropped.
 * Spec: processing.md §7.1.
 */

import { fixed, significant } from './decimal.ts'

const INT_MAX = 2 ** 31 - 1
const INT_MIN = -(2 ** 31)

/** From here on numbers have an exponent. */
const POSITIONAL_MAX = 1e15

/** Whether OGR takes a number for a C int, which it then writes plainly. */
export function isInt(x: number): boolean {
  return x <= INT_MAX && x >= INT_MIN && Math.floor(x) === x
}

/** A longitude or latitude that is not written as an int: `2.0`, `1.5`, `1E+20`, but `-2`. */
export function ogrOrdinate(x: number): string {
  const text = ogrNumber(x)
  // OGR looks for digits only, so a whole negative number is left without its decimal.
  return x >= 1 && x < POSITIONAL_MAX && !text.includes('.') && !text.includes('E') ? `${text}.0` : text
}

/** A height. */
export function ogrHeight(z: number): string {
  return isInt(z) ? `${z + 0}` : ogrNumber(z)
}

function ogrNumber(x: number): string {
  if (Number.isNaN(x)) return 'nan'
  if (x === Infinity) return 'inf'
  if (x === -Infinity) return '-inf'
  return Math.abs(x) < 1 ? belowOne(x) : fromOne(x)
}

function fromOne(x: number): string {
  const text = significant(x, 15)
  const exponent = text.indexOf('e')
  if (exponent === -1) return withoutZeros(text)
  return `${withoutZeros(text.slice(0, exponent))}E${text.slice(exponent + 1)}`
}

/** `1.50` is `1.5`, `1.00` is `1`. */
function withoutZeros(text: string): string {
  if (!text.includes('.')) return text
  let end = text.length
  while (text.charCodeAt(end - 1) === 48) end--
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end)
}

/** At least one decimal stays: `0.0`. */
function belowOne(x: number): string {
  const text = fixed(x, 15)
  const sign = x < 0 || Object.is(x, -0) ? '-' : ''
  const point = text.indexOf('.')
  const number = sensible(text.slice(point - 1, point), text.slice(point + 1))
  const short = withoutZeros(number)
  return short.includes('.') ? `${sign}${short}` : `${sign}${short}.0`
}

/** Drop a tail such as `0000012` or `999994`, as OGR does below 1. */
function sensible(whole: string, decimals: string): string {
  const late = decimals.slice(9, 14)
  const early = decimals.slice(6, 13)
  if (late === '00000') return `${whole}.${decimals.slice(0, 14)}`
  if (early === '0000000') return `${whole}.${decimals.slice(0, 7)}`
  if (late === '99999') return nextUp(whole, decimals.slice(0, 9))
  if (early === '9999999') return nextUp(whole, decimals.slice(0, 6))
  return `${whole}.${decimals}`
}

function nextUp(whole: string, decimals: string): string {
  const next = `${Number(decimals) + 1}`.padStart(decimals.length, '0')
  return next.length > decimals.length ? `${Number(whole) + 1}.0` : `${whole}.${next}`
}
