/**
 * Every case of `../shared/conformance/manifest.json`: whole runs against a server that plays the
 * suite's routes, and conforms of local files, compared with what the reference wrote, line by line.
 *
 * It ends with one line: passed, deliberate, not yet, failed. Skipped, saying so, without the suite.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import {
  type Case,
  hasSuite,
  manifestCases,
  playRoutes,
  type Routes,
  SUITE,
} from '../test/conformance/suite.ts'
import { holds, type Lines, type Outcome, sameLines, valueFaults } from '../test/conformance/compare.ts'
import { compileConform } from '../shared/conform/conform.ts'
import { findDataSource, readSource } from '../shared/source.ts'
import { conformData } from './process_conform.ts'
import { processOne, type ProcessOptions } from './process_one.ts'
import { closeRun, finishRun, openRun } from './process_run.ts'
import { inTemp } from './system/temp.ts'

/** Where the reference is wrong and we are not; numbers are those of spec/processing.md §13. */
const DELIBERATE: Readonly<Record<string, string>> = {
  'process-pl_ds': '#1: an explicit srs swapped the axes of EPSG:2180; ours lies in the street that is named',
  'process-ua_kharkiv':
    '#14: srs was applied to what the server had been asked for in 4326; ours says srs-wrong',
  'process-de_berlin':
    'EPSG:3068: the reference had the BETA2007 grid here, PROJ in gdal3.js has none (0.5 m)',
  'conform-lake-man-gml': '#2: GML in EPSG:4326 came out with swapped axes',
}

/**
 * Reprojected data: the text that is hashed has 15 digits, and the last of them depends on the build
 * of PROJ. Such hashes must agree mostly; all others, and all other properties, always.
 */
const REPROJECTED = [
  'process-ac',
  'process-ac_local',
  'process-ac_mixedcase',
  'process-be_wa_brussels',
  'process-berk_apn',
  'process-it_52_statewide',
  'process-oh_trumbull',
  'process-us_nj_statewide',
  'process-wy_park',
  'conform-lake-man-3740',
  'conform-lake-man-epsg26943',
]
const HASH_SHARE_MIN = 0.8

/** Keys of the state that need a program which is not here. */
const NOT_YET = hasTippecanoe() ? [] : ['pmtiles']

const tally = {
  passed: [] as string[],
  deliberate: [] as string[],
  notYet: [] as string[],
  failed: [] as string[],
}
let routes: Routes

describe.skipIf(!hasSuite)('manifest.json (skipped without ../shared/conformance)', () => {
  beforeAll(async () => {
    routes = await playRoutes()
  })
  afterAll(async () => {
    await routes.close()
    const { passed, deliberate, notYet, failed } = tally
    const counts = `${passed.length} passed, ${deliberate.length} deliberate, ${failed.length} failed`
    console.log(`manifest.json: ${counts}; not yet (${NOT_YET.join(', ')}): ${notYet.join(', ') || 'none'}`)
  })

  for (const one of manifestCases()) {
    test(one.name, async () => {
      const { state, problem, lines } = await inTemp('conformance', (folder) =>
        one.kind === 'process' ? runSource(one, folder) : conformInput(one, folder),
      )
      const golden = await goldenLines(one)
      const deliberate = DELIBERATE[one.name] !== undefined
      const expected = (one.expect.state ?? []).filter(({ key }) => !NOT_YET.includes(key))
      const faults = [
        ...expected.filter((expectation) => !holds(expectation, state)).map((fault) => JSON.stringify(fault)),
        ...(deliberate ? stillDifferent(one, golden ?? [], lines) : valueFaults(one.expect, lines)),
        ...(golden === undefined || deliberate
          ? []
          : goldenFaults(golden, lines, REPROJECTED.includes(one.name) ? HASH_SHARE_MIN : 1)),
        ...routes.unanswered.map((request) => `no route for ${request}`),
      ]
      const isNotYet = expected.length < (one.expect.state ?? []).filter(({ op }) => op !== 'null').length
      tally[faults.length > 0 ? 'failed' : deliberate ? 'deliberate' : isNotYet ? 'notYet' : 'passed'].push(
        one.name,
      )

      expect({ faults, problem }).toEqual({ faults: [], problem })
    })
  }
})

/** A difference that is gone has no place in the table any more. */
function stillDifferent(one: Case, golden: Lines, lines: Lines): string[] {
  const isDifferent =
    sameLines(golden, lines).different.length > 0 || valueFaults(one.expect, lines).length > 0
  return isDifferent ? [] : ['is no different from the reference any more']
}

function goldenFaults(golden: Lines, lines: Lines, hashShareMin: number): string[] {
  const { different, sameHash } = sameLines(golden, lines)
  const share = golden.length === 0 ? 1 : sameHash / golden.length
  return share >= hashShareMin
    ? different
    : [...different, `only ${sameHash} of ${golden.length} hashes agree`]
}

async function runSource(one: Case, folder: string): Promise<Outcome> {
  const source: unknown = JSON.parse(await readFile(join(SUITE, one.source), 'utf8'))
  const text = JSON.stringify(source, (key, value: unknown) =>
    key === 'data' ? playedAt(one, value) : value,
  )
  const result = await processOne(one.name, text, optionsOf(one, folder))
  return { state: await stateIn(folder), problem: result.problem, lines: await outLines(folder) }
}

/** The address of the data here. */
function playedAt({ setup }: Case, data: unknown): unknown {
  if (typeof data !== 'string') return data
  const local = setup?.find(({ to }) => data === `file://${to}`)
  return local === undefined ? routes.at(data) : `file://${join(SUITE, local.copy)}`
}

async function conformInput(one: Case, folder: string): Promise<Outcome> {
  const text = await readFile(join(SUITE, one.source), 'utf8')
  const data = findDataSource(readSource(text), one.layer, one.layersource)
  const conform = data.conform!
  const isEsri = data.protocol.toLowerCase() === 'esri'
  const path = join(SUITE, one.input!)
  const run = await openRun(one.name, optionsOf(one, folder))
  try {
    const cache = { path, bytes: 0, fingerprint: '0000', extension: '', isEsri }
    await conformData(run, { data, conform, conformer: compileConform(data.layer, conform), cache, path })
    await finishRun(run, null)
    return { state: await stateIn(folder), problem: null, lines: await outLines(folder) }
  } finally {
    await closeRun(run)
  }
}

function optionsOf(one: Case, folder: string): ProcessOptions {
  return {
    folder,
    layer: one.layer,
    name: one.layersource,
    tell: () => {},
    signal: new AbortController().signal,
    now: () => new Date(),
    allowPrivate: true,
    outputs: [
      'geojson',
      'zip',
      ...(one.render_preview === true ? (['preview'] as const) : []),
      ...(one.render_pmtiles === true ? (['slippymap'] as const) : []),
    ],
    // The suite's servers count thousands of rows and have a handful.
    esri: { acceptShort: true },
    version: 'test',
  }
}

/** The state as it was written: a row of keys and a row of values. */
async function stateIn(folder: string): Promise<Outcome['state']> {
  const [keys, values] = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as [
    string[],
    unknown[],
  ]
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]))
}

async function outLines(folder: string): Promise<Lines> {
  const path = join(folder, 'out.geojson')
  return existsSync(path) ? (await readFile(path, 'utf8')).trimEnd().split('\n') : []
}

async function goldenLines({ golden }: Case): Promise<Lines | undefined> {
  const path = join(SUITE, golden, 'out.geojson')
  return existsSync(path) ? (await readFile(path, 'utf8')).trimEnd().split('\n') : undefined
}

function hasTippecanoe(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'tippecanoe')))
}
