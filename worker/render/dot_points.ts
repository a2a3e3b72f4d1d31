/**
 * The points of a run, as its `out.geojson.gz` has them: one feature a line, read as a stream.
 *
 * The end of the gzip is checked by its checksum, so half a file is an error and never a small one.
 */
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A place, and what is written beside it. */
export interface Dot {
  readonly lon: number
  readonly lat: number
  readonly number: string
  readonly street: string
  readonly unit: string
}

/** Rows that no dot can be made of. */
export interface Unplaced {
  count: number
}

/** So many dots are handed on at once. */
const BATCH = 2_000

/** There the map ends; what lies beyond cannot be drawn. */
const LAT_MAX = 85.051_128

/**
 * The dots of a packed GeoJSON, in batches.
 *
 * @param unplaced  counts the rows without a point on Earth
 * @throws {Error} when it is damaged or is not that
 */
export async function* readDots(packed: Readable, unplaced: Unplaced): AsyncGenerator<Dot[]> {
  const unpacked = createGunzip({ chunkSize: 1 << 18 })
  packed.on('error', (error) => unpacked.destroy(error))
  const decoder = new TextDecoder()
  let rest = ''
  let batch: Dot[] = []
  try {
    for await (const chunk of packed.pipe(unpacked) as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) addDot(batch, line, unplaced)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    addDot(batch, rest, unplaced)
    if (batch.length > 0) yield batch
  } finally {
    packed.destroy()
    unpacked.destroy()
  }
}

function addDot(batch: Dot[], line: string, unplaced: Unplaced): void {
  if (line.length < 2) return
  const dot = dotOf(JSON.parse(line))
  if (dot === undefined) unplaced.count += 1
  else batch.push(dot)
}

interface Feature {
  readonly properties?: Readonly<Record<string, unknown>> | null
  readonly geometry?: { readonly type?: string; readonly coordinates?: unknown } | null
}

function dotOf({ properties, geometry }: Feature): Dot | undefined {
  if (geometry?.type !== 'Point' || !Array.isArray(geometry.coordinates)) return undefined
  const [lon, lat] = geometry.coordinates as unknown[]
  if (typeof lon !== 'number' || typeof lat !== 'number') return undefined
  if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= LAT_MAX)) return undefined
  const text = (name: string) => String(properties?.[name] ?? '')
  return { lon, lat, number: text('number'), street: text('street'), unit: text('unit') }
}
