/**
 * Made-up data of the size and shape of real data: addresses and parcels of a large American city.
 *
 * The same number gives the same row, so every format holds the same rows. Two of a thousand addresses
 * have no place, a few have quotes, commas or letters beyond ASCII, as real ones do.
 */

/** One address; the coordinates are feet in EPSG:2263. */
export interface Address {
  readonly cells: Readonly<Record<string, string>>
  readonly xy: readonly [number, number] | undefined
}

const NAMES = [
  'MAPLE',
  'OAK',
  'BROADWAY',
  'MARTIN LUTHER KING JR',
  'FLATBUSH',
  '3RD',
  'SAINT NICHOLAS',
  'KOŚCIUSZKO',
  'QUEENS',
  'ATLANTIC',
]
const TYPES = ['ST', 'AVE', 'BLVD', 'PL', 'RD', '']
const CITIES = ['NEW YORK', 'BROOKLYN', 'STATEN ISLAND', 'BRONX', 'LONG ISLAND CITY']
const PREFIXES = ['', '', '', 'N', 'S', 'E', 'W']

/** A number from 0 to 1 that looks like chance and is not. */
function chance(row: number, salt: number): number {
  let x = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(salt + 7, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d)
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39)
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32
}

function pick(list: readonly string[], row: number, salt: number): string {
  return list[Math.floor(chance(row, salt) * list.length)]!
}

export function address(row: number): Address {
  const number = String(1 + Math.floor(chance(row, 1) * 9999))
  const street = [pick(PREFIXES, row, 2), pick(NAMES, row, 3), pick(TYPES, row, 4)]
    .filter((word) => word !== '')
    .join(' ')
  const unit = chance(row, 5) < 0.2 ? `APT ${1 + Math.floor(chance(row, 6) * 40)}` : ''
  const owner = chance(row, 7) < 0.01 ? 'SMITH, "JR"' : `OWNER ${Math.floor(chance(row, 8) * 1e6)}`
  return {
    cells: {
      OBJECTID: String(row + 1),
      HOUSENUM: number,
      PREDIR: pick(PREFIXES, row, 2),
      STNAME: pick(NAMES, row, 3),
      STTYPE: pick(TYPES, row, 4),
      UNIT: unit,
      FULLADDR: `${number} ${street}${unit === '' ? '' : ` ${unit}`}`,
      CITY: pick(CITIES, row, 9),
      ZIP: String(10001 + Math.floor(chance(row, 10) * 1600)),
      OWNER: owner,
      UPDATED: `2024-0${1 + Math.floor(chance(row, 11) * 9)}-1${Math.floor(chance(row, 12) * 9)}`,
    },
    xy:
      chance(row, 13) < 0.002
        ? undefined
        : [round(913_000 + chance(row, 14) * 154_000), round(120_000 + chance(row, 15) * 152_000)],
  }
}

/** The place in degrees, near enough for a benchmark: not what PROJ gives, and nobody asks. */
export function degrees([x, y]: readonly [number, number]): [number, number] {
  return [
    Number((-74.3 + (x - 913_000) * 3.61e-6).toFixed(9)),
    Number((40.49 + (y - 120_000) * 2.745e-6).toFixed(9)),
  ]
}

/** Rings of a parcel, four in a hundred of two polygons, one in ten with a hole. */
export function parcel(row: number): number[][][][] {
  const [x, y] = [913_000 + chance(row, 14) * 154_000, 120_000 + chance(row, 15) * 152_000]
  const one = [box(x, y, 30 + 60 * chance(row, 20), 8)]
  if (chance(row, 21) < 0.1) one.push(box(x, y, 10, 4).reverse())
  return chance(row, 22) < 0.04 ? [one, [box(x + 300, y, 40, 5)]] : [one]
}

/** A closed, clockwise ring of so many corners. */
function box(x: number, y: number, size: number, corners: number): number[][] {
  const ring = Array.from({ length: corners }, (_, at) => {
    const angle = (-2 * Math.PI * at) / corners
    return [round(x + size * Math.cos(angle)), round(y + size * Math.sin(angle))]
  })
  return [...ring, ring[0]!]
}

function round(feet: number): number {
  return Math.round(feet * 1e4) / 1e4
}
