/**
 * Acceptance tests: what the author of a source promises of its conform, checked before anything is
 * downloaded.
 *
 *     "test": {"acceptance-tests": [
 *       {"description": "slash in a number", "inputs": {"num": "12/3"}, "expected": {"number": "12/3"}}]}
 *
 * Inputs that lack a column fail the test and say which, where the original gave up the run.
 *
 * Source: openaddresses/CONTRIBUTING.md, "Testing"; schema/util/test.json.
 */
import type { WorkingRow } from '../row.ts'
import { type DataSource, isObject, type JsonObject } from '../source.ts'
import type { Value } from './call.ts'
import { compileConform, type Conformer } from './conform.ts'
import { RowError } from './row_error.ts'

/** How a data source's own tests went. */
export interface AcceptanceResult {
  /** Null where there are none, or they are disabled. */
  readonly passed: boolean | null
  /** The first test that failed, what it expected and what came; null when none failed. */
  readonly detail: string | null
}

/**
 * Run the acceptance tests of a data source.
 *
 * @throws {SourceError} when its conform cannot be compiled
 */
export function runAcceptanceTests({ layer, conform, test }: DataSource): AcceptanceResult {
  const tests = test?.['acceptance-tests']
  if ((test?.['enabled'] ?? true) === false || !Array.isArray(tests) || tests.length === 0) {
    return { passed: null, detail: null }
  }

  const conformer = compileConform(layer, conform ?? {})
  for (const [index, value] of (tests as unknown[]).entries()) {
    const test = isObject(value) ? value : {}
    const fault = testFault(conformer, test)
    if (fault !== null) return { passed: false, detail: `${testName(test, index)}: ${fault}` }
  }
  return { passed: true, detail: null }
}

/** What is wrong with the outcome of one test; null when it passes. */
function testFault(conformer: Conformer, { inputs, expected }: JsonObject): string | null {
  if (!isObject(inputs) || !isObject(expected)) return 'it needs inputs and expected'
  try {
    const row = inputRow(inputs)
    conformer.work(row)
    const actual: Readonly<Record<string, Value | undefined>> = conformer.properties(row, '')
    // An own property only: a test that expects a "constructor" shall not find the object's.
    const found = Object.keys(expected).map((name) => [
      name,
      Object.hasOwn(actual, name) ? actual[name] : undefined,
    ])
    if (found.every(([name, value]) => value === expected[name as string])) return null
    return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(Object.fromEntries(found))}`
  } catch (error) {
    if (!(error instanceof RowError)) throw error
    return `its inputs have no column "${error.detail}"`
  }
}

/** Inputs stand for a row as it comes from the data: texts, and now and then a number or null. */
function inputRow(inputs: JsonObject): WorkingRow {
  const row: WorkingRow = {}
  for (const [column, value] of Object.entries(inputs)) {
    row[column] = typeof value === 'number' || value === null ? value : String(value)
  }
  return row
}

function testName({ description }: JsonObject, index: number): string {
  return typeof description === 'string' && description !== '' ? description : `test ${index + 1}`
}
