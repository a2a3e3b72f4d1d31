/** For tests: what a run leaves, made by the outputs of a run and put into storage as a run's files are. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Artifact } from '../../shared/run.ts'
import type { License } from '../../shared/license.ts'
import type { OutFeature } from '../../shared/row.ts'
import type { Storage } from '../io/storage.ts'
import { addressZip } from '../outputs/address_zip.ts'
import { geojson } from '../outputs/geojson.ts'
import type { Leaving } from '../outputs/output.ts'
import type { ProductSource } from './product_source.ts'

export const NO_LICENSE: License = {
  license: null,
  attributionRequired: false,
  attributionName: null,
  shareAlike: null,
}

/** Addresses on a diagonal, so many from a corner. */
export function addresses(
  count: number,
  { lon, lat, step = 0.001 }: { lon: number; lat: number; step?: number },
) {
  return Array.from({ length: count }, (_, index): OutFeature => {
    const number = String(index + 1)
    return {
      type: 'Feature',
      properties: {
        hash: `h${index}`,
        number,
        street: 'Hauptstraße, "alt"',
        unit: '',
        city: 'X',
        district: '',
        region: '',
        postcode: '1',
        id: '',
        accuracy: '',
      },
      geometry: { type: 'Point', coordinates: [lon + index * step, lat + index * step] },
    }
  })
}

export interface WrittenRun {
  readonly source: ProductSource
  readonly artifacts: readonly Artifact[]
}

/** Put the files of a run into storage: `out.geojson.gz` and the classic zip. */
export async function writeRun(
  storage: Storage,
  sourcePath: string,
  features: readonly OutFeature[],
  { runId, license = NO_LICENSE, name = 'city' }: { runId: number; license?: License; name?: string },
): Promise<WrittenRun> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-run-'))
  try {
    const leaving = {
      folder,
      sourceName: sourcePath.slice('sources/'.length, -'.json'.length),
      layer: 'addresses',
      website: 'https://city.example',
      license,
      now: new Date('2026-10-01T00:00:00Z'),
    } as unknown as Leaving
    const artifacts: Artifact[] = []
    // JSON of a run is ASCII.
    const rows = features.map((feature) => ({ feature, line: ascii(JSON.stringify(feature)) }))
    for (const open of [geojson, addressZip]) {
      const output = open(leaving)
      await output.write(rows)
      artifacts.push(...(await output.close()).artifacts)
    }
    const kept: Artifact[] = []
    for (const artifact of artifacts) {
      const { sha256 } = await storage.put(
        `runs/${runId}/${artifact.name}`,
        join(folder, artifact.name),
        artifact,
      )
      kept.push({ ...artifact, sha256 })
    }
    const packed = await readFile(join(folder, 'out.geojson.gz'))
    return {
      artifacts: kept,
      source: {
        sourcePath,
        layer: 'addresses',
        name,
        website: 'https://city.example',
        license,
        dataDate: new Date('2026-09-30T12:00:00Z'),
        runId,
        rows: features.length,
        key: `runs/${runId}/out.geojson.gz`,
        bytes: packed.length,
        sha256: createHash('sha256').update(packed).digest('hex'),
      },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function ascii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
