/** Every file of the conformance suite is read by a test, and every operation of `functions.json`. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Score, scoreLines, unfinished } from './score_lines.ts'
import { hasSuite, readJson, SUITE } from './suite.ts'
import { casesOf, SUITE_FILES } from './suite_cases.ts'

/** Who counts the cases of a file. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'manifest.json': ['worker/process_conformance.test.ts'],
  'functions.json': [
    'shared/conform/conformance.test.ts',
    'worker/download/conformance.test.ts',
    'worker/formats/conformance.test.ts',
    'worker/preview_source.test.ts',
    'worker/render/preview.test.ts',
    'test/conformance/functions.test.ts',
  ],
  'esri.json': ['shared/geometry/esri_geometry.test.ts', 'worker/download/esri_plans.test.ts'],
  'regexp-golden.json': ['shared/conform/conformance.test.ts'],
  'catalogue-acceptance.json': ['test/conformance/catalogue_acceptance.test.ts'],
  'observed/row-functions.json': ['shared/conform/conformance.test.ts'],
  'observed/text-extraction.json': ['worker/formats/conformance.test.ts'],
  'observed/geometry.json': ['shared/geometry/interior_point.test.ts'],
  'observed/reprojection.json': ['worker/formats/projection.test.ts'],
  'observed/runs.json': ['test/conformance/runs.test.ts'],
  'golden/*/out.geojson': ['worker/process_conformance.test.ts'],
  'golden/*/extract.csv': ['worker/formats/goldens.test.ts', 'shared/conform/conformance.test.ts'],
  'golden/*/state.json': ['worker/process_conformance.test.ts'],
}

/** No cases of their own: what the stand-ins answer, and what the program before the reference did. */
const OTHERS = ['routes.json', 'machine-only.json']

describe.skipIf(!hasSuite)('the conformance suite (skipped without ../shared/conformance)', () => {
  test('has no file that no test reads', () => {
    const files = ['', 'observed/'].flatMap((folder) =>
      readdirSync(join(SUITE, folder))
        .filter((name) => name.endsWith('.json'))
        .map((name) => `${folder}${name}`),
    )
    const goldens = readdirSync(join(SUITE, 'golden')).flatMap((name) =>
      readdirSync(join(SUITE, 'golden', name)),
    )
    const kinds = [...new Set(goldens)].map((name) => `golden/*/${name}`)

    expect([...files, ...kinds].filter((file) => !OTHERS.includes(file)).sort()).toEqual(
      [...SUITE_FILES].sort(),
    )
    expect(Object.keys(READERS).sort()).toEqual([...SUITE_FILES].sort())
  })

  test('is counted where it is read', () => {
    const wrong = Object.entries(READERS).flatMap(([file, readers]) =>
      readers
        .filter((reader) => !existsSync(reader) || !countsFor(file, readFileSync(reader, 'utf8')))
        .map((reader) => `${reader} does not count for ${file}`),
    )

    expect(wrong).toEqual([])
  })

  test('has no operation in functions.json that no test is of', () => {
    const { cases } = readJson('functions.json') as { cases: { op: string }[] }
    const texts = READERS['functions.json']!.map((reader) => readFileSync(reader, 'utf8'))
    const ops = [...new Set(cases.map(({ op }) => op))]

    expect(ops.filter((op) => !texts.some((text) => text.includes(`'${op}'`)))).toEqual([])
  })

  test('has cases in each of its files', () => {
    expect(SUITE_FILES.filter((file) => (casesOf(file) ?? 0) === 0)).toEqual([])
  })

  test('is not finished while a case of a file that was begun is missing', () => {
    const scores = (passed: number): [string, Score][] => [
      ['manifest.json', { passed, failed: 1, deliberate: [] }],
    ]
    const others = casesOf('manifest.json')! - 1

    expect(unfinished(scores(others - 1))).toEqual(['manifest.json'])
    expect(unfinished(scores(others))).toEqual([])
    expect(scoreLines(scores(others - 1))).toEqual([
      `conformance  manifest.json  ${others - 1} passed, 0 deliberate, 1 failed, 1 not run`,
    ])
  })
})

test('scores of two lanes are added up, and what differs is told once for each reason', () => {
  const lane = (...names: string[]) => {
    const deliberate = names.map((name) => ({ name, reason: '#1: the axes' }))
    return ['a.json', { passed: 2, failed: 0, deliberate }] as const
  }

  const counted = scoreLines([lane('one', 'two'), lane('three', 'four', 'five')])
  expect(counted.slice(1)).toEqual([
    'conformance  deliberate differences; # is a number in spec/processing.md §13, § a section of it',
    'conformance  a.json  #1: the axes  (one, two, three and 2 more)',
  ])
  expect(counted[0]).toStartWith('conformance  a.json  4 passed, 5 deliberate, 0 failed')
})

/** By the name of the file, or of a constant that holds it. */
function countsFor(file: string, text: string): boolean {
  return text.includes(`'${file}'`) && /\b(?:scored|count)\(/.test(text)
}
