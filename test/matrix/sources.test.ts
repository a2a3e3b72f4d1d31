/** Every problem of a source or of the world, provoked for real: seen in the state, in JSON, and on the page. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claimRun, handIn } from '../../shared/db/runs.ts'
import { type ProblemCode, sentence } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import type { RunResult } from '../../shared/run.ts'
import { makeJob } from '../crew.ts'
import { settleAllDone, WORKER } from '../queue/world.ts'
import { type Site, testSite } from '../site.ts'
import { startEsri } from '../standins/esri.ts'
import { openTrial, type Trial } from '../trial.ts'
import { LAYER, SOURCES } from './sources.ts'

setDefaultTimeout(90_000)

const CODES = Object.keys(SOURCES) as ProblemCode[]

let site: Site
let trial: Trial
let plain: Server
let top: string
const results = new Map<ProblemCode, RunResult>()
const runs = new Map<ProblemCode, number>()

beforeAll(async () => {
  site = await testSite()
  trial = await openTrial()
  top = await mkdtemp(join(tmpdir(), 'machine-matrix-'))
  const esri = await startEsri({
    layers: { [LAYER]: { fields: [], features: [] } },
    manners: { token: 'secret' },
  })
  plain = createServer((socket) => socket.end('this is no TLS\r\n')).listen(0, '127.0.0.1')
  const ground = { trial, esri, plainPort: (plain.address() as { port: number }).port }

  await Promise.all(
    CODES.map(async (code) => {
      const text = (await SOURCES[code]?.(ground)) ?? ''
      const allowPrivate = code !== 'download-forbidden-address'
      results.set(code, await trial.run(text, { folder: join(top, code), allowPrivate }))
    }),
  )
  for (const code of CODES) runs.set(code, await settled(code))
  await esri.close()
}, 90_000)

afterAll(async () => {
  plain.close()
  await trial.close()
  await site.close()
  await rm(top, { recursive: true })
})

/** Hand in what a run came to, as a worker does, and settle it. Gives its number. */
async function settled(code: ProblemCode): Promise<number> {
  const { ok, problem, state, sample } = results.get(code)!
  await makeJob(site.sql, { [`sources/us/ca/${code}.json`]: '{}' })
  const claimed = await claimRun(site.sql, WORKER)
  const skipped = state.skipped ? ({ code: 'skipped', detail: '' } as const) : null
  await handIn(site.sql, claimed!, { ok, problem: problem ?? skipped, state, sample, result: null })
  await settleAllDone(site.sql)
  return claimed!.runId
}

describe('a run that ends with', () => {
  for (const code of CODES) {
    test(`${code} says so in its state, its JSON and on its page`, async () => {
      const { problem, state } = results.get(code)!
      const said = sentence({ code, detail: problem?.detail ?? '' })

      expect(problem?.code ?? 'skipped').toBe(code)
      const [keys, values] = JSON.parse(await readFile(join(top, code, 'index.json'), 'utf8')) as [
        string[],
        unknown[],
      ]
      const kept = Object.fromEntries(keys.map((key, at) => [key, values[at]]))
      expect(kept).toMatchObject({
        'problem code': code,
        'problem sentence': said,
        'source problem': PROBLEMS[code].was,
      })
      expect(await readFile(join(top, code, 'output.txt'), 'utf8')).toContain(
        code === 'skipped' ? 'skipped' : PROBLEMS[code].sentence,
      )

      const facts = await site.json(`/runs/${runs.get(code)}.json`)
      expect(facts).toMatchObject({
        problem: code,
        problemSentence: said,
        state: { 'problem code': code, name: state.name },
      })
      const page = await site.html(`/runs/${runs.get(code)}`)
      if (code === 'skipped') expect(page).toContain('The source says to skip it')
      else expect(page).toContain(`<a href="/problems#${code}">`)
    })
  }

  test('one of them is counted in the metrics', async () => {
    const text = await (await site.ask('/metrics')).text()

    for (const code of CODES) expect(text).toContain(`machine_runs_ended_total{problem="${code}"} 1\n`)
  })
})
