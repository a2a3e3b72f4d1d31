/** The engine against the plain way: the same rows through both, over random tables and conforms. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { compileConform } from '../shared/conform/conform.ts'
import { jsonText } from '../shared/conform/python.ts'
import { anyGeometry } from '../shared/geometry/arbitrary_geometry.ts'
import { attributesOf, type LayerName } from '../shared/layer.ts'
import type { Geometry } from '../shared/row.ts'
import type { Conform } from '../shared/source.ts'
import { type CellBatch, featureAt } from './formats/cells.ts'
import { openFlatDraft } from './formats/flat_shapes.ts'
import { placesOf } from './formats/row_cells.ts'
import { newTally } from './outputs/tally.ts'
import { cellStep } from './process_cells.ts'
import { rowStep } from './process_rows.ts'

const COLUMNS = ['A', 'b"', 'é', 'number', 'wip', '10', undefined]
const column = fc.constantFrom('A', 'b"', 'é', 'number', 'wip', '10', 'oa:street', 'gone', 'oa:wip')

const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '12',
    ' 12.0 ',
    '12.0',
    'MAPLE ST',
    '123 MAPLE ST',
    '12 1/2 Main St APT 3',
    '35',
    '1',
    '0',
  ),
  fc.constantFrom('é', '\u00a0x\t', '"', '\\', '\u007f', '😀', ' 5 .0', '.0', '123-45 OAK # 5', 'UNIT 5'),
  fc.string({ maxLength: 5 }),
)

const fields = fc.array(column, { maxLength: 3 })
const plainCall: fc.Arbitrary<object> = fc.oneof(
  fc.record({ function: fc.constant('join'), fields, separator: fc.constantFrom(' ', '-', '"') }),
  fc.record({
    function: fc.constant('format'),
    fields,
    format: fc.constantFrom('$1-$2', 'No $1', '($2) $1é'),
  }),
  fc.record({
    function: fc.constant('regexp'),
    field: column,
    pattern: fc.constantFrom('^([0-9]+)', '(.*) ST', '\\d+ (.)'),
    replace: fc.constantFrom('', '$1', '"$1"'),
  }),
  fc.record({
    function: fc.constantFrom('prefixed_number', 'postfixed_street', 'postfixed_unit', 'mph_to_kph'),
    field: column,
  }),
  fc.record({
    function: fc.constant('postfixed_street'),
    field: column,
    may_contain_units: fc.constant(true),
  }),
  fc.record({
    function: fc.constantFrom('remove_prefix', 'remove_postfix'),
    field: column,
    field_to_remove: column,
  }),
  fc.record({ function: fc.constant('first_non_empty'), fields }),
  fc.record({ function: fc.constant('constant'), value: fc.constantFrom('PA', 'é"', 5, 0, null, '') }),
  fc.record({
    function: fc.constant('map'),
    field: column,
    mapping: fc.constant({ '1': 1, '35': null, '12': 'twelve', é: 'e' }),
    else: fc.constantFrom('', 7, 'x.0'),
  }),
)
const call = fc.oneof(
  { weight: 4, arbitrary: plainCall },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        function: fc.constant('chain'),
        variable: fc.constantFrom('wip', 'tmp', 'number', 'A'),
        functions: fc.array(plainCall, { minLength: 1, maxLength: 3 }),
      },
      { requiredKeys: ['function', 'functions'] },
    ),
  },
)
const mapped = fc.oneof(column, fields, call, fc.constantFrom('', 5, null))

const case_ = fc.constantFrom<LayerName>('addresses', 'parcels', 'buildings', 'centerlines').chain((layer) =>
  fc.record({
    layer: fc.constant(layer),
    conform: fc.dictionary(fc.constantFrom(...attributesOf(layer), 'format'), mapped, { maxKeys: 5 }),
    rows: fc.array(fc.array(text, { minLength: COLUMNS.length, maxLength: COLUMNS.length }), {
      maxLength: 4,
    }),
    isEsri: fc.boolean(),
    places: fc.array(place(), { minLength: 4, maxLength: 4 }),
    isFlat: fc.boolean(),
  }),
)

function place(): fc.Arbitrary<Geometry | null> {
  const degrees = fc.oneof(fc.double({ min: -200, max: 200, noNaN: true }), fc.integer({ min: -90, max: 90 }))
  return fc.oneof(
    fc.constant(null),
    fc.tuple(degrees, degrees).map(([x, y]): Geometry => ({ type: 'Point', coordinates: [x, y] })),
    anyGeometry,
  )
}

describe('the engine', () => {
  test('gives the lines and the tally of the plain way, for any row and conform', () => {
    fc.assert(
      fc.property(case_, ({ layer, conform, rows, isEsri, places, isFlat }) => {
        const batch = batchOf(rows, places, isFlat)

        expect(byEngine(batch, layer, conform as Conform, isEsri)).toEqual(
          byRows(batch, layer, conform as Conform, isEsri),
        )
      }),
      { numRuns: 3_000 },
    )
  })
})

function byEngine(batch: CellBatch, layer: LayerName, conform: Conform, isEsri: boolean) {
  const tally = newTally(attributesOf(layer))
  const conformer = compileConform(layer, conform)
  const lines = cellStep({ conformer, conform, fingerprint: 'f00', isEsri, tally })(batch)
  return { text: lines.bytes.toString('latin1'), tally }
}

function byRows(batch: CellBatch, layer: LayerName, conform: Conform, isEsri: boolean) {
  const tally = newTally(attributesOf(layer))
  const conformer = compileConform(layer, conform)
  const features = Array.from({ length: batch.count }, (_, row) => featureAt(batch, row))
  const rows = rowStep({ conformer, fingerprint: 'f00', isEsri, tally })(features)
  return { text: rows.map(({ line }) => `${line}\n`).join(''), tally }
}

/** A batch as a reader makes it: plain cells first, those with escapes behind them. */
function batchOf(
  rows: readonly (readonly string[])[],
  places: readonly (Geometry | null)[],
  isFlat: boolean,
): CellBatch {
  const cells = rows.flat().map((text) => jsonText(text).slice(1, -1))
  const plain = cells.map((cell) => (cell.includes('\\') ? '' : cell)).join('')
  const escaped = cells.filter((cell) => cell.includes('\\')).join('')
  const spans: number[] = []
  let [plainAt, escapedAt] = [0, plain.length]
  for (const cell of cells) {
    const start = cell.includes('\\') ? escapedAt : plainAt
    spans.push(start, start + cell.length)
    if (cell.includes('\\')) escapedAt += cell.length
    else plainAt += cell.length
  }
  const xy = new Float64Array(2 * rows.length).fill(Number.NaN)
  const shapes = new Map<number, Geometry | null>()
  rows.forEach((_, row) => {
    const place = places[row] ?? null
    if (place?.type === 'Point' && place.coordinates.length === 2) {
      xy[row] = place.coordinates[0]!
      xy[rows.length + row] = place.coordinates[1]!
    } else if (place !== null) shapes.set(row, place)
  })
  return {
    columns: COLUMNS,
    count: rows.length,
    bytes: Buffer.from(plain + escaped, 'latin1'),
    spans: Int32Array.from(spans),
    escapedFrom: plain.length,
    ...(isFlat ? placesOf(places.slice(0, rows.length), openFlatDraft()) : { xy, shapes }),
  }
}
