/** One run after another into a folder of its own, with data from a web server: the ground for tests of whole runs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunResult } from '../shared/run.ts'
import { type ProcessOptions, processOne } from '../worker/process_one.ts'
import { startWeb, type Web } from './standins/web.ts'

export interface Trial {
  readonly web: Web
  /** Where the files of the runs go. */
  readonly folder: string
  /** Put a file on the server; gives its address. */
  serve(name: string, content: string | Buffer): Promise<string>
  run(text: string, options?: Partial<ProcessOptions>): Promise<RunResult>
  /** The features that were written. */
  features(): Promise<{ properties: Record<string, unknown>; geometry: unknown }[]>
  log(): Promise<string>
  close(): Promise<void>
}

/** Three rows: a plain one, one with oddities, and one without a place. */
export const TRIAL_CSV =
  'id,lon,lat,num,name\n1,-122.25,37.5,12,Oak St\n2,-122.125,37.75, 14.0,"Elm St, rear"\n3,,,16,Ash St\n'

/** Fits the table above. */
export const TRIAL_CONFORM = {
  format: 'csv',
  lon: 'lon',
  lat: 'lat',
  number: 'num',
  street: 'name',
  id: 'id',
}

/** A source file with one data source, addresses/city. */
export function trialSource(tags: object, conform: object | null = TRIAL_CONFORM): string {
  const entry = { name: 'city', protocol: 'http', ...(conform === null ? {} : { conform }), ...tags }
  const coverage = { 'US Census': { geoid: '06' } }
  return JSON.stringify({ schema: 2, coverage, layers: { addresses: [entry] } })
}

export async function openTrial(): Promise<Trial> {
  const served = await mkdtemp(join(tmpdir(), 'machine-served-'))
  const folder = await mkdtemp(join(tmpdir(), 'machine-run-'))
  const web = await startWeb({ folder: served })
  return {
    web,
    folder,
    async serve(name, content) {
      await writeFile(join(served, name), content)
      return `${web.url}/${name}`
    },
    run: (text, options = {}) =>
      processOne('us/ca/oakville', text, {
        folder,
        layer: 'addresses',
        name: 'city',
        tell: () => {},
        signal: new AbortController().signal,
        now: () => new Date('2026-03-27T12:00:00Z'),
        allowPrivate: true,
        version: '0.1.0',
        ...options,
      }),
    async features() {
      const text = await readFile(join(folder, 'out.geojson'), 'utf8')
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
    log: () => readFile(join(folder, 'output.txt'), 'utf8'),
    async close() {
      await web.close()
      await rm(served, { recursive: true })
      await rm(folder, { recursive: true })
    },
  }
}
