import { describe, expect, test } from 'bun:test'
import { dataSources, readSource } from '../source.ts'
import { runAcceptanceTests } from './acceptance.ts'

function run(testTag: unknown) {
  const entry = {
    name: 'x',
    data: 'http://example.com/x.csv',
    protocol: 'http',
    conform: {
      number: { function: 'regexp', field: 'A', pattern: '^(\\d+)' },
      city: 'C',
      accuracy: { function: 'map', field: 'A', mapping: { '12': 1 }, else: 5 },
    },
    test: testTag,
  }
  const [dataSource] = dataSources(readSource(JSON.stringify({ schema: 2, layers: { addresses: [entry] } })))
  return runAcceptanceTests(dataSource!)
}

const good = { inputs: { A: '12 x' }, expected: { number: '12', city: null, accuracy: 5 } }

describe('runAcceptanceTests', () => {
  test('passes when every property is as expected', () => {
    expect(run({ 'acceptance-tests': [good] })).toEqual({ passed: true, detail: null })
  })

  test('says what was expected and what came', () => {
    const bad = { description: 'a letter', inputs: { A: '12A' }, expected: { number: '12A', street: '' } }

    expect(run({ 'acceptance-tests': [good, bad] })).toEqual({
      passed: false,
      detail: 'a letter: expected {"number":"12A","street":""}, got {"number":"12","street":""}',
    })
  })

  test('fails on inputs without the column, and on a test without inputs', () => {
    expect(run({ 'acceptance-tests': [{ inputs: {}, expected: { number: '1' } }] })).toEqual({
      passed: false,
      detail: 'test 1: its inputs have no column "A"',
    })
    expect(run({ 'acceptance-tests': ['?'] })).toEqual({
      passed: false,
      detail: 'test 1: it needs inputs and expected',
    })
  })

  test('fails when a property is expected that the layer does not have', () => {
    expect(run({ 'acceptance-tests': [{ inputs: { A: '' }, expected: { constructor: 'x' } }] }).passed).toBe(
      false,
    )
  })

  test('is neither passed nor failed without tests, or with disabled ones', () => {
    for (const tag of [
      undefined,
      {},
      { 'acceptance-tests': [] },
      { enabled: false, 'acceptance-tests': [{}] },
    ]) {
      expect(run(tag)).toEqual({ passed: null, detail: null })
    }
  })
})
