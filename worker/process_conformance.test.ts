/**
 * Every case of `../shared/conformance/manifest.json`: whole runs against a server that plays the
 * suite's routes, and conforms of local files, compared with what the reference wrote, line by line.
 *
 * Skipped, saying so, without the suite.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import {
  type Case,
  hasSuite,
  manifestCases,
  playRoutes,
  type Routes,
  SUITE,
} from '../test/conformance/suite.ts'
import { holds, type Lines, type Outcome, sameLines, valueFaults } from '../test/conformance/compare.ts'
import { count, countDeliberate } from '../test/conformance/score.ts'
import { compileConform } from '../shared/conform/conform.ts'
import { findDataSource, readSource } from '../shared/source.ts'
import { conformData } from './process_conform.ts'
import { processOne, type ProcessOptions } from './process_one.ts'
import { closeRun, finishRun, openRun } from './process_run.ts'
import { inTemp } from './system/temp.ts'

/** Where the reference is wrong and we are not; numbers are those of spec/processing.md §13. */
const REASONS = {
  pl_ds: '#1: an explicit srs swapped the axes of EPSG:2180; ours lies in the street that is named',
  kharkiv: '#14: srs was applied to what the server had been asked for in lon, lat; ours says srs-wrong',
  berlin: '§16: the reference had the grid BETA2007, which we do not ship (0.5 m)',
  gml: '#2: GML in EPSG:4326 came out with swapped axes',
} as const

/** In which of the suite's files a case differs, and why. */
const DELIBERATE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'process-pl_ds': { 'golden/*/out.geojson': REASONS.pl_ds },
  'process-ua_kharkiv': {
    'golden/*/out.geojson': REASONS.kharkiv,
    'golden/*/state.json': REASONS.kharkiv,
  },
  'process-de_berlin': { 'golden/*/out.geojson': REASONS.berlin },
  'conform-lake-man-gml': { 'manifest.json': REASONS.gml, 'golden/*/out.geojson': REASONS.gml },
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
const NOT_HERE = hasTippecanoe() ? [] : ['pmtiles']
if (NOT_HERE.length > 0) console.log('not looked at: pmtiles of whole runs, as tippecanoe is not installed')

/** Keys of a golden state that say something else by their nature: who ran, and what it made beside. */
const INCOMPARABLE = ['code version', 'sample', 'preview', 'pmtiles']

/** What is wrong, and with which of the suite's files. */
type Faults = Readonly<Record<string, readonly string[]>>

let routes: Routes

describe.skipIf(!hasSuite)('manifest.json (skipped without ../shared/conformance)', () => {
  beforeAll(async () => {
    routes = await playRoutes()
  })
  afterAll(() => routes.close())

  for (const one of manifestCases()) {
    test(one.name, async () => {
      const outcome = await inTemp('conformance', (folder) =>
        one.kind === 'process' ? runSource(one, folder) : conformInput(one, folder),
      )
      const { problem } = outcome
      const faults: Faults = {
        'manifest.json': manifestFaults(one, outcome),
        ...outputFaults(one, outcome),
        ...stateFaults(one, outcome),
      }
      for (const [file, found] of Object.entries(faults)) {
        const reason = DELIBERATE[one.name]?.[file]
        if (found.length === 0) count(file, 'passed')
        else if (reason === undefined) count(file, 'failed')
        else countDeliberate(file, one.name, reason)
      }

      expect({ faults: unexplained(one, faults), problem }).toEqual({ faults: [], problem })
    })
  }
})

/** Faults that are not deliberate, and differences that are gone: those have no place in the table any more. */
function unexplained({ name }: Case, faults: Faults): string[] {
  return Object.entries(faults).flatMap(([file, found]) => {
    const reason = DELIBERATE[name]?.[file]
    if (reason === undefined) return found
    return found.length > 0 ? [] : [`${file} is no different from ours any more`]
  })
}

function manifestFaults(one: Case, { state, lines }: Outcome): string[] {
  const expected = (one.expect.state ?? []).filter(({ key }) => !NOT_HERE.includes(key))
  return [
    ...expected.filter((expectation) => !holds(expectation, state)).map((fault) => JSON.stringify(fault)),
    ...valueFaults(one.expect, lines),
    ...routes.unanswered.map((request) => `no route for ${request}`),
  ]
}

function outputFaults(one: Case, { lines }: Outcome): Faults {
  const path = join(SUITE, one.golden, 'out.geojson')
  if (!existsSync(path)) return {}
  const golden = readFileSync(path, 'utf8').trimEnd().split('\n')
  const { different, sameHash } = sameLines(golden, lines)
  const isEnough = sameHash >= golden.length * (REPROJECTED.includes(one.name) ? HASH_SHARE_MIN : 1)
  const hashes = isEnough ? [] : [`only ${sameHash} of ${golden.length} hashes agree`]
  return { 'golden/*/out.geojson': [...different, ...hashes] }
}

function stateFaults(one: Case, { state }: Outcome): Faults {
  const path = join(SUITE, one.golden, 'state.json')
  if (!existsSync(path)) return {}
  const golden = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Outcome['state'])
  const different = golden.filter(
    ([key, value]) =>
      !INCOMPARABLE.includes(key) && JSON.stringify(state[key] ?? null) !== JSON.stringify(value),
  )
  return {
    'golden/*/state.json': different.map(
      ([key, value]) => `${key}: ${JSON.stringify(state[key])}, not ${JSON.stringify(value)}`,
    ),
  }
}

async function runSource(one: Case, folder: string): Promise<Outcome> {
  const source: unknown = JSON.parse(await readFile(join(SUITE, one.source), 'utf8'))
  const text = JSON.stringify(source, (key, value: unknown) =>
    key === 'data' ? playedAt(one, value) : value,
  )
  const result = await processOne(basename(one.source, '.json'), text, optionsOf(one, folder))
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

function hasTippecanoe(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'tippecanoe')))
}
