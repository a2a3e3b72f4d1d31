/** Pull requests by what a file was and is: which data sources follow. */
import type { FileChange } from '../standins/github_commits.ts'
import { sourceOf } from './ground.ts'

/** A scenario. */
export interface Row {
  readonly name: string
  /** Paths are below the folder of the row. */
  readonly before?: Readonly<Record<string, FileChange>>
  readonly after: Readonly<Record<string, FileChange>>
  readonly runs?: readonly string[]
  readonly fails?: readonly string[]
  readonly findings?: readonly string[]
  readonly notes?: readonly string[]
}

/** A source with one data source, `addresses/city`. */
export const ONE = sourceOf({ city: 'N' })
/** The same with two. */
export const TWO = sourceOf({ city: 'N', county: 'N' })
/** Of a data source: where it is. */
export const AT = '"data": "http://x.example/a.csv", "protocol": "http"'
/** What its columns mean. */
export const CONFORM = '"conform": {"format": "csv", "lon": "X", "lat": "Y", "street": "S", "number": "N"}'

/** A source in one line an entry, as its author may have broken it. */
export function lines(...entries: string[]): string {
  return `{"schema": 2, "coverage": {"country": "us"}, "layers": {"addresses": [\n${entries.join(',\n')}\n]}}\n`
}

/** Sources in which nothing is wrong. */
export const CHANGES: readonly Row[] = [
  { name: 'a new file', after: { 'a.json': ONE }, runs: ['a.json addresses/city'] },
  {
    name: 'a new file of two data sources',
    after: { 'a.json': TWO },
    runs: ['a.json addresses/city', 'a.json addresses/county'],
  },
  {
    name: 'the conform of one of two',
    before: { 'a.json': TWO },
    after: { 'a.json': sourceOf({ city: 'M', county: 'N' }) },
    runs: ['a.json addresses/city'],
  },
  {
    name: 'the conform of the other of two',
    before: { 'a.json': TWO },
    after: { 'a.json': sourceOf({ city: 'N', county: 'M' }) },
    runs: ['a.json addresses/county'],
  },
  {
    name: 'the coverage, which all share',
    before: { 'a.json': TWO },
    after: { 'a.json': sourceOf({ city: 'N', county: 'N' }, { coverage: { country: 'ca' } }) },
    runs: ['a.json addresses/city', 'a.json addresses/county'],
  },
  {
    name: 'another tag at the top, which all share',
    before: { 'a.json': TWO },
    after: { 'a.json': sourceOf({ city: 'N', county: 'N' }, { note: 'x' }) },
    runs: ['a.json addresses/city', 'a.json addresses/county'],
  },
  {
    name: 'spaces and line breaks only',
    before: { 'a.json': TWO },
    after: { 'a.json': `${JSON.stringify(JSON.parse(TWO))}\r\n` },
    notes: ['a.json differs in nothing that its data sources depend on'],
  },
  {
    name: 'the order of keys only',
    before: { 'a.json': lines(`{"name": "city", ${AT}, ${CONFORM}}`) },
    after: { 'a.json': lines(`{${CONFORM}, ${AT}, "name": "city"}`) },
    notes: ['a.json differs in nothing that its data sources depend on'],
  },
  {
    name: 'a data source more',
    before: { 'a.json': ONE },
    after: { 'a.json': TWO },
    runs: ['a.json addresses/county'],
  },
  {
    name: 'a data source less',
    before: { 'a.json': TWO },
    after: { 'a.json': ONE },
    notes: ['a.json has no addresses/county any more: when this is merged, its data goes'],
  },
  {
    name: 'another name of a data source',
    before: { 'a.json': ONE },
    after: { 'a.json': sourceOf({ town: 'N' }) },
    runs: ['a.json addresses/town'],
    notes: ['a.json has no addresses/city any more: when this is merged, its data goes'],
  },
  {
    name: 'another layer',
    before: { 'a.json': ONE },
    after: {
      'a.json': ONE.replace('"addresses": [', '"parcels": [').replace(
        /"number": "N",\s*"street": "S"/,
        '"pid": "P"',
      ),
    },
    runs: ['a.json parcels/city'],
    notes: ['a.json has no addresses/city any more: when this is merged, its data goes'],
  },
  {
    name: 'entries in another order',
    before: { 'a.json': TWO },
    after: { 'a.json': sourceOf({ county: 'N', city: 'N' }) },
    notes: ['a.json differs in nothing that its data sources depend on'],
  },
  {
    name: 'a file of schema 1',
    before: { 'a.json': `{${AT}, ${CONFORM}, "coverage": {"country": "us"}}` },
    after: { 'a.json': `{${AT}, ${CONFORM.replace('"N"', '"M"')}, "coverage": {"country": "us"}}` },
    runs: ['a.json addresses/primary'],
  },
  {
    name: 'schema 1 that became schema 2',
    before: { 'a.json': `{${AT}, ${CONFORM}, "coverage": {"country": "us"}}` },
    after: { 'a.json': lines(`{"name": "primary", ${AT}, ${CONFORM}}`) },
    runs: ['a.json addresses/primary'],
  },
  {
    name: 'a file that moved unchanged',
    before: { 'a.json': TWO },
    after: { 'a.json': null, 'deep/b.json': TWO },
    runs: ['deep/b.json addresses/city', 'deep/b.json addresses/county'],
    notes: ['deep/b.json was a.json: its history goes along'],
  },
  {
    name: 'a file that moved and changed a little',
    before: { 'a.json': TWO },
    after: { 'a.json': null, 'b.json': sourceOf({ city: 'M', county: 'N' }) },
    runs: ['b.json addresses/city', 'b.json addresses/county'],
    notes: ['b.json was a.json: its history goes along'],
  },
  {
    name: 'a file that was removed',
    before: { 'a.json': ONE, 'b.json': sourceOf({ other: 'Z' }) },
    after: { 'a.json': null },
    notes: ['a.json is removed: when this is merged, its data goes'],
  },
  {
    name: 'a copy of a file, with another one changed',
    before: { 'a.json': ONE },
    after: { 'b.json': ONE, 'a.json': sourceOf({ city: 'M' }) },
    runs: ['a.json addresses/city', 'b.json addresses/city'],
  },
  {
    name: 'two files of the same bytes',
    after: { 'a.json': ONE, 'b.json': ONE },
    runs: ['a.json addresses/city', 'b.json addresses/city'],
  },
  {
    name: 'two files that changed places',
    before: { 'a.json': sourceOf({ one: 'A' }), 'b.json': sourceOf({ two: 'B', three: 'C' }) },
    after: { 'a.json': sourceOf({ two: 'B', three: 'C' }), 'b.json': sourceOf({ one: 'A' }) },
    runs: ['a.json addresses/two', 'a.json addresses/three', 'b.json addresses/one'],
    notes: [
      'a.json has no addresses/one any more: when this is merged, its data goes',
      'b.json has no addresses/two, addresses/three any more: when this is merged, its data goes',
    ],
  },
  {
    name: 'names in other scripts, composed and decomposed',
    after: {
      'München.json': ONE,
      'Mu\u0308nchen.json': ONE,
      '東京/都.json': ONE,
      '🏠.json': ONE,
    },
    runs: [
      'Mu\u0308nchen.json addresses/city',
      'München.json addresses/city',
      '東京/都.json addresses/city',
      '🏠.json addresses/city',
    ],
  },
  {
    name: 'odd names',
    after: {
      '#1 & ½?.json': ONE,
      '100%.json': ONE,
      'a b+c.json': ONE,
      '-rf.json': ONE,
      'q"uo\'te.json': ONE,
      'back\\slash.json': ONE,
      '%2e%2e.json': ONE,
      'a..b.json': ONE,
    },
    runs: [
      '#1 & ½?.json addresses/city',
      '%2e%2e.json addresses/city',
      '-rf.json addresses/city',
      '100%.json addresses/city',
      'a b+c.json addresses/city',
      'a..b.json addresses/city',
      'back\\slash.json addresses/city',
      'q"uo\'te.json addresses/city',
    ],
  },
  {
    name: 'a name with a line break and a tab',
    after: { 'a\nb\tc.json': ONE },
    runs: ['a\nb\tc.json addresses/city'],
  },
  {
    name: 'what is no JSON, or is called another way',
    after: { 'README.md': '#', 'a.JSON': ONE, 'a.json.bak': ONE, 'a.geojson': ONE, json: ONE },
  },
  {
    name: 'a link to another source',
    before: { 'a.json': ONE },
    after: { 'b.json': { link: 'a.json' } },
    notes: ['b.json is a symbolic link, and no source: it was left alone'],
  },
  {
    name: 'a link that leads out',
    after: { 'b.json': { link: '../../../etc/passwd' } },
    notes: ['b.json is a symbolic link, and no source: it was left alone'],
  },
  {
    name: 'a file that became a link',
    before: { 'a.json': ONE, 'b.json': TWO },
    after: { 'b.json': { link: 'a.json' } },
    notes: ['b.json is a symbolic link, and no source: it was left alone'],
  },
  {
    name: 'a link that became a file',
    before: { 'a.json': ONE, 'b.json': { link: 'a.json' } },
    after: { 'b.json': ONE },
    runs: ['b.json addresses/city'],
  },
  {
    name: 'a submodule that is called like a source',
    after: { 'b.json': { submodule: 'a'.repeat(40) }, 'a.json': ONE },
    runs: ['a.json addresses/city'],
    notes: ['b.json is a submodule, and no source: it was left alone'],
  },
  {
    name: 'a file above the megabyte that GitHub shows at once',
    after: { 'a.json': sourceOf({ city: 'N' }, { note: 'x'.repeat(1_100_000) }) },
    runs: ['a.json addresses/city'],
  },
  {
    name: 'keys that JavaScript knows',
    before: { 'a.json': lines(`{"name": "__proto__", ${AT}, ${CONFORM}}`) },
    after: { 'a.json': lines(`{"name": "__proto__", ${AT}, ${CONFORM}, "constructor": {"__proto__": 1}}`) },
    runs: ['a.json addresses/__proto__'],
  },
]
