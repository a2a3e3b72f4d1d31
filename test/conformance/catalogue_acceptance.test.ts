/**
 * The acceptance tests that the catalogue's own authors wrote, with the verdicts of the reference:
 * `../shared/conformance/catalogue-acceptance.json` over the sources of `../shared/catalogue`.
 */
import { afterAll, describe, expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAcceptanceTests } from '../../shared/conform/acceptance.ts'
import { type DataSource, findDataSource, readSource } from '../../shared/source.ts'
import { hasCatalogue, openCatalogue } from './catalogue.ts'
import { scored } from './score.ts'
import { hasSuite, readJson } from './suite.ts'

const FILE = 'catalogue-acceptance.json'

/** Where the reference fails and we do not, or fail another way; numbers are those of spec/processing.md §13. */
const DELIBERATE: Readonly<Record<string, { reason: string; passed: boolean; detail?: string }>> = {
  'sources/us/pa/philadelphia.json': {
    reason: '#8: a chain variable that nothing has filled is empty, and no crash',
    passed: true,
  },
  'sources/us/tx/galveston.json': {
    reason: '#9: an input that lacks a column fails the test that it is of, and is no crash',
    passed: false,
    detail: 'its inputs have no column "SITUS"',
  },
}

interface Verdict {
  readonly source: string
  readonly layer: string
  readonly layersource: string
}

interface Given {
  readonly sources: readonly (Verdict & { readonly result: boolean | null | 'error' })[]
  readonly tests: readonly (Verdict & { readonly index: number; readonly reference_passes: boolean | null })[]
}

const isHere = hasSuite && hasCatalogue
const given: Given = isHere ? (readJson(FILE) as Given) : { sources: [], tests: [] }
const catalogue = isHere ? await openCatalogue() : undefined

afterAll(() => catalogue?.remove())

describe.skipIf(!isHere)('the catalogue as a whole source', () => {
  for (const { result, ...one } of given.sources) {
    const deliberate = DELIBERATE[one.source]
    scored(
      FILE,
      one.source,
      () => {
        const { passed, detail } = runAcceptanceTests(dataSourceOf(one))

        expect({ passed, detail }).toEqual({
          passed: deliberate?.passed ?? (result as boolean),
          detail: deliberate?.detail === undefined ? null : expect.stringContaining(deliberate.detail),
        })
      },
      { deliberate: deliberate?.reason },
    )
  }
})

describe.skipIf(!isHere)('the catalogue, test by test', () => {
  for (const { index, reference_passes, ...one } of given.tests) {
    const deliberate = reference_passes === true ? undefined : DELIBERATE[one.source]
    scored(
      FILE,
      `${one.source} ${index + 1}`,
      () => {
        const data = dataSourceOf(one)
        const tests = data.test?.['acceptance-tests'] as unknown[]
        const { passed } = runAcceptanceTests({ ...data, test: { 'acceptance-tests': [tests[index]] } })

        expect(passed).toBe(deliberate?.passed ?? reference_passes)
      },
      { deliberate: deliberate?.reason },
    )
  }
})

function dataSourceOf({ source, layer, layersource }: Verdict): DataSource {
  const text = readFileSync(join(catalogue?.folder ?? '', source), 'utf8')
  return findDataSource(readSource(text), layer, layersource)
}
