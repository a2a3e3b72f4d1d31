/**
 * The row engine: batches of cells in, lines of `out.geojson` out, and no object in between.
 *
 *     cells ─► place ─► functions ─► text of the hash ─► SHA-1 ─► line
 *
 * It gives letter by letter what the conformer of shared/conform gives for the same rows, which is its
 * oracle in engine.test.ts, at a quarter of the time or less (bench/README.md).
 */
import type { Conformer } from '../../shared/conform/conform.ts'
import { assertFinite } from '../../shared/conform/finite.ts'
import type { Bounds } from '../../shared/geometry/bounds.ts'
import { geosWkt } from '../../shared/geometry/geos_wkt.ts'
import { interiorPoint } from '../../shared/geometry/interior_point.ts'
import { ordinateAsWritten, roundOrdinate } from '../../shared/geometry/round.ts'
import { attributesOf } from '../../shared/layer.ts'
import type { Geometry } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { type CellBatch, geometryAt } from '../formats/cells.ts'
import { NO_SHAPE } from '../formats/flat_shapes.ts'
import { type Constant, copyHere, type Desk, openDesk, putByte, putConstant, putText } from './desk.ts'
import { flatBounds, putFlatGeojson, putFlatWkt } from './flat_out.ts'
import { putGeojson, putOgrPoint, putOgrWkt } from './geometry_out.ts'
import { putDegrees } from './number_out.ts'
import { makePlan, type Plan } from './plan.ts'
import { putCell, putProperty, putValue } from './property_out.ts'
import { sha1Hex } from './sha1.ts'
import { ABSENT, openValues, type Values, type Work } from './values.ts'
import { compileWork } from './work.ts'

const BLANK = 0x20
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

/** So much of a row's SHA-1 is its hash. */
const HASH_LENGTH = 16

export interface EngineOptions {
  readonly conformer: Conformer
  readonly conform: Conform
  readonly fingerprint: string
  /** The data came from an ESRI server: it has been text of GEOS once, and other layers keep that. */
  readonly isEsri: boolean
  readonly witness: Witness
}

/** Told of each row. */
export interface Witness {
  /** A row that is written, and its point as it stands there. */
  onPoint(lon: number, lat: number): void
  /** A row that is written with a plain line or area: its box, not rounded, and the same as a geometry. */
  onFlat(box: Bounds, geometry: () => Geometry, round: (x: number) => number): void
  /** A row that is written with another geometry, or none, which is rounded so. */
  onShape(geometry: Geometry | null, round: (x: number) => number): void
  /** @returns whether the fault is one of the row; if not, it is thrown on */
  onBadRow(error: unknown, batch: CellBatch, row: number): boolean
}

/** What became of a batch. */
export interface Lines {
  /** Good until the next batch; each line has its end. */
  readonly bytes: Buffer
  readonly count: number
  /** Rows that have something in an attribute. */
  readonly filled: Readonly<Record<string, number>>
}

/** A run of the engine over batches, one after the other. */
export type Engine = (batch: CellBatch) => Lines

/** Functions set columns that begin so; a file that brings some of its own is for the plain way. */
const OWN_COLUMN = /^oa:/

/** Whether the engine can conform rows of these columns. */
export function canConform(columns: CellBatch['columns']): boolean {
  return !columns.some((name) => name !== undefined && OWN_COLUMN.test(name))
}

/** What stays the same while the columns do. */
interface Bench extends EngineOptions {
  readonly columns: CellBatch['columns']
  readonly desk: Desk
  /** Where the lines begin: behind the constants. */
  readonly start: number
  readonly fingerprintText: Constant
  readonly plan: Plan
  readonly values: Values
  readonly work: Work
  readonly filled: number[]
  readonly round: (x: number) => number
  readonly putPoint: (desk: Desk, x: number, y: number) => void
  readonly putWkt: (desk: Desk, geometry: Geometry) => void
  /** Lines and areas are written from their numbers; points are made of them for addresses. */
  readonly keepsFlat: boolean
}

export function openEngine(options: EngineOptions): Engine {
  let bench: Bench | undefined
  return (batch) => {
    if (bench?.columns !== batch.columns) bench = openBench(options, batch.columns)
    return conformBatch(bench, batch)
  }
}

function openBench(options: EngineOptions, columns: CellBatch['columns']): Bench {
  const { conformer, conform, isEsri, fingerprint } = options
  const { layer } = conformer
  const desk = openDesk()
  const values = openValues(conform, attributesOf(layer))
  const plan = makePlan(desk, { layer, conform, columns, values: values.names })
  const isGeos = isEsri && layer !== 'addresses'
  const fingerprintText = putConstant(desk, fingerprint)
  return {
    ...options,
    columns,
    desk,
    start: desk.at,
    fingerprintText,
    plan,
    values,
    work: compileWork(layer, conform, columns, values),
    filled: plan.properties.map(() => 0),
    // The reference rounds what it reads from that text, so digits beyond the fifteenth count for nothing.
    round: isGeos ? roundOrdinate : ordinateAsWritten,
    putPoint: isGeos ? geosPoint : putOgrPoint,
    putWkt: isGeos ? (desk, geometry) => putText(desk, geosWkt(geometry)) : putOgrWkt,
    keepsFlat: layer !== 'addresses' && !isGeos,
  }
}

function conformBatch(bench: Bench, batch: CellBatch): Lines {
  const { desk, start, witness, plan, filled } = bench
  desk.at = start
  filled.fill(0)
  let count = 0
  for (let row = 0; row < batch.count; row++) {
    const before = desk.at
    try {
      conformRow(bench, batch, row)
      count++
    } catch (error) {
      if (!witness.onBadRow(error, batch, row)) throw error
      desk.at = before
    }
  }
  return {
    bytes: desk.bytes.subarray(start, desk.at),
    count,
    filled: Object.fromEntries(plan.properties.map(({ attribute }, index) => [attribute, filled[index]!])),
  }
}

function conformRow(bench: Bench, batch: CellBatch, row: number): void {
  const { desk, plan, values, witness, conformer, round } = bench
  const { shapes, flat, xy, count } = batch
  const isFlat = flat !== undefined && flat.kinds[row] !== NO_SHAPE
  const shape = isFlat ? flatShape(bench, batch, row) : shapes.size === 0 ? undefined : shapes.get(row)
  const isPoint = shape === undefined && !isFlat && !Number.isNaN(xy[row]!)
  const place = shape && conformer.layer === 'addresses' ? interiorPoint(shape) : (shape ?? null)
  if (place !== null) assertFinite(place)

  bench.work(batch, row)
  const start = desk.at
  putHashText(bench, batch, row, { isPoint, isFlat, place })
  const hash = sha1Hex(desk.bytes.subarray(start, desk.at))
  desk.at = start

  copyHere(desk, plan.head.start, plan.head.end)
  putText(desk, hash.slice(0, HASH_LENGTH))
  for (let i = 0; i < plan.properties.length; i++) {
    if (putProperty(desk, plan.properties[i]!, batch, row, values)) bench.filled[i]! += 1
  }
  copyHere(desk, plan.tail.start, plan.tail.end)
  if (isPoint) {
    copyHere(desk, plan.point.start, plan.point.end)
    const lon = putDegrees(desk, xy[row]!, round)
    putByte(desk, COMMA)
    putByte(desk, BLANK)
    const lat = putDegrees(desk, xy[count + row]!, round)
    copyHere(desk, plan.pointEnd.start, plan.pointEnd.end)
    witness.onPoint(lon, lat)
    return
  }
  if (isFlat && shape === undefined) {
    putFlatGeojson(desk, flat, row, round)
    putText(desk, '}\n')
    witness.onFlat(flatBounds(flat, row), () => geometryAt(batch, row)!, round)
    return
  }
  const written = place === null || isNowhere(place) ? null : place
  if (written === null) putText(desk, 'null')
  else putGeojson(desk, written, round)
  putText(desk, '}\n')
  witness.onShape(written, round)
}

/** A flat shape as a geometry where only that will do. */
function flatShape({ keepsFlat }: Bench, batch: CellBatch, row: number): Geometry | null | undefined {
  return keepsFlat ? undefined : geometryAt(batch, row)
}

/** Where a row is: a plain point, or another geometry, or nowhere. */
interface Place {
  readonly isPoint: boolean
  readonly isFlat: boolean
  readonly place: Geometry | null
}

function putHashText(bench: Bench, batch: CellBatch, row: number, { isPoint, isFlat, place }: Place): void {
  const { desk, plan, values, fingerprintText } = bench
  copyHere(desk, fingerprintText.start, fingerprintText.end)
  const first = desk.at
  for (let i = 0; i < plan.hash.length; i++) {
    const { start, end, what, index } = plan.hash[i]!
    if (what === 'value') {
      if (values.kinds[index] === ABSENT) continue
      copyHere(desk, start, end)
      putValue(desk, values, index)
      putByte(desk, CLOSE_LIST)
      continue
    }
    copyHere(desk, start, end)
    if (what === 'cell') putCell(desk, batch, row, index)
    else if (what === 'geometry' && isPoint)
      bench.putPoint(desk, batch.xy[row]!, batch.xy[batch.count + row]!)
    else if (what === 'geometry' && place !== null) bench.putWkt(desk, place)
    else if (what === 'geometry' && isFlat) putFlatWkt(desk, batch.flat!, row)
  }
  copyHere(desk, plan.hashEnd.start, plan.hashEnd.end)
  // Each part began with a comma; the first one opens the list.
  desk.bytes[first] = OPEN_LIST
}

function isNowhere(geometry: Geometry): boolean {
  return geometry.type === 'Point' && geometry.coordinates.length === 0
}

function geosPoint(desk: Desk, x: number, y: number): void {
  putText(desk, geosWkt({ type: 'Point', coordinates: [x, y] }))
}
