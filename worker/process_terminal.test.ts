/** `npx machine process-one` as a person sees it: in a real terminal, and with its output in a file. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type CommandError, run } from './system/spawn.ts'

const MACHINE = resolve('bin/machine.mjs')
const GOOD = 'examples/sources/ca/bc/city_of_cedar_inlet.json'
const BAD = 'examples/sources/us/or/stillwater_flats.json'

/** The outputs that need no program and no drawing. */
const QUICK = ['--only', 'geojson,zip']

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-terminal-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** In a terminal of 100 columns; the sign that begins what steers it is written out. */
async function inTerminal(...args: string[]): Promise<{ code: number; shown: string }> {
  let shown = ''
  const decoder = new TextDecoder()
  const child = Bun.spawn(['node', MACHINE, 'process-one', ...args], {
    terminal: {
      cols: 100,
      rows: 30,
      data: (_terminal, bytes) => {
        shown += decoder.decode(bytes, { stream: true })
      },
    },
  })
  return { code: await child.exited, shown: `${shown}${decoder.decode()}`.replaceAll('\u001b', '<esc>') }
}

test('a terminal shows the stage, bytes, speed and time left in one line that moves, and ends with a table', async () => {
  const { code, shown } = await inTerminal(GOOD, folder, '--layer', 'parcels', ...QUICK)

  expect(code).toBe(0)
  const moving = shown.split('\r<esc>[2K')
  expect(moving.filter((line) => line.startsWith('parcels/city  download')).length).toBeGreaterThan(3)
  expect(moving.every((line) => line.split('\r\n')[0]!.length < 100)).toBe(true)
  expect(shown).toMatch(/download {2}[█░]{20} {2}\d+\.\d kB of 122\.5 kB {2}\d+\.\d kB\/s {2}\d+ s left/)
  expect(shown).toContain('parcels/city  unpack')
  expect(shown).toContain('parcels/city  conform   0 rows')
  expect(shown).toContain('parcels/city  outputs   1,671 rows')

  const table = moving.at(-1)!.split('\r\n')
  expect(table[0]).toMatch(
    /^<esc>\[32mgood<esc>\[39m {4}parcels\/city {2}1,671 rows {2}\d+\.\d s download, \d+\.\d s processing$/,
  )
  expect(table.slice(1, 4)).toEqual([
    '  filled   pid 100 %',
    '  bounds   west -123.4934623  south 49.7320271  east -123.4665381  north 49.747925',
    `  files    ${folder}/parcels/city/`,
  ])
  expect(table[4]).toMatch(/^ +out\.geojson\.gz +91\.\d kB +1,671 rows$/)
  expect(table.at(-2)).toMatch(/^ {2}memory {3}\d+\.\d MB at most$/)
}, 60_000)

test('rows a second are shown where rows are slow to come', async () => {
  const { code, shown } = await inTerminal('examples/sources/us/mn/pine_ridge.json', folder, ...QUICK)

  expect(code).toBe(0)
  expect(shown).toMatch(/download {2}\d+\.\d kB {2}\d+\.\d kB\/s {2}[\d,]+ rows {2}[\d,]+ rows\/s/)
}, 60_000)

test('a terminal shows a failure in red, with its sentence and what to do', async () => {
  const { code, shown } = await inTerminal(BAD, folder, ...QUICK)

  expect(code).toBe(1)
  expect(shown).toMatch(
    /<esc>\[31mfailed<esc>\[39m {2}addresses\/\S+ {2}The data is not at its address: 404 from http/,
  )
  expect(shown).toContain('  advice   Find the new address of the data and put it into "data".')
})

test('without a terminal there are plain lines, and no signs for one', async () => {
  const lines: string[] = []
  const said = await run('node', [MACHINE, 'process-one', GOOD, folder, '--layer', 'buildings', ...QUICK], {
    onErrorLine: (line) => lines.push(line),
  })

  expect(`${said}${lines.join()}`).not.toContain('\u001b')
  expect(lines).toContain('buildings/city  download  0 bytes')
  expect(lines).toContain('buildings/city  unpack')
  expect(said).toStartWith('good    buildings/city  1,542 rows')
}, 60_000)

test('a wrong call ends with 2, as ever', async () => {
  const failed = await run('node', [MACHINE, 'process-one', GOOD]).catch((error: unknown) => error)

  expect((failed as CommandError).code).toBe(2)
  expect((failed as CommandError).message).toContain('expected a SOURCE and a FOLDER')
})
