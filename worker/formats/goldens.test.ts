/**
 * The readers against the rows that the reference took from real files: every column of every row, and
 * every place to seven decimals. Data of ../shared, read there and never copied.
 */
import { describe, expect } from 'bun:test'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import yauzl from 'yauzl'
import { interiorPoint } from '../../shared/geometry/interior_point.ts'
import type { Feature } from '../../shared/row.ts'
import { type Conform, dataSources, readSource } from '../../shared/source.ts'
import { scored } from '../../test/conformance/score.ts'
import { inTemp } from '../system/temp.ts'
import { readAll } from './read_all.ts'

const CONFORMANCE = '../shared/conformance'
const IS_HERE = existsSync(CONFORMANCE)
if (!IS_HERE) console.log(`skipped: the readers against real files, as ${CONFORMANCE} is not here`)

interface Case {
  readonly name: string
  readonly source: string
  readonly input?: string
  readonly files: readonly string[]
}

/** The file that is meant, in each zip that has more than one: choosing it is not the readers' work. */
const MEANT: Readonly<Record<string, RegExp>> = {
  csv: /\.(csv|txt)$/i,
  geojson: /\.(geo)?json$/i,
  shapefile: /\.shp$/i,
  gdb: /\.gdb\/?$/i,
}

/** Where the text of a row or its place is not that of the reference; the number is that of processing.md §13. */
const DELIBERATE: Readonly<Record<string, { readonly degrees: number; readonly why: string }>> = {
  'process-de_berlin': {
    degrees: 1e-5,
    why: '§16: the reference had the grid BETA2007, which we do not ship',
  },
  'process-pl_ds': { degrees: 0.03, why: '#1: northing was taken for easting; both are about 362 km' },
  'conform-lake-man-gml': { degrees: 161, why: '#2: latitude was taken for longitude' },
}

/** A thousandth of the last decimal that is written. */
const NOISE_DEGREES = 1e-10

function extracted({ name }: Case): string {
  return join(CONFORMANCE, 'golden', name, 'extract.csv')
}

/** Cases with rows, but for those of ESRI servers, whose rows come from a download. */
function readCases(): [one: Case, conform: Conform][] {
  const text = readFileSync(join(CONFORMANCE, 'manifest.json'), 'utf8')
  const { cases } = JSON.parse(text) as { cases: Case[] }
  return cases.flatMap((one): [Case, Conform][] => {
    const [first] = dataSources(readSource(readFileSync(join(CONFORMANCE, one.source), 'utf8')))
    if (first?.conform === undefined || !existsSync(extracted(one))) return []
    return first.protocol === 'ESRI' ? [] : [[one, first.conform]]
  })
}

async function unpack(zip: string, folder: string): Promise<string[]> {
  const archive = await yauzl.openPromise(zip)
  const names: string[] = []
  for await (const entry of archive.eachEntry()) {
    names.push(entry.fileName)
    if (entry.fileName.endsWith('/')) continue
    await mkdir(dirname(join(folder, entry.fileName)), { recursive: true })
    await pipeline(
      await archive.openReadStreamPromise(entry),
      createWriteStream(join(folder, entry.fileName)),
    )
  }
  return names
}

/** The file among those of a zip; of a geodatabase its folder. */
function meant(names: readonly string[], { file, format = '' }: Conform): string {
  if (file !== undefined) return file
  const ends = MEANT[format]
  const folders = names.map((name) => (format === 'gdb' ? name.replace(/\.gdb\/.*/, '.gdb') : name))
  return folders.find((name) => ends?.test(name)) ?? ''
}

/** How far a place is from the one that is expected, in degrees; both may be nowhere. */
function distance(one: Feature, other: Feature | undefined): number {
  const [a, b] = [one, other].map((feature) => feature?.geometry ?? null)
  if (a === null || b === null || a === undefined || b === undefined) return a === b ? 0 : Number.NaN
  const [lon = 0, lat = 0] = interiorPoint(a).coordinates
  const [otherLon = 0, otherLat = 0] = interiorPoint(b).coordinates
  return Math.max(Math.abs(lon - otherLon), Math.abs(lat - otherLat))
}

async function readCase(one: Case, conform: Conform): Promise<Feature[]> {
  if (one.input !== undefined) return (await readAll(join(CONFORMANCE, one.input), conform)).features
  const [zip = ''] = one.files
  return inTemp('golden', async (folder) => {
    const names = await unpack(join(CONFORMANCE, zip), folder)
    return (await readAll(join(folder, meant(names, conform)), conform)).features
  })
}

describe.skipIf(!IS_HERE)('the rows of real files', () => {
  for (const [one, conform] of IS_HERE ? readCases() : []) {
    const { degrees = NOISE_DEGREES, why } = DELIBERATE[one.name] ?? {}
    scored(
      'golden/*/extract.csv',
      one.name,
      async () => {
        const expected = (await readAll(extracted(one), {}, { isEsri: true })).features
        const features = await readCase(one, conform)

        expect(features.map(({ row }) => row)).toEqual(expected.map(({ row }) => row))
        const farthest = Math.max(...features.map((feature, index) => distance(feature, expected[index])), 0)
        expect(farthest).toBeLessThanOrEqual(degrees)
      },
      { deliberate: why },
    )
  }
})
