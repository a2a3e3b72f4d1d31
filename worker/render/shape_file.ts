/**
 * Shapes packed on the disk between the passes of a picture, so that memory stays the same for five
 * million of them.
 *
 * Pages of whole numbers: how many there are, then shapes. A shape is the longitude and latitude of the
 * point that stands for it, how many numbers its outline has, and the outline: parts, each the count of
 * its positions (negative for a ring) and the positions. A point has no outline. Degrees are times 10⁷,
 * as exact as `out.geojson`.
 */
import { open, rm } from 'node:fs/promises'
import { interiorPoint } from '../../shared/geometry/interior_point.ts'
import type { Geometry, Position } from '../../shared/row.ts'
import { LAT_MAX } from './mercator.ts'

/** Numbers in a degree. */
export const PER_DEGREE = 1e7

/** What stands before an outline. */
export const SHAPE_HEAD = 3

/** A page is written when it has so many numbers. */
const PAGE_NUMBERS = 128 * 1024
const NUMBER_BYTES = 4

/** Shapes on their way to the disk and back. */
export interface ShapeFile {
  /**
   * Keep a geometry.
   *
   * @returns the point that stands for it, in degrees; null for one that is nowhere on the map
   */
  add(geometry: Geometry): readonly [lon: number, lat: number] | null
  /** Write what is held, when it is a page. */
  flush(): Promise<void>
  /** All pages, in order; a page is good until the next one is asked for. */
  pages(): AsyncGenerator<Int32Array>
  /** Remove the file. */
  remove(): Promise<void>
}

/** Open a file for shapes, replacing what is there. */
export async function openShapeFile(path: string): Promise<ShapeFile> {
  const file = await open(path, 'w+')
  let page = new Int32Array(PAGE_NUMBERS)
  let at = 1
  let end = 0

  async function writePage(): Promise<void> {
    if (at === 1) return
    page[0] = at - 1
    await file.write(new Uint8Array(page.buffer, 0, at * NUMBER_BYTES), 0, at * NUMBER_BYTES, end)
    end += at * NUMBER_BYTES
    at = 1
  }

  function put(numbers: readonly number[]): void {
    if (at + numbers.length > page.length) {
      const larger = new Int32Array(Math.max(2 * page.length, at + numbers.length))
      larger.set(page.subarray(0, at))
      page = larger
    }
    page.set(numbers, at)
    at += numbers.length
  }

  return {
    add(geometry: Geometry): readonly [number, number] | null {
      const [lon, lat] = interiorPoint(geometry).coordinates
      if (lon === undefined || lat === undefined || Math.abs(lon) > 180 || Math.abs(lat) > LAT_MAX)
        return null
      const outline = geometry.type === 'Point' ? [] : outlineOf(geometry)
      put([Math.round(lon * PER_DEGREE), Math.round(lat * PER_DEGREE), outline.length])
      if (outline.length > 0) put(outline)
      return [lon, lat]
    },

    async flush(): Promise<void> {
      if (at >= PAGE_NUMBERS / 2) await writePage()
    },

    async *pages(): AsyncGenerator<Int32Array> {
      await writePage()
      let numbers = new Int32Array(PAGE_NUMBERS)
      for (let position = 0; position < end; ) {
        const length = new Int32Array(1)
        await file.read(new Uint8Array(length.buffer), 0, NUMBER_BYTES, position)
        const count = length[0] ?? 0
        if (count > numbers.length) numbers = new Int32Array(count)
        await file.read(new Uint8Array(numbers.buffer), 0, count * NUMBER_BYTES, position + NUMBER_BYTES)
        position += (count + 1) * NUMBER_BYTES
        yield numbers.subarray(0, count)
      }
    },

    async remove(): Promise<void> {
      await file.close()
      await rm(path, { force: true })
    },
  }
}

function outlineOf(geometry: Geometry): number[] {
  switch (geometry.type) {
    case 'Point':
      return part([geometry.coordinates], false)
    case 'MultiPoint':
      return geometry.coordinates.flatMap((position) => part([position], false))
    case 'LineString':
      return part(geometry.coordinates, false)
    case 'MultiLineString':
      return geometry.coordinates.flatMap((line) => part(line, false))
    case 'Polygon':
      return geometry.coordinates.flatMap((ring) => part(ring, true))
    case 'MultiPolygon':
      return geometry.coordinates.flatMap((rings) => rings.flatMap((ring) => part(ring, true)))
    case 'GeometryCollection':
      return geometry.geometries.flatMap(outlineOf)
  }
}

function part(positions: readonly Position[], isRing: boolean): number[] {
  if (positions.length === 0) return []
  const numbers = [isRing ? -positions.length : positions.length]
  for (const [lon = 0, lat = 0] of positions) {
    const near = Math.max(-LAT_MAX, Math.min(LAT_MAX, lat))
    numbers.push(Math.round(Math.max(-180, Math.min(180, lon)) * PER_DEGREE), Math.round(near * PER_DEGREE))
  }
  return numbers
}
