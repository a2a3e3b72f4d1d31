/**
 * Points into tiles: one tippecanoe for each band of each quadrant that has any, fed line by line.
 *
 * The points pass through here once and are held by nobody; tippecanoe keeps them on the disk. A tile that is
 * too dense never ends the work: its densest places lose dots, and how many is read from the tileset afterwards.
 *
 * Source: spec/machine.md §7.5. Unlike there, quadrants are made apart from the first, which costs no copies.
 */
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Band, BANDS, DOT_LAYER, type Quadrant, quadrantOf, type Strategy } from '../../shared/dotmap.ts'
import { CommandError, type Ended, type Program, start } from '../system/spawn.ts'
import type { Dot } from './dot_points.ts'
import { readTileset } from './dot_tileset.ts'

/** Where tippecanoe comes from. */
export const TIPPECANOE =
  'tippecanoe is not installed here; apt-get install tippecanoe (Debian 13 and later; elsewhere https://github.com/felt/tippecanoe)'

/** How it is called for each band. */
const ARGUMENTS: Readonly<Record<Band, readonly string[]>> = {
  far: ['--exclude-all', '--base-zoom=15'],
  near: ['--include=NUMBER', '--include=STREET', '--include=UNIT'],
}

/** Tiles of one band of one quadrant. */
export interface Tiles {
  readonly quadrant: Quadrant
  readonly band: Band
  readonly path: string
  readonly dropped: readonly Strategy[]
}

export interface DotTilesOptions {
  /** Where files may be while it goes. */
  readonly folder: string
  /** Title of the tilesets. */
  readonly name: string
  readonly signal: AbortSignal
  /** Told how far the tiles are, 0 to 1, once all points are in. */
  readonly tell: (share: number) => void
}

/** Points go in, tiles come out. */
export interface DotTiles {
  add(dots: readonly Dot[]): Promise<void>
  /** @throws {CommandError} when a tippecanoe fails */
  finish(): Promise<Tiles[]>
  /** End what still goes; afterwards nothing of it is left running. */
  stop(): Promise<void>
}

/** A tippecanoe at work. */
interface Mill {
  readonly quadrant: Quadrant
  readonly band: Band
  readonly path: string
  readonly program: Program
  share: number
  ended: Ended | undefined
}

/** Begin. Nothing is started before the first point of a quadrant. */
export function openDotTiles(options: DotTilesOptions): DotTiles {
  const mills: Mill[] = []
  const tell = () =>
    options.tell(mills.reduce((sum, { share }) => sum + share, 0) / Math.max(1, mills.length))

  async function millOf(quadrant: Quadrant, band: Band): Promise<Mill> {
    const known = mills.find((mill) => mill.quadrant === quadrant && mill.band === band)
    if (known !== undefined) return known
    const mill = await startMill(quadrant, band, options, tell)
    mills.push(mill)
    return mill
  }

  return {
    async add(dots): Promise<void> {
      const text = new Map<Quadrant, Record<Band, string>>()
      for (const dot of dots) {
        const quadrant = quadrantOf(dot.lon, dot.lat)
        const lines = text.get(quadrant) ?? { far: '', near: '' }
        lines.far += farLine(dot)
        lines.near += nearLine(dot)
        text.set(quadrant, lines)
      }
      for (const [quadrant, lines] of text) {
        // Both at once would wait for the slower one as well.
        await write(await millOf(quadrant, 'far'), lines.far)
        await write(await millOf(quadrant, 'near'), lines.near)
      }
    },

    async finish(): Promise<Tiles[]> {
      for (const { program } of mills) program.input?.end()
      return Promise.all(mills.map(tilesOf))
    },

    async stop(): Promise<void> {
      await Promise.all(mills.filter(({ ended }) => ended === undefined).map(({ program }) => program.stop()))
    },
  }
}

async function startMill(
  quadrant: Quadrant,
  band: Band,
  { folder, name, signal }: DotTilesOptions,
  tell: () => void,
): Promise<Mill> {
  const path = join(folder, `${quadrant}-${band}.pmtiles`)
  const temp = join(folder, `${quadrant}-${band}`)
  await mkdir(temp, { recursive: true })
  const { zoomMin, zoomMax } = BANDS[band]
  const program = start(
    'tippecanoe',
    [
      // Renderers draw a dot by the tile that it lies in; the same dot in its neighbour too would be twice the bytes.
      ...['--drop-rate=2', '--drop-densest-as-needed', '--buffer=0', '--force', '--json-progress'],
      ...[`--layer=${DOT_LAYER}`, `--name=${name}`, `--minimum-zoom=${zoomMin}`, `--maximum-zoom=${zoomMax}`],
      ...ARGUMENTS[band],
      ...[`--temporary-directory=${temp}`, `--output=${path}`],
    ],
    {
      feed: true,
      signal,
      onErrorLine: (line) => {
        const share = progressOf(line)
        if (share === undefined) return
        mill.share = share
        tell()
      },
    },
  )
  const mill: Mill = { quadrant, band, path, program, share: 0, ended: undefined }
  // It says what went wrong by its end, not by a broken pipe.
  program.input?.on('error', () => {})
  const settle = (ended: Ended) => {
    mill.ended = ended
    // A write that waits for the pipe waits for nothing now.
    program.input?.destroy()
  }
  program.ended.then(settle, (error) => settle({ code: null, signal: null, stderr: String(error) }))
  return mill
}

async function write(mill: Mill, text: string): Promise<void> {
  const { input } = mill.program
  if (mill.ended !== undefined || input === null || input.destroyed)
    throw failure(mill, await mill.program.ended)
  if (input.write(text)) return
  await Promise.race([once(input, 'drain').catch(() => {}), mill.program.ended])
  if (mill.ended !== undefined) throw failure(mill, mill.ended)
}

async function tilesOf(mill: Mill): Promise<Tiles> {
  const ended = await mill.program.ended
  if (ended.code !== 0) throw failure(mill, ended)
  await rm(join(mill.path, '..', `${mill.quadrant}-${mill.band}`), { recursive: true, force: true })
  const { strategies } = await readTileset(mill.path)
  return { quadrant: mill.quadrant, band: mill.band, path: mill.path, dropped: strategies }
}

function failure({ quadrant, band }: Mill, ended: Ended): CommandError {
  const said = ended.stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && progressOf(line) === undefined)
    .join(' ')
  const how = ended.signal ?? `code ${ended.code}`
  return new CommandError(
    `tippecanoe ended with ${how} at the ${band} tiles of the ${quadrant}: ${said}`,
    ended,
  )
}

/** `{"progress":12.3}`, which counts to a hundred. */
function progressOf(line: string): number | undefined {
  const [, percent] = /^\{"progress":([\d.]+)\}$/.exec(line.trim()) ?? []
  return percent === undefined ? undefined : Number(percent) / 100
}

function farLine({ lon, lat }: Dot): string {
  return `{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[${lon},${lat}]}}\n`
}

/** Names of the original, which its style sheets know. What is empty takes no room. */
function nearLine({ lon, lat, number, street, unit }: Dot): string {
  const words = [
    number === '' ? '' : `"NUMBER":${JSON.stringify(number)}`,
    street === '' ? '' : `"STREET":${JSON.stringify(street)}`,
    unit === '' ? '' : `"UNIT":${JSON.stringify(unit)}`,
  ].filter(Boolean)
  return `{"type":"Feature","properties":{${words.join(',')}},"geometry":{"type":"Point","coordinates":[${lon},${lat}]}}\n`
}
