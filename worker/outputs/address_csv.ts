/**
 * The classic address table: LON, LAT, NUMBER, STREET … as the original's `out.csv` has it.
 *
 *     -122.2677356,37.8106221,2127,BROADWAY,,OAKLAND,,,94612,,eb5def51969e5131
 *
 * Lines end with CR LF and only what needs quotes gets them, as Python's csv module writes; the
 * world's scripts have read it so for years. A row without a place has empty LON and LAT.
 */
import type { OutFeature } from '../../shared/row.ts'

/** Columns after LON and LAT, with the property that each is taken from. */
const COLUMNS = [
  ['NUMBER', 'number'],
  ['STREET', 'street'],
  ['UNIT', 'unit'],
  ['CITY', 'city'],
  ['DISTRICT', 'district'],
  ['REGION', 'region'],
  ['POSTCODE', 'postcode'],
  ['ID', 'id'],
  ['HASH', 'hash'],
] as const

/** Digits that count in LON and LAT: `%.12g` of the original. */
const DIGITS_MAX = 12

/** The header line. */
export const ADDRESS_CSV_HEADER = `LON,LAT,${COLUMNS.map(([column]) => column).join(',')}\r\n`

/** One address as a line, its end included. */
export function addressCsvLine({ properties, geometry }: OutFeature): string {
  const [lon, lat] = geometry?.type === 'Point' ? geometry.coordinates : []
  let line = `${coordinate(lon)},${coordinate(lat)}`
  for (const [, property] of COLUMNS) line += `,${csvCell(properties[property] ?? '')}`
  return `${line}\r\n`
}

/** A number as `%.12g` prints it: `-122.2677356`, `39.3`, `180`, `-0`, `1e-07`. */
export function coordinate(value: number | undefined): string {
  if (value === undefined) return ''
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'

  const [mantissa = '', power = ''] = value.toExponential(DIGITS_MAX - 1).split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < DIGITS_MAX) return short(value.toFixed(DIGITS_MAX - 1 - exponent))
  const sign = exponent < 0 ? '-' : '+'
  return `${short(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** Without the zeros that say nothing. */
function short(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

/** A cell, in quotes where it needs them. */
export function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
