/**
 * Make the data of the benchmark: what is text by ourselves, the rest of it by ogr2ogr where that is
 * installed. What is there already is kept.
 */
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CommandError, run } from '../worker/system/spawn.ts'
import { type Address, address, degrees, parcel } from './addresses.ts'

const FEET = 'EPSG:2263'

/** Rows that become one piece of text. */
const PIECE_ROWS = 5_000

/** @returns names of files that cannot be made here */
export async function makeData(folder: string, rows: number, files: readonly string[]): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const missing: string[] = []
  for (const file of files) {
    if (existsSync(join(folder, file))) continue
    try {
      await makeFile(folder, rows, file)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      process.stderr.write(`${file}: ${error.message.slice(0, 200)}\n`)
      await rm(join(folder, file), { recursive: true, force: true })
      missing.push(file)
    }
  }
  return missing
}

async function makeFile(folder: string, rows: number, file: string): Promise<void> {
  const write = TEXTS[file]
  if (write !== undefined) return await writeText(join(folder, file), write(rows))
  const [stem, extension = ''] = file.split('.')
  const from = stem === 'parcels' ? 'parcels.json' : 'feet.csv'
  await makeData(folder, rows, [from])
  const options =
    stem === 'parcels'
      ? ['-nlt', extension === 'shp' ? 'POLYGON' : 'MULTIPOLYGON']
      : ['-oo', 'X_POSSIBLE_NAMES=X', '-oo', 'Y_POSSIBLE_NAMES=Y', '-oo', 'KEEP_GEOM_COLUMNS=NO']
  const driver = DRIVERS[extension]!
  const names = ['-f', ...driver, '-nln', stem!, '-a_srs', FEET, '-s_srs', FEET]
  await run(
    'ogr2ogr',
    [
      ...names.filter((word) => word !== '-s_srs' && word !== ''),
      ...options,
      join(folder, file),
      join(folder, from),
    ].filter((word, at, all) => !(word === FEET && all[at - 1] === FEET)),
  )
}

const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  shp: ['ESRI Shapefile', '-lco', 'ENCODING=ISO-8859-1'],
  gdb: ['OpenFileGDB'],
  gpkg: ['GPKG'],
  gml: ['GML', '-dsco', 'FORMAT=GML3'],
}

const TEXTS: Readonly<Record<string, (rows: number) => Generator<string>>> = {
  'feet.csv': (rows) => table(rows, ({ xy }) => xy),
  'degrees.csv': (rows) => table(rows, ({ xy }) => (xy === undefined ? undefined : degrees(xy))),
  *'collection.geojson'(rows) {
    yield '{"type": "FeatureCollection", "features": ['
    yield* features(rows, ',\n', '\n')
    yield ']}\n'
  },
  'lines.geojson': (rows) => features(rows, '\n', ''),
  *'parcels.json'(rows) {
    for (let row = 0; row < rows; row++) {
      const coordinates = parcel(row)
      const geometry =
        coordinates.length === 1
          ? { type: 'Polygon', coordinates: coordinates[0] }
          : { type: 'MultiPolygon', coordinates }
      const { OWNER, ZIP, FULLADDR } = address(row).cells
      yield `${JSON.stringify({ type: 'Feature', properties: { PID: `P-${1e6 + row}`, OWNER, ZIP, FULLADDR }, geometry })}\n`
    }
  },
}

function* table(rows: number, place: (address: Address) => readonly number[] | undefined): Generator<string> {
  yield `${Object.keys(address(0).cells).join(',')},X,Y\n`
  for (let row = 0; row < rows; row++) {
    const one = address(row)
    const cells = [...Object.values(one.cells), ...(place(one) ?? ['', ''])]
    yield `${cells.map((cell) => (/[",]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell)).join(',')}\n`
  }
}

function* features(rows: number, between: string, before: string): Generator<string> {
  let separator = before
  for (let row = 0; row < rows; row++) {
    const { cells, xy } = address(row)
    const geometry = xy === undefined ? null : { type: 'Point', coordinates: degrees(xy) }
    yield separator + JSON.stringify({ type: 'Feature', properties: cells, geometry })
    separator = between
  }
}

async function writeText(path: string, lines: Generator<string>): Promise<void> {
  await pipeline(Readable.from(pieces(lines)), createWriteStream(path))
}

function* pieces(lines: Generator<string>): Generator<string> {
  let piece: string[] = []
  for (const line of lines) {
    piece.push(line)
    if (piece.length < PIECE_ROWS) continue
    yield piece.join('')
    piece = []
  }
  yield piece.join('')
}
