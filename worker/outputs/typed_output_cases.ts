/** Rows that try a writer with typed columns: signs, blanks, numbers, every geometry, heights, nothing at all. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outText } from '../../shared/conform/out_text.ts'
import type { Geometry, OutFeature } from '../../shared/row.ts'
import { openPreview } from '../render/preview.ts'
import type { Leaving, Made, OutRow } from './output.ts'
import { type OutputName, openOutputs } from './outputs.ts'

const NEVER = new AbortController().signal

/** What an output is told of a run into a folder. */
export function leavingIn(folder: string, layer: string): Leaving {
  return {
    folder,
    sourceName: 'us/ca/berkeley',
    layer,
    website: null,
    license: { license: null, attributionRequired: false, attributionName: null, shareAlike: null },
    now: new Date('2026-03-27T12:00:00Z'),
    draws: (scratch) => openPreview({ scratch, log: () => {}, signal: NEVER }),
    log: () => {},
    signal: NEVER,
  }
}

/** A row as it comes out of the conform. */
export function outRow(properties: OutFeature['properties'], geometry: Geometry | null): OutRow {
  const feature: OutFeature = { type: 'Feature', properties, geometry }
  return { feature, line: outText(feature) }
}

/** A building. */
export function building(height: string | number | null, levels: string | number | null, geometry: Geometry) {
  return outRow({ hash: 'eb5def51969e5131', height, levels }, geometry)
}

/** An address. */
export function address(number: string, street: string | null, geometry: Geometry | null): OutRow {
  const rest = { unit: '', city: null, district: '', region: 'CA', postcode: '94612', id: '', accuracy: '' }
  return outRow({ hash: 'eb5def51969e5131', number, street, ...rest }, geometry)
}

/** One of each geometry; the last but one is empty, the last has heights. */
export const GEOMETRIES: readonly Geometry[] = [
  { type: 'Point', coordinates: [-122.2677356, 37.8106221] },
  {
    type: 'MultiPoint',
    coordinates: [
      [1, 2],
      [3, 4],
    ],
  },
  {
    type: 'LineString',
    coordinates: [
      [0.1, 0.2],
      [0.3, -0.4],
      [5, 6],
    ],
  },
  {
    type: 'MultiLineString',
    coordinates: [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3.5],
        [4, 4],
      ],
    ],
  },
  { type: 'Polygon', coordinates: [ring(0, 10), hole(2, 3)] },
  { type: 'MultiPolygon', coordinates: [[ring(20, 30), hole(22, 23)], [ring(-5, -4)]] },
  {
    type: 'GeometryCollection',
    geometries: [
      { type: 'Point', coordinates: [7, 8] },
      {
        type: 'LineString',
        coordinates: [
          [7, 8],
          [9, 9],
        ],
      },
    ],
  },
  { type: 'MultiPolygon', coordinates: [] },
  {
    type: 'LineString',
    coordinates: [
      [1, 2, 3.5],
      [4, 5, 6],
    ],
  },
]

function ring(from: number, to: number): [number, number][] {
  return [
    [from, from],
    [to, from],
    [to, to],
    [from, to],
    [from, from],
  ]
}

/** Clockwise, as GDAL writes it. */
function hole(from: number, to: number): [number, number][] {
  return ring(from, to).reverse()
}

/** Write batches of rows through some outputs into a new folder. */
export async function makeOutputs(
  names: readonly OutputName[],
  layer: string,
  batches: readonly (readonly OutRow[])[],
): Promise<{ folder: string; made: Map<string, Made> }> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-typed-'))
  const outputs = openOutputs(names, leavingIn(folder, layer))
  for (const rows of batches) {
    const bytes = Buffer.from(rows.map(({ line }) => `${line}\n`).join(''), 'latin1')
    await outputs.writeLines({ bytes, count: rows.length })
  }
  const made = new Map<string, Made>()
  await outputs.close((name, what) => made.set(name, what))
  return { folder, made }
}
