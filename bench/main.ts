/**
 * `npm run bench`: Machine on Bun and on Node, and the reference where it is installed, each in turn.
 *
 *     npm run bench -- [--rows 200000] [--runs 5] [--cases csv,geojson,esri] [--data FOLDER]
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { run } from '../worker/system/spawn.ts'
import { CASES, type Case } from './cases.ts'
import { compare } from './compare.ts'
import { benchEsri } from './esri.ts'
import { makeData } from './make_data.ts'
import { type Measured, measure, median } from './measure.ts'
import { referenceCommand, referenceOutput, runReference } from './reference.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    cases: { type: 'string', default: [...CASES.map(({ name }) => name), 'esri'].join(',') },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
})

const ROWS = Number(values.rows)
const RUNS = Number(values.runs)
/** Where their dependencies are found, and nobody takes them for sources. */
const BUNDLES = resolve(import.meta.dirname, '../node_modules/.machine-bench')
const DATA = resolve(values.data, String(ROWS))
const OUT = join(DATA, 'out')
const REFERENCE = referenceCommand()

/** What `one.ts` prints of itself. */
interface Said {
  readonly rows: number
  readonly rss: number
}

const RUNTIMES: Readonly<Record<string, string>> = { bun: process.execPath, node: 'node' }

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Programs for both runtimes, so that neither has to translate anything while it is measured. */
async function bundle(): Promise<void> {
  await mkdir(BUNDLES, { recursive: true })
  await writeFile(join(BUNDLES, 'package.json'), '{"type": "module"}\n')
  const targets = ['one', 'limit', 'esri_one', 'esri_server'].map((name) => [`${name}.ts`, `${name}.mjs`])
  // This one is started from where the others lie, under its own name.
  targets.push(['../worker/formats/gdal_child.ts', 'gdal_child.ts'])
  for (const [from = '', to = ''] of targets) {
    const options = ['--target=node', '--packages=external', `--outfile=${join(BUNDLES, to)}`]
    await run(process.execPath, ['build', join(import.meta.dirname, from), ...options])
  }
}

function machine(runtime: string, one: Case, mode: 'plain' | 'gz'): Promise<Measured> {
  const out = join(OUT, `${one.name}-${runtime}`)
  return measure(RUNTIMES[runtime]!, [join(BUNDLES, 'one.mjs'), one.name, DATA, out, mode])
}

async function repeated(deed: () => Promise<Measured>): Promise<Measured[]> {
  const all: Measured[] = []
  for (let i = 0; i < RUNS; i++) all.push(await deed())
  return all
}

async function benchCase(one: Case): Promise<void> {
  for (const runtime of Object.keys(RUNTIMES)) {
    const all = await repeated(() => machine(runtime, one, 'plain'))
    const said = all.map((each) => JSON.parse(each.said) as Said)
    const cpu = median(all.map((each) => each.cpu))
    const rate = said[0]!.rows / cpu
    const cells = [
      one.name,
      runtime,
      cpu.toFixed(2),
      median(all.map((each) => each.wall)).toFixed(2),
      Math.max(...said.map((each) => each.rss)).toFixed(0),
      `${(rate / 1000).toFixed(0)} k`,
      `${(rate / one.specRate).toFixed(1)} ×`,
      `${one.floor} ×`,
    ]
    say(`| ${cells.join(' | ')} |`)
  }
  const [bun, node] = Object.keys(RUNTIMES).map((runtime) =>
    join(OUT, `${one.name}-${runtime}`, 'out.geojson'),
  )
  if ((await md5(bun!)) !== (await md5(node!)))
    throw new Error(`${one.name}: Bun and Node wrote different files`)
  if (REFERENCE !== undefined) await benchReference(REFERENCE, one, bun!)
}

async function benchReference(command: string, one: Case, ours: string): Promise<void> {
  const out = join(OUT, `${one.name}-reference`)
  const all = await repeated(() => runReference(command, one, DATA, out))
  const { lines, different, hashes } = await compare(ours, await referenceOutput(out))
  const cpu = median(all.map((each) => each.cpu))
  const wall = median(all.map((each) => each.wall))
  say(
    `| ${one.name} | reference | ${cpu.toFixed(2)} | ${wall.toFixed(2)} | | ${(lines / cpu / 1000).toFixed(1)} k | measured here | |`,
  )
  say(`|   | ${different} of ${lines} lines differ, ${hashes} more in the hash only | | | | | | |`)
}

/** The whole way to a packed output, against the least that it could take. */
async function benchLimit(one: Case): Promise<void> {
  for (const runtime of Object.keys(RUNTIMES)) {
    const output = join(OUT, `${one.name}-${runtime}`, 'out.geojson')
    const limit = await repeated(() =>
      measure(RUNTIMES[runtime]!, [join(BUNDLES, 'limit.mjs'), join(DATA, one.file), output]),
    )
    const all = await repeated(() => machine(runtime, one, 'gz'))
    const [cpu, least] = [all, limit].map((each) => median(each.map((single) => single.cpu)))
    const wall = median(all.map((each) => each.wall))
    say(
      `${one.name} to out.geojson.gz on ${runtime}: ${cpu!.toFixed(2)} CPU s, ${wall.toFixed(2)} s wall ` +
        `(${(ROWS / wall / 1000).toFixed(0)} k rows/s, ${(ROWS / wall / one.specRate).toFixed(1)} × the reference's conform as read from spec); ` +
        `read + MD5 + gzip alone ${least!.toFixed(2)} CPU s: ${(cpu! / least!).toFixed(2)} ×`,
    )
  }
}

async function md5(path: string): Promise<string> {
  const hash = createHash('md5')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const chosen = CASES.filter(({ name }) => values.cases.split(',').includes(name))
await bundle()
const missing = await makeData(DATA, ROWS, [...new Set(chosen.map(({ file }) => file))])
const processor = existsSync('/proc/cpuinfo')
  ? /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]
  : ''
say(
  `${ROWS} rows, medians of ${RUNS} runs, ${new Date().toISOString().slice(0, 10)}, ${processor}, Bun ${process.versions['bun']}`,
)
say(
  REFERENCE === undefined
    ? 'The reference is not installed (MACHINE_REFERENCE names its command): ratios are to its rates as READ FROM spec/speed.md, taken on another day.'
    : 'Ratios are to rates as read from spec/speed.md; the rows of the reference were measured here.',
)
say('\n| case | by | CPU s | wall s | MB | rows/CPU s | to spec | floor |\n|---|---|---|---|---|---|---|---|')
for (const one of chosen) {
  if (missing.includes(one.file))
    say(`| ${one.name} | cannot be made here: ogr2ogr is not installed | | | | | | |`)
  else await benchCase(one)
}
say('')
for (const one of chosen.filter(({ name }) => name === 'csv')) await benchLimit(one)
if (values.cases.split(',').includes('esri')) {
  await benchEsri({ bundles: BUNDLES, out: OUT, runs: RUNS, runtimes: RUNTIMES, say })
}
