/**
 * The reference, where it is installed: the same data through it, by a source that says the same.
 *
 * Its command stands in MACHINE_REFERENCE, such as `openaddr-process-one`.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case } from './cases.ts'
import { type Measured, measure } from './measure.ts'

/** The command; undefined where none is named. */
export function referenceCommand(): string | undefined {
  return process.env['MACHINE_REFERENCE']
}

/** Run it on a case; its features are left in `out`. */
export async function runReference(command: string, one: Case, data: string, out: string): Promise<Measured> {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const source = join(out, 'source.json')
  const entry = {
    name: 'bench',
    data: `file://${join(data, one.file)}`,
    protocol: 'http',
    conform: one.conform,
  }
  await writeFile(
    source,
    JSON.stringify({ schema: 2, coverage: { country: 'us' }, layers: { [one.layer]: [entry] } }),
  )
  return measure(command, [source, out, '--layer', one.layer, '--layersource', 'bench', '--skip-preview'])
}

/** Where it left its features. */
export async function referenceOutput(out: string): Promise<string> {
  const all = await readdir(out, { recursive: true })
  return join(out, all.find((name) => name.endsWith('out.geojson')) ?? 'out.geojson')
}
