/**
 * The catalogue as history: three hundred random edits of real sources, in a hundred pull requests, give exactly the data
 * sources that were edited.
 *
 * What is expected follows from the edit itself, not from a comparison: so it knows nothing of how expand works.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSource } from '../../shared/source_check.ts'
import { type Catalogue, hasCatalogue, openCatalogue } from '../conformance/catalogue.ts'
import type { FileChange } from '../standins/github_commits.ts'
import type { Repository } from '../standins/github_hub.ts'
import { type Ground, openGround } from './ground.ts'

setDefaultTimeout(180_000)

const PULLS = 100
const EDITS_A_PULL = 3
const SEED = 20_261_125

interface Entry {
  name: string
  conform?: Record<string, unknown>
  [tag: string]: unknown
}

interface Json {
  coverage?: Record<string, unknown>
  layers: Record<string, Entry[]>
}

interface Edit {
  readonly files: Readonly<Record<string, FileChange>>
  readonly runs: readonly string[]
  readonly fails: readonly string[]
}

type MakeEdit = (given: { path: string; text: string; n: number; pick: Pick }) => Edit

/** One of several, by the seed. */
type Pick = <T>(of: readonly T[]) => T

const LAYERS = ['addresses', 'parcels', 'buildings', 'centerlines']

/** `path layer/name` of all data sources of a file. */
function all(path: string, { layers }: Json): string[] {
  return Object.entries(layers).flatMap(([layer, entries]) =>
    entries.map(({ name }) => `${path} ${layer}/${name}`),
  )
}

const EDITS: Readonly<Record<string, MakeEdit>> = {
  'the conform of one': ({ path, text, n, pick }) => {
    const json = JSON.parse(text) as Json
    const layer = pick(Object.keys(json.layers).filter((layer) => json.layers[layer]!.length > 0))
    const entry = pick(json.layers[layer]!)
    entry.conform = { ...entry.conform, id: `FIELD_${n}` }
    return {
      files: { [path]: JSON.stringify(json, null, 4) },
      runs: [`${path} ${layer}/${entry.name}`],
      fails: [],
    }
  },
  'the data of one': ({ path, text, n, pick }) => {
    const json = JSON.parse(text) as Json
    const layer = pick(Object.keys(json.layers).filter((layer) => json.layers[layer]!.length > 0))
    const entry = pick(json.layers[layer]!)
    entry['website'] = `https://edited.example/${n}`
    return { files: { [path]: JSON.stringify(json) }, runs: [`${path} ${layer}/${entry.name}`], fails: [] }
  },
  'the coverage of all': ({ path, text, n }) => {
    const json = JSON.parse(text) as Json
    json.coverage = { ...json.coverage, note: `${n}` }
    return { files: { [path]: JSON.stringify(json, null, 2) }, runs: all(path, json), fails: [] }
  },
  'one data source more': ({ path, text, n }) => {
    const json = JSON.parse(text) as Json
    const [layer, entries] = Object.entries(json.layers).find(([, entries]) => entries.length > 0)!
    entries.push({ ...entries[0]!, name: `added ${n}` })
    return {
      files: { [path]: JSON.stringify(json, null, 2) },
      runs: [`${path} ${layer}/added ${n}`],
      fails: [],
    }
  },
  'spaces only': ({ path, text }) => ({
    files: { [path]: `${JSON.stringify(JSON.parse(text), null, '\t')}\n\n` },
    runs: [],
    fails: [],
  }),
  'another name': ({ path, text, n }) => {
    const to = `sources/zz/moved ${n}.json`
    return { files: { [path]: null, [to]: text }, runs: all(to, JSON.parse(text) as Json), fails: [] }
  },
  'broken JSON': ({ path, text }) => ({
    files: { [path]: text.trimEnd().slice(0, -1) },
    runs: [],
    fails: [`${path} source-invalid`],
  }),
  removed: ({ path }) => ({ files: { [path]: null }, runs: [], fails: [] }),
}

let ground: Ground
let catalogue: Catalogue
let repo: Repository
let sources: [path: string, text: string][]

beforeAll(async () => {
  if (!hasCatalogue) return
  ground = await openGround()
  catalogue = await openCatalogue()
  sources = listSources(catalogue.folder)
  repo = await ground.hub.repository({ name: 'catalogue', files: Object.fromEntries(sources) })
})

afterAll(async () => {
  if (!hasCatalogue) return
  await ground.close()
  await catalogue.remove()
})

test.skipIf(!hasCatalogue)(
  '300 random edits of the catalogue give exactly the data sources that they touch',
  async () => {
    const pick = picker(SEED)
    const good = sources.filter(([, text]) => isPlain(text))
    const pulls: { edits: { kind: string; edit: Edit }[]; jobId: string | null }[] = []
    for (let p = 0; p < PULLS; p++) {
      const chosen = new Map<string, string>()
      while (chosen.size < EDITS_A_PULL) chosen.set(...pick(good))
      const edits = [...chosen].map(([path, text], i) => {
        const kind = pick(Object.keys(EDITS))
        return { kind, edit: EDITS[kind]!({ path, text, n: p * EDITS_A_PULL + i, pick }) }
      })
      const files = Object.assign({}, ...edits.map(({ edit }) => edit.files)) as Record<string, FileChange>
      const pull = await ground.pull(repo, { branch: `edit-${p}`, files })
      pulls.push({ edits, jobId: (await ground.heardPull(pull, 'opened')).jobId })
    }

    const wrong: object[] = []
    for (const { edits, jobId } of pulls) {
      const job = await ground.seen(jobId)
      const expected = {
        runs: edits.flatMap(({ edit }) => edit.runs).toSorted(),
        fails: edits.flatMap(({ edit }) => edit.fails).toSorted(),
      }
      const found = { runs: job.runs.toSorted(), fails: job.fails.toSorted() }
      if (!Bun.deepEquals(expected, found))
        wrong.push({ kinds: edits.map(({ kind }) => kind), expected, found })
    }

    expect(wrong).toEqual([])
    const kinds = new Set(pulls.flatMap(({ edits }) => edits.map(({ kind }) => kind)))
    expect([...kinds].toSorted()).toEqual(Object.keys(EDITS).toSorted())
    expect(good.length).toBeGreaterThan(2_500)
  },
)

/** Whether edits of a file mean what they say: schema 2, names that are told apart, and nothing wrong before. */
function isPlain(text: string): boolean {
  const { layers } = JSON.parse(text) as Partial<Json>
  if (layers === undefined || Object.keys(layers).some((layer) => !LAYERS.includes(layer))) return false
  const names = all('', { layers })
  return (
    names.length > 0 &&
    new Set(names).size === names.length &&
    checkSource(text).every(({ level }) => level === 'warning')
  )
}

function listSources(folder: string): [string, string][] {
  return readdirSync(join(folder, 'sources'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')])
}

/** The same choices for the same seed (mulberry32). */
function picker(seed: number): Pick {
  let state = seed
  return (of) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return of[((mixed ^ (mixed >>> 14)) >>> 0) % of.length]!
  }
}
