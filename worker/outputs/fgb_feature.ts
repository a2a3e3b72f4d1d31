/**
 * A feature of FlatGeobuf: its properties as one run of bytes, its geometry as coordinates with the
 * ends of the parts.
 *
 * Source: flatgeobuf.org, feature.fbs.
 */
import type { Geometry, OutFeature, Position } from '../../shared/row.ts'
import { alignBefore, beginTable, beginVector, type Field, makeRoom, type Page } from './flatbuffer_writer.ts'
import { type Column, valueFor } from './typed_output.ts'
import { TYPE_CODES } from './wkb.ts'

const FEATURE = { geometry: 0, properties: 1 }
const GEOMETRY = { ends: 0, xy: 1, type: 6, parts: 7 }
const SHAPE: readonly Field[] = [
  [GEOMETRY.xy, 4],
  [GEOMETRY.type, 1],
]
const SHAPE_WITH_ENDS: readonly Field[] = [[GEOMETRY.ends, 4], ...SHAPE]
const SHAPE_OF_PARTS: readonly Field[] = [
  [GEOMETRY.parts, 4],
  [GEOMETRY.type, 1],
]

const SIZE_BYTES = 4
const INDEX_BYTES = 2
const DOUBLE_BYTES = 8

/** UTF-16 has at most so many bytes of UTF-8 for each of its units. */
const UTF8_BYTES_MAX = 3

/** Write a feature behind what is there, its size before it. */
export function writeFgbFeature(page: Page, columns: readonly Column[], feature: OutFeature): void {
  makeRoom(page, 2 * SIZE_BYTES)
  const size = page.at
  page.base = size + SIZE_BYTES
  page.at = page.base + SIZE_BYTES
  const { geometry } = feature
  const fields: Field[] = [[FEATURE.properties, 4]]
  if (geometry !== null) fields.push([FEATURE.geometry, 4])
  const table = beginTable(page, page.base, fields)
  writeProperties(page, table.get(FEATURE.properties) ?? 0, columns, feature)
  if (geometry !== null) writeGeometry(page, table.get(FEATURE.geometry) ?? 0, geometry)
  alignBefore(page, 0, SIZE_BYTES)
  page.bytes.writeUInt32LE(page.at - page.base, size)
}

function writeProperties(page: Page, pointer: number, columns: readonly Column[], feature: OutFeature): void {
  // How long they are is known afterwards.
  const start = beginVector(page, pointer, 0, 1)
  for (const [index, column] of columns.entries()) {
    const value = valueFor(column, feature)
    if (value === null) continue
    makeRoom(
      page,
      INDEX_BYTES + DOUBLE_BYTES + (typeof value === 'string' ? UTF8_BYTES_MAX * value.length : 0),
    )
    page.bytes.writeUInt16LE(index, page.at)
    page.at += INDEX_BYTES
    if (typeof value === 'number') {
      page.bytes.writeDoubleLE(value, page.at)
      page.at += DOUBLE_BYTES
      continue
    }
    const length = value === '' ? 0 : page.bytes.write(value, page.at + SIZE_BYTES, 'utf8')
    page.bytes.writeUInt32LE(length, page.at)
    page.at += SIZE_BYTES + length
  }
  page.bytes.writeUInt32LE(page.at - start, start - SIZE_BYTES)
}

function writeGeometry(page: Page, pointer: number, geometry: Geometry): void {
  switch (geometry.type) {
    case 'Point':
      writeShape(page, pointer, geometry.type, [[geometry.coordinates]])
      return
    case 'MultiPoint':
    case 'LineString':
      writeShape(page, pointer, geometry.type, [geometry.coordinates])
      return
    case 'MultiLineString':
    case 'Polygon':
      writeShape(page, pointer, geometry.type, geometry.coordinates)
      return
    case 'MultiPolygon': {
      const polygons = geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }) as const)
      writeParts(page, pointer, geometry.type, polygons)
      return
    }
    case 'GeometryCollection':
      writeParts(page, pointer, geometry.type, geometry.geometries)
      return
  }
}

/** Coordinates of all lines in a row; where there are several lines, with the end of each. */
function writeShape(
  page: Page,
  pointer: number,
  type: Geometry['type'],
  lines: readonly (readonly Position[])[],
): void {
  const table = beginTable(page, pointer, lines.length > 1 ? SHAPE_WITH_ENDS : SHAPE)
  page.bytes.writeUInt8(TYPE_CODES[type], table.get(GEOMETRY.type) ?? 0)
  const length = lines.reduce((sum, line) => sum + line.length, 0)
  let at = beginVector(page, table.get(GEOMETRY.xy) ?? 0, 2 * length, DOUBLE_BYTES)
  for (const line of lines) {
    for (const position of line) {
      page.bytes.writeDoubleLE(position[0] ?? Number.NaN, at)
      page.bytes.writeDoubleLE(position[1] ?? Number.NaN, at + DOUBLE_BYTES)
      at += 2 * DOUBLE_BYTES
    }
  }
  const ends = table.get(GEOMETRY.ends)
  if (ends === undefined) return
  let place = beginVector(page, ends, lines.length, SIZE_BYTES)
  let end = 0
  for (const line of lines) {
    end += line.length
    page.bytes.writeUInt32LE(end, place)
    place += SIZE_BYTES
  }
}

function writeParts(page: Page, pointer: number, type: Geometry['type'], parts: readonly Geometry[]): void {
  const table = beginTable(page, pointer, SHAPE_OF_PARTS)
  page.bytes.writeUInt8(TYPE_CODES[type], table.get(GEOMETRY.type) ?? 0)
  const pointers = beginVector(page, table.get(GEOMETRY.parts) ?? 0, parts.length, SIZE_BYTES)
  for (const [index, part] of parts.entries()) writeGeometry(page, pointers + SIZE_BYTES * index, part)
}
