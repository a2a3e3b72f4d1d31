/**
 * What a diff costs: two versions of one source of so many rows, compared by `machine diff-runs`, on Bun and on Node.
 *
 *     npx bun bench/diff.ts [ROWS]
 *
 * Of each hundred rows one is removed, one is added, one is edited, and of each two hundred one has moved; the rest has another
 * hash and another order. It stops when a count is wrong.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { selfCommand, start } from '../worker/system/spawn.ts'

const CLI = join(import.meta.dirname, '../worker/cli.ts')

/** How often the memory of the program is looked at. */
const LOOK_MS = 20

/** Lines are handed on in pieces of so many. */
const PIECE_ROWS = 2_000

/** What a diff gave, and what it cost. */
export interface DiffCost {
  readonly counts: Readonly<Record<string, number>>
  readonly seconds: number
  /** Memory that it had at most, in MB; Linux only, else 0. */
  readonly peakMb: number
}

/** Both versions of the source. */
export async function makeVersions(folder: string, rows: number): Promise<{ before: string; now: string }> {
  const [before, now] = [join(folder, 'before.geojson.gz'), join(folder, 'now.geojson')]
  await pipeline(() => pieces(rows, beforeLine), createGzip({ level: 1 }), createWriteStream(before))
  await pipeline(() => pieces(rows, nowLine), createWriteStream(now))
  return { before, now }
}

/** What the diff of both has to say. */
export function expectedCounts(rows: number): Readonly<Record<string, number>> {
  const hundredth = rows / 100
  const [moved, edited] = [hundredth / 2, hundredth]
  const unchanged = rows - hundredth - moved - edited
  return {
    before: rows,
    now: rows,
    added: hundredth,
    removed: hundredth,
    changed: moved + edited,
    moved,
    edited,
    unchanged,
  }
}

/** Run the diff as a program. */
export async function costOfDiff(
  { before, now }: { readonly before: string; readonly now: string },
  command: readonly [string, ...string[]] = selfCommand(CLI),
): Promise<DiffCost> {
  const [program, ...args] = command
  let said = ''
  let peakMb = 0
  const began = performance.now()
  const running = start(program, [...args, 'diff-runs', '--json', before, now, `${now}.diff.gz`], {
    onLine(line) {
      said = line
    },
  })
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${running.pid}/status`, 'utf8').catch(() => '')
    peakMb = Math.max(peakMb, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1000)
  }, LOOK_MS)
  const { code, stderr } = await running.ended
  clearInterval(watch)
  if (code !== 0) throw new Error(`diff-runs ended with ${code}: ${stderr}`)
  return { counts: JSON.parse(said), seconds: (performance.now() - began) / 1000, peakMb }
}

function* pieces(rows: number, line: (row: number, rows: number) => string): Generator<string> {
  for (let from = 0; from < rows; from += PIECE_ROWS) {
    let text = ''
    for (let row = from; row < Math.min(rows, from + PIECE_ROWS); row++) text += line(row, rows)
    yield text
  }
}

function beforeLine(row: number): string {
  return lineOf(row, { street: `Oak St ${row % 1711}`, lon: row % 7919, hash: row })
}

/** Each row is another one of before: a step that shares no factor with the number of rows goes through all of them. */
function nowLine(at: number, rows: number): string {
  const row = (at * 7_919 + 13) % rows
  const kind = row % 200
  if (kind === 0 || kind === 100)
    return lineOf(row, { street: `New Rd ${row}`, lon: 20_000 + row, hash: row + 1 })
  if (kind === 1 || kind === 101)
    return lineOf(row, { street: `Elm St ${row}`, lon: row % 7919, hash: row + 1 })
  const lon = kind === 2 ? 30_000 + (row % 7919) : row % 7919
  return lineOf(row, { street: `Oak St ${row % 1711}`, lon, hash: row + 1 })
}

function lineOf(row: number, { street, lon, hash }: { street: string; lon: number; hash: number }): string {
  const id = (hash * 2_654_435_761).toString(16).padStart(16, '0').slice(-16)
  const lat = 45 + (row % 6007) / 10_000
  return `{"type": "Feature", "properties": {"hash": "${id}", "number": "${row}", "street": "${street}", "unit": "", "city": "Portland", "district": "", "region": "OR", "postcode": "97${row % 300}", "id": "${row}", "accuracy": ""}, "geometry": {"type": "Point", "coordinates": [${(-123 + lon / 10_000).toFixed(7)}, ${lat.toFixed(7)}]}}\n`
}

async function main(rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-diff-bench-'))
  try {
    const versions = await makeVersions(folder, rows)
    const node = ['node', '--import', import.meta.resolve('tsx'), CLI] as const
    for (const [name, command] of [
      ['bun', selfCommand(CLI)],
      ['node', node],
    ] as const) {
      const { counts, seconds, peakMb } = await costOfDiff(versions, [...command] as [string, ...string[]])
      if (JSON.stringify(counts) !== JSON.stringify(expectedCounts(rows)))
        throw new Error(`wrong counts: ${JSON.stringify(counts)}`)
      process.stdout.write(
        `${name}  ${rows} rows  ${seconds.toFixed(1)} s  ${peakMb.toFixed(0)} MB  ${JSON.stringify(counts)}\n`,
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

if (import.meta.main) await main(Number(process.argv[2] ?? 1_000_000))
