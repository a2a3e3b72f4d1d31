/**
 * What of `../shared/conformance/functions.json` is nobody's own room: how a run ends, its state, and what is
 * said to an FTP server. The other operations stand beside what they are about; `suite_cases.test.ts` lists them.
 */
import { describe, expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ProblemCode } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { download } from '../../worker/download/download.ts'
import { ftpStandin } from '../../worker/download/ftp_standin.ts'
import { given, problemOf } from '../../worker/download/web_standin.ts'
import { elapsed, emptyState, sourceProblem, writeState } from '../../worker/outputs/state.ts'
import { inTemp } from '../../worker/system/temp.ts'
import { openTrial, TRIAL_CSV, trialSource } from '../trial.ts'
import { scored } from './score.ts'
import { hasSuite, readJson, SUITE } from './suite.ts'

const FILE = 'functions.json'

/** The problem of ours that a line in the log of the reference tells of. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  'Could not download ESRI source data: Could not retrieve layer metadata: Token Required': 'token-required',
  'Error doing conform; skipping': 'conform-failed',
  'Could not download source data': 'download-failed',
  'Unknown source conform protocol': 'unknown-protocol',
  'Unknown source conform format': 'unknown-format',
  'A source test failed': 'acceptance-test-failed',
  'Found no features in source data': 'no-features',
}

const DELIBERATE: Readonly<Record<string, string>> = {
  'TestState.test_find_source_problem/10':
    '§10.3: the reference has a word for it and never says it; sources have no type any more',
}

interface FunctionCase {
  readonly id: string
  readonly op: string
  readonly log: string
  readonly source: { readonly coverage?: unknown }
  readonly data_source: { readonly conform?: object }
  readonly input: StateInput
  readonly url: string
  readonly serves: string | null
  readonly expect: {
    readonly problem: string | null
    readonly state: Readonly<Record<string, unknown>>
    readonly command: string
    readonly login: readonly (string | null)[]
    readonly exit: number
  }
}

interface StateInput {
  readonly source: string
  readonly layer: string
  readonly data_source_name: string
  readonly skipped: boolean
  readonly tests_passed: boolean
  readonly cache: { cache: string; fingerprint: string; version: string; elapsed_seconds: number }
  readonly conform: { feat_count: number; elapsed_seconds: number }
  readonly preview: string
  readonly pmtiles: string
}

function casesOf(op: string): FunctionCase[] {
  if (!hasSuite) return []
  return (readJson(FILE) as { cases: FunctionCase[] }).cases.filter((one) => one.op === op)
}

describe.skipIf(!hasSuite)(`${FILE} (skipped without ../shared/conformance)`, () => {
  for (const { id, log, source, expect: expected } of casesOf('source_problem')) {
    const said = log.replace(/^WARNING: /, '')
    scored(
      FILE,
      `source_problem ${id}: ${said || JSON.stringify(source)}`,
      () => {
        const code = CODES[said] ?? null
        if (DELIBERATE[id] === undefined) expect(sourceProblem(code, source.coverage)).toBe(expected.problem)
        else
          expect(Object.values(PROBLEMS).map(({ was }): string | null => was)).not.toContain(expected.problem)
      },
      { deliberate: DELIBERATE[id] },
    )
  }

  for (const { id, input, expect: expected } of casesOf('write_state')) {
    scored(FILE, `write_state ${id}`, () =>
      inTemp('state', async (folder) => {
        await writeState(folder, stateOf(input))

        const [keys, values] = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as unknown[][]
        expect(Object.fromEntries(keys!.map((key, at) => [key, values![at]]))).toMatchObject(expected.state)
        const [names, cells, ...rest] = (await readFile(join(folder, 'index.txt'), 'utf8')).split('\r\n')
        const texts = new Map(names!.split('\t').map((name, at) => [name, cells!.split('\t')[at]]))
        for (const [key, value] of Object.entries(expected.state))
          expect(texts.get(key)).toBe(asPython(value))
        expect(rest).toEqual([''])
      }),
    )
  }

  for (const { id, url, serves, expect: expected } of casesOf('ftp_request')) {
    scored(FILE, `ftp_request ${id}`, () =>
      inTemp('ftp', async (folder) => {
        const content = serves === null ? null : readFileSync(join(SUITE, serves))
        const server = await ftpStandin({
          files: content === null ? {} : { [new URL(url).pathname]: content },
        })
        try {
          const here = url.replace(/^(ftp:\/\/(?:[^/@]*@)?)[^/]*/, `$1127.0.0.1:${server.port}`)
          const downloaded = download('ftp', here, given(folder))
          if (content === null) expect(await problemOf(downloaded)).toBe('download-not-found')
          else expect(readFileSync((await downloaded).path).equals(content)).toBe(true)

          const [user, password] = expected.login
          expect(server.asked).toContain(`USER ${user ?? 'anonymous'}`)
          expect(server.asked).toContain(`PASS ${password ?? 'anonymous@'}`)
          expect(server.asked.at(-1)).toBe(expected.command)
        } finally {
          await server.close()
        }
      }),
    )
  }

  for (const { id, data_source: data, expect: expected } of casesOf('conform_exit')) {
    scored(FILE, `conform_exit ${id}`, async () => {
      const trial = await openTrial()
      try {
        const tags = { data: await trial.serve('a.csv', TRIAL_CSV) }
        const { ok } = await trial.run(trialSource(tags, data.conform ?? null))

        expect(ok ? 0 : 1).toBe(expected.exit)
      } finally {
        await trial.close()
      }
    })
  }
})

function stateOf({ source, layer, data_source_name: name, cache, conform, ...rest }: StateInput) {
  return {
    ...emptyState(basename(source), layer, name, 'test'),
    skipped: rest.skipped,
    cache: cache.cache,
    fingerprint: cache.fingerprint,
    version: cache.version,
    'cache time': elapsed(cache.elapsed_seconds),
    'feat count': conform.feat_count,
    'process time': elapsed(conform.elapsed_seconds),
    processed: 'out.zip',
    preview: rest.preview,
    pmtiles: rest.pmtiles,
    'tests passed': rest.tests_passed,
  }
}

function asPython(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}
