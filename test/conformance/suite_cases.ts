/**
 * What the conformance suite holds: each of its files that tests read, and how many cases are in it.
 *
 * `*` stands for each folder of golden outputs. Two files are no cases of their own: `routes.json` is what the
 * stand-ins answer, and `machine-only.json` is about the program before the reference (tests read some of it).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SUITE } from './suite.ts'

/** As much of the files as is counted. */
interface Counted {
  readonly cases: readonly { readonly op: string }[]
  readonly items: readonly { readonly cases: readonly unknown[] }[]
  readonly tests: readonly unknown[]
  readonly sources: readonly unknown[]
  readonly conversion: readonly unknown[]
  readonly request_plans: readonly unknown[]
}

/** Files of the suite, and how to count what is in them. */
const FILES: Readonly<Record<string, (file: string) => number>> = {
  'manifest.json': (file) => read(file).cases.length,
  'functions.json': (file) => read(file).cases.length,
  'esri.json': (file) => read(file).conversion.length + read(file).request_plans.length,
  'regexp-golden.json': (file) => read(file).items.reduce((sum, { cases }) => sum + cases.length, 0),
  'catalogue-acceptance.json': (file) => read(file).tests.length + read(file).sources.length,
  'observed/row-functions.json': (file) => read(file).items.length,
  'observed/text-extraction.json': (file) => read(file).items.length,
  // Each geometry is looked at in two layers.
  'observed/geometry.json': (file) => 2 * read(file).items.length,
  'observed/reprojection.json': (file) => read(file).items.length,
  'observed/runs.json': (file) => read(file).items.length,
  'golden/*/out.geojson': goldens,
  'golden/*/extract.csv': goldens,
  'golden/*/state.json': goldens,
}

/** Every file of the suite that has cases. */
export const SUITE_FILES: readonly string[] = Object.keys(FILES)

/** How many cases a file has; undefined where there is no such file, or no suite. */
export function casesOf(file: string): number | undefined {
  return existsSync(SUITE) ? FILES[file]?.(file) : undefined
}

function read(file: string): Counted {
  return JSON.parse(readFileSync(join(SUITE, file), 'utf8'))
}

function goldens(file: string): number {
  const [folder = '', name = ''] = file.split('/*/')
  return readdirSync(join(SUITE, folder)).filter((one) => existsSync(join(SUITE, folder, one, name))).length
}
