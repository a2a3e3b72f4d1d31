/** For tests: shapes and cells of shapefiles with what is to come of them; read by us, and by GDAL. */
import { parseWkt } from '../../shared/geometry/wkt.ts'
import type { Geometry } from '../../shared/row.ts'
import { shapefile, type TestColumn, type TestShape } from './write_shapefile.ts'

/** A column of texts. */
export const NAME: TestColumn = { name: 'name', type: 'C', width: 12 }

/** A point at 1, 2. */
export const POINT = shape(1, ['1 2'])

/** A shape of parts such as `1 2, 3 4`: x and y, height and measure where the type has them. */
export function shape(type: number, parts: readonly string[] = []): TestShape {
  const pointsOf = (part: string) => part.split(',').map((point) => point.trim().split(' ').map(Number))
  return { type, parts: parts.map(pointsOf) }
}

/** A shapefile of one column, each cell in a row of its own. */
export function cells(column: TestColumn, texts: readonly (string | Buffer)[], languageByte = 0) {
  const rows = texts.map((text) => [text])
  return shapefile({ columns: [column], rows, shapes: texts.map(() => POINT), languageByte })
}

const RING = '0 0, 0 9, 9 9, 9 0, 0 0'
const HOLE = '1 1, 3 1, 3 3, 1 3, 1 1'
const ISLAND = '1.5 1.5, 1.5 2, 2 2, 2 1.5, 1.5 1.5'
const LAKE = '1.6 1.6, 1.8 1.6, 1.8 1.8, 1.6 1.8, 1.6 1.6'
const FAR = '20 0, 20 5, 25 5, 25 0, 20 0'
const FAR_HOLE = '21 1, 22 1, 22 2, 21 2, 21 1'
const LONE_HOLE = '40 0, 41 0, 41 1, 40 1, 40 0'
const TOUCHING = '0 0, 3 1, 3 3, 0 0'

const SHAPE_TABLE: [name: string, shape: TestShape, wkt: string | null][] = [
  ['no shape', shape(0), null],
  ['a point', POINT, 'POINT (1 2)'],
  ['a point with height and measure', shape(11, ['1 2 3 4']), 'POINT Z (1 2 3)'],
  ['a point with a measure', shape(21, ['1 2 4']), 'POINT (1 2)'],
  ['points', shape(8, ['1 2, 3 4']), 'MULTIPOINT (1 2, 3 4)'],
  ['points with heights', shape(18, ['1 2 5 0, 3 4 6 0']), 'MULTIPOINT Z (1 2 5, 3 4 6)'],
  ['a line', shape(3, ['1 2, 3 4']), 'LINESTRING (1 2, 3 4)'],
  ['lines', shape(3, ['1 2, 3 4', '5 6, 7 8']), 'MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))'],
  ['a line with heights', shape(13, ['1 2 9 0, 3 4 8 0']), 'LINESTRING Z (1 2 9, 3 4 8)'],
  ['a line with measures', shape(23, ['1 2 9, 3 4 8']), 'LINESTRING (1 2, 3 4)'],
  ['no rings', shape(5), null],
  ['a ring', shape(5, [RING]), `POLYGON ((${RING}))`],
  ['a ring the wrong way', shape(5, [HOLE]), `POLYGON ((${HOLE}))`],
  ['a ring with a hole', shape(5, [RING, HOLE]), `POLYGON ((${RING}), (${HOLE}))`],
  ['a hole before its ring', shape(5, [HOLE, RING]), `POLYGON ((${RING}), (${HOLE}))`],
  [
    'rings with holes',
    shape(5, [FAR, RING, HOLE, FAR_HOLE]),
    `MULTIPOLYGON (((${FAR}), (${FAR_HOLE})), ((${RING}), (${HOLE})))`,
  ],
  [
    'an island in a lake, with a lake',
    shape(5, [RING, HOLE, ISLAND, LAKE]),
    `MULTIPOLYGON (((${RING}), (${HOLE})), ((${ISLAND}), (${LAKE})))`,
  ],
  [
    'a hole in no ring',
    shape(5, [RING, LONE_HOLE, FAR]),
    `MULTIPOLYGON (((${RING})), ((${LONE_HOLE})), ((${FAR})))`,
  ],
  [
    'a hole at the corner of its ring',
    shape(5, [RING, TOUCHING, FAR]),
    `MULTIPOLYGON (((${RING}), (${TOUCHING})), ((${FAR})))`,
  ],
  [
    'a ring with heights',
    shape(15, ['0 0 7 0, 0 9 7 0, 9 9 7 0, 0 0 7 0']),
    'POLYGON Z ((0 0 7, 0 9 7, 9 9 7, 0 0 7))',
  ],
]

/** Every kind of shape and what it is. */
export const SHAPES: [name: string, shape: TestShape, expected: Geometry | null][] = SHAPE_TABLE.map(
  ([name, shape, wkt]) => [name, shape, wkt === null ? null : parseWkt(wkt)],
)

/** Cells by the type of their column. */
export const CELLS: [column: TestColumn, texts: string[], expected: string[]][] = [
  [NAME, ['  a b ', '', 'x\0y'], ['a b', '', 'x']],
  [
    { name: 'n', type: 'N', width: 9 },
    ['12', '  007', '-5', '', '****', '1.9', 'x'],
    ['12', '7', '-5', '', '', '1', '0'],
  ],
  [{ name: 'n', type: 'N', width: 18 }, ['123456789012345678'], ['123456789012345678']],
  [{ name: 'n', type: 'N', width: 19 }, ['12', '1234567890123456789'], ['12.0', '1.2345678901234568e+18']],
  [
    { name: 'n', type: 'N', width: 12, decimals: 2 },
    ['12', '1.50', '-0.25', '', '*'],
    ['12.0', '1.5', '-0.25', '', ''],
  ],
  [{ name: 'n', type: 'F', width: 20, decimals: 5 }, ['1e20', '12.5', '0.00001'], ['1e+20', '12.5', '1e-05']],
  [{ name: 'n', type: 'F', width: 5 }, ['42'], ['42']],
  [{ name: 'd', type: 'D', width: 8 }, ['20030612', '00000000', ''], ['2003/06/12', '', '']],
  [{ name: 'l', type: 'L', width: 1 }, ['T', 'F', '?', ''], ['T', 'F', '?', '']],
]
