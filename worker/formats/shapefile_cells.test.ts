import { describe, expect, test } from 'bun:test'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Conform } from '../../shared/source.ts'
import { inTemp } from '../system/temp.ts'
import { cellFeatures, outcomeOf } from './read_cells_cases.ts'
import { readFeatures } from './read_features.ts'
import { shape } from './shapefile_cases.ts'
import { shapefile, type TestShapefile, WGS84_PRJ } from './write_shapefile.ts'

const CONFORM: Conform = { format: 'shapefile' }

const columns = [
  { name: 'TEXT', type: 'C', width: 8 },
  { name: 'WHOLE', type: 'N', width: 8 },
  { name: 'LONG', type: 'N', width: 20 },
  { name: 'REAL', type: 'F', width: 12, decimals: 4 },
  { name: 'DAY', type: 'D', width: 8 },
  { name: 'TEXT', type: 'C', width: 4 },
]

const text = fc.oneof(
  fc.constantFrom('', ' a ', 'a"b', 'a\\b', 'a\u0000b', 'a\tb', 'ABCDEFGH'),
  fc.constantFrom(Buffer.from('é'), Buffer.from('é', 'latin1'), Buffer.from('ABCDEFGé').subarray(0, 8)),
)
const number = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-0',
    '007',
    '12',
    '-12',
    '+5',
    '****',
    '1.5',
    '12.50',
    '12.00',
    '0.25',
    '.5',
    '5.',
  ),
  fc.constantFrom('1e5', 'x', '1 2', '123456789.25', '-7.1000', '100', '0.0', '00.5', '12345678'),
)
const day = fc.constantFrom('', '20240131', '00000000', 'x')
const row = fc
  .tuple(text, number, number, number, day, text)
  .map((cells) => cells.map((cell, at) => cell.slice(0, columns[at]!.width) as string | Buffer))

const place = fc.constantFrom(
  shape(1, ['1 2']),
  shape(1, ['-71.123456789 42.5']),
  shape(0),
  shape(5, ['0 0, 0 9, 9 9, 9 0, 0 0', '1 1, 3 1, 3 3, 1 3, 1 1']),
  shape(5, ['1 1, 3 1, 3 3, 1 3, 1 1']),
  shape(5, ['1 1, 3 1, 3 3, 1 3, 1 1', '0 0, 0 9, 9 9, 9 0, 0 0']),
  shape(5, ['0 0, 0 9, 9 9, 9 0, 0 0', '20 0, 20 9, 29 9, 29 0, 20 0']),
  shape(5, []),
  shape(3, ['0 0, 0 9, 9.5 9']),
  shape(3, ['0 0, 0 9', '1 1, 3 1, -3 3']),
  shape(8, ['1 2, 3 4']),
  shape(11, ['1 2 3 4']),
  shape(99, ['1 2']),
)

describe('the cells of a shapefile', () => {
  test('are those of its features, for any rows and shapes', async () => {
    const some = fc.array(fc.tuple(row, place), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        some,
        fc.boolean(),
        fc.constantFrom('UTF-8', '1252', ''),
        async (all, hasIndex, cpg) => {
          const rows = all.map(([cells]) => cells)
          const shapes = all.map(([, one]) => one)

          const [cells, features] = await both({ columns, rows, shapes }, hasIndex, cpg)

          expect(cells).toEqual(features)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('come in order over many batches', async () => {
    const rows = Array.from({ length: 4500 }, (_, at) => [`é${at}`, `${at}`, '', `${at}.50`, '', ''])
    const shapes = rows.map((_, at) => (at % 7 === 0 ? shape(0) : shape(1, [`${at / 100} 2`])))

    const [cells, features] = await both({ columns, rows, shapes }, true, 'UTF-8')

    expect(cells).toEqual(features)
  })
})

function both(file: TestShapefile, hasIndex: boolean, cpg: string) {
  return inTemp('shapefile', async (folder) => {
    for (const [name, bytes] of Object.entries(shapefile(file))) await writeFile(join(folder, name), bytes)
    await writeFile(join(folder, 'a.prj'), WGS84_PRJ)
    if (cpg !== '') await writeFile(join(folder, 'a.cpg'), cpg)
    if (!hasIndex) await rm(join(folder, 'a.shx'))
    const path = join(folder, 'a.shp')
    return [await outcomeOf(path, CONFORM, cellFeatures), await outcomeOf(path, CONFORM, readFeatures)]
  })
}
