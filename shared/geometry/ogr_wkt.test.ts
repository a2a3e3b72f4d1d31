import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ogrWkt } from './ogr_wkt.ts'
import { parseWkt } from './wkt.ts'

/** What GDAL 3.6 and 3.12 both make of a text. */
const cases: [given: string, written: string][] = [
  ['POINT (1 2)', 'POINT (1 2)'],
  ['POINT (1 2.5)', 'POINT (1.0 2.5)'],
  ['POINT (1.5 2)', 'POINT (1.5 2.0)'],
  ['POINT (-2 1.5)', 'POINT (-2 1.5)'],
  ['POINT (1.000000000000001 0.5)', 'POINT (1.0 0.5)'],
  ['POINT (-0.0 1)', 'POINT (0 1)'],
  ['POINT (-0.0 1.5)', 'POINT (-0.0 1.5)'],
  ['POINT (0.1 1e-7)', 'POINT (0.1 0.0000001)'],
  ['POINT (1e-16 -1e-16)', 'POINT (0.0 -0.0)'],
  ['POINT (2147483647 1)', 'POINT (2147483647 1)'],
  ['POINT (2147483648 1)', 'POINT (2147483648.0 1.0)'],
  ['POINT (1e14 1e15)', 'POINT (100000000000000.0 1E+15)'],
  ['POINT (123456789012345678 1e20)', 'POINT (1.23456789012346E+17 1E+20)'],
  ['POINT (0.00012345678901234567 123456.789012345678)', 'POINT (0.000123456789012 123456.789012346)'],
  // Exact halves go to the even digit.
  ['POINT (0.0000152587890625 1.000030517578125)', 'POINT (0.000015258789062 1.00003051757812)'],
  // Below 1 a tail that looks like the error of a calculation is dropped.
  ['POINT (0.123400000000001 0.1234560000000123)', 'POINT (0.1234 0.123456)'],
  ['POINT (0.123459999999991 0.999999999999999)', 'POINT (0.12346 1.0)'],
  ['POINT (0.299999999999 -0.123459999999)', 'POINT (0.299999999999 -0.123459999999)'],
  ['POINT Z (1 2 3)', 'POINT (1 2 3)'],
  ['POINT Z (1.5 2 3)', 'POINT (1.5 2.0 3)'],
  ['POINT Z (1 2 3.5)', 'POINT (1 2 3.5)'],
  ['POINT Z (1 1 4000000000)', 'POINT (1 1 4000000000)'],
  ['POINT Z (1.5 1 1e20)', 'POINT (1.5 1.0 1E+20)'],
  ['POINT EMPTY', 'POINT EMPTY'],
  ['MULTIPOINT ((1 2),(3 4.5))', 'MULTIPOINT (1 2,3.0 4.5)'],
  ['MULTIPOINT ((1 2),EMPTY)', 'MULTIPOINT (1 2)'],
  ['LINESTRING (0 0,1 1 5)', 'LINESTRING (0 0 0,1 1 5)'],
  ['MULTILINESTRING ((0 0,1 1),(2 2,3 3))', 'MULTILINESTRING ((0 0,1 1),(2 2,3 3))'],
  ['POLYGON ((0 0,1 0,1 1,0 0),EMPTY)', 'POLYGON ((0 0,1 0,1 1,0 0))'],
  ['POLYGON EMPTY', 'POLYGON EMPTY'],
  ['MULTIPOLYGON (EMPTY)', 'MULTIPOLYGON EMPTY'],
  [
    'GEOMETRYCOLLECTION Z (POINT Z (1 2 3),LINESTRING Z (0 0 4,1.5 1 5),POINT EMPTY)',
    'GEOMETRYCOLLECTION (POINT (1 2 3),LINESTRING (0 0 4,1.5 1.0 5),POINT EMPTY)',
  ],
  ['GEOMETRYCOLLECTION EMPTY', 'GEOMETRYCOLLECTION EMPTY'],
]

describe('ogrWkt', () => {
  for (const [given, written] of cases) {
    test(`writes ${given} as ${written}`, () => {
      expect(ogrWkt(parseWkt(given))).toBe(written)
    })
  }
})

const GOLDEN = join(fileURLToPath(new URL('.', import.meta.url)), '../../../shared/conformance/golden')

describe.skipIf(!existsSync(GOLDEN))('ogrWkt, by the reference (skipped without ../shared)', () => {
  test('writes every geometry of the golden extracts as it stands there', () => {
    const texts = readdirSync(GOLDEN)
      .map((name) => join(GOLDEN, name, 'extract.csv'))
      .filter((path) => existsSync(path))
      .flatMap((path) => readFileSync(path, 'utf8').match(/(?<=,)POINT (EMPTY|\([^)]*\))(?=\r?$)/gm) ?? [])

    expect(texts.length).toBeGreaterThan(13_000)
    expect(texts.filter((text) => ogrWkt(parseWkt(text)) !== text)).toEqual([])
  })
})
