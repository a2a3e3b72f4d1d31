/**
 * Strangers' data in whole runs: each is a real `process-one`, as a worker starts it, against a real server.
 *
 * Each ends by itself within its time, good or with a problem that has a code; the canary, a server on loopback that
 * nobody has allowed, and a file beside the run, are never touched, and we grow by nothing.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunResult } from '../../shared/run.ts'
import { zipped } from '../../worker/download/archive_standin.ts'
import { ranMachine } from '../crew.ts'
import { startWeb, type Web } from '../standins/web.ts'
import { trialSource } from '../trial.ts'
import { CASES, csv, type Hostile, TABLE } from './runs.ts'

setDefaultTimeout(60_000)

/** So many at once; they wait more than they compute. */
const AT_ONCE = 3

/** A sentence is read by people, whatever the data had in it: a list of columns at the most. */
const SENTENCE_CHARS_MAX = 12_000

/** The parent keeps lines, not data. */
const GROWTH_MB_MAX = 100

let top: string
let web: Web
let calls = 0
const canary = createServer((socket) => {
  calls += 1
  socket.destroy()
})
const ended = new Map<string, Ending>()
let growthMb = 0

interface Ending {
  readonly code: number | null
  readonly result: RunResult | undefined
  readonly lines: readonly string[]
}

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'machine-hostile-'))
  await mkdir(join(top, 'served'))
  await writeFile(join(top, 'canary.csv'), TABLE.replace('Oak St', 'geheim'))
  web = await startWeb({ folder: join(top, 'served') })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const before = process.memoryUsage.rss()
  const waiting = [...CASES]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
        ended.set(one.what, await ran(one))
    }),
  )
  growthMb = (process.memoryUsage.rss() - before) / 1e6
}, 170_000)

afterAll(async () => {
  await web.close()
  canary.close()
  await rm(top, { recursive: true })
})

async function ran({ name, content, tags = {}, conform = csv }: Hostile): Promise<Ending> {
  const address = canary.address()
  const port = typeof address === 'object' ? address?.port : 0
  const bytes = content === 'ZIP' ? await zipped({ 'a.csv': TABLE }) : content
  await writeFile(
    join(top, 'served', name),
    typeof bytes === 'string' ? bytes.replace('CANARYFILE', join(top, 'canary.csv')) : bytes,
  )
  const said = trialSource({ data: `${web.url}/${name}`, ...tags }, conform)
  const source = join(top, `${name}.json`)
  await writeFile(source, said.replace('CANARY', `http://127.0.0.1:${port}/`))
  const isFenced = 'data' in tags
  const { code, lines } = await ranMachine(
    [
      'process-one',
      '--json',
      ...(isFenced ? [] : ['--allow-private']),
      '--skip',
      'preview,slippymap',
      '--layer',
      'addresses',
      '--name',
      'city',
      source,
      join(top, `${name}.out`),
    ],
    { cwd: top },
  )
  const last = lines.map(resultOf).find((result) => result !== undefined)
  return { code, result: last, lines }
}

function resultOf(line: string): RunResult | undefined {
  try {
    return (JSON.parse(line) as { result?: RunResult }).result
  } catch {
    return undefined
  }
}

for (const { what, ends } of CASES) {
  test(`${what}: ends by itself, ${ends}`, () => {
    const end = ended.get(what)
    expect(end?.result).toBeDefined()
    const code = end?.result?.ok ? 'good' : end?.result?.problem?.code
    expect(code).toBe(ends)
    expect(end?.result?.problem?.detail.length ?? 0).toBeLessThan(SENTENCE_CHARS_MAX)
    expect(end?.result?.problem?.detail ?? '').not.toContain('to unload')
    expect(end?.code).toBe(code === 'good' ? 0 : 1)
  })
}

test('nobody has called the canary, read its file or written beside the runs', async () => {
  expect(calls).toBe(0)
  expect(await readFile(join(top, 'canary.csv'), 'utf8')).toContain('geheim')
  expect([...ended.values()].flatMap(({ lines }) => lines).join('\n')).not.toContain('geheim')
  await expect(readFile(join(top, 'canary.txt'))).rejects.toThrow('ENOENT')
})

test('the parent of them all stays as big as it was', () => {
  expect(growthMb).toBeLessThan(GROWTH_MB_MAX)
})
