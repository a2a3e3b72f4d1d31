/** Two files of rows, compared as the command does it; counts and lines written out. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { outText } from '../shared/conform/out_text.ts'
import { contentId } from '../shared/content_id.ts'
import type { Geometry, OutFeature } from '../shared/row.ts'
import { ranMachine } from '../test/crew.ts'
import { diffFiles } from './diff/diff.ts'
import { writeDiff } from './diff/write_diff.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-diff-'))
})

afterEach(() => rm(folder, { recursive: true }))

function address(
  number: string,
  street: string,
  at: readonly number[] | null,
  hash = '0123456789abcdef',
): OutFeature {
  const rest = { unit: '', city: '', district: '', region: '', postcode: '', id: '', accuracy: '' }
  const geometry: Geometry | null = at === null ? null : { type: 'Point', coordinates: at }
  return { type: 'Feature', properties: { hash, number, street, ...rest }, geometry }
}

async function write(name: string, rows: readonly OutFeature[]): Promise<string> {
  const text = rows.map((row) => `${outText(row)}\n`).join('')
  await writeFile(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text)
  return join(folder, name)
}

async function diff(before: readonly OutFeature[], now: readonly OutFeature[]) {
  const paths = {
    before: await write('before.geojson.gz', before),
    now: await write('now.geojson', now),
    out: join(folder, 'diff.ndjson.gz'),
  }
  const difference = await diffFiles(paths.before, paths.now, join(folder, 'scratch'))
  await writeDiff(difference, paths)
  const lines = gunzipSync(await readFile(paths.out))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { counts: difference.counts, lines }
}

const OAK = address('12', 'Oak St', [-122.25, 37.5])
const ELM = address('14', 'Elm St', [-122.125, 37.75])

describe('diff-runs', () => {
  test('finds nothing changed in rows of another order, with other hashes, in other case and with other blanks', async () => {
    const again = [
      address('14', ' ELM  st', [-122.125, 37.75], 'ffffffffffffffff'),
      address('12', 'oak St ', [-122.2500001, 37.5000001]),
    ]

    const { counts, lines } = await diff([OAK, ELM], again)

    expect(counts).toEqual({
      before: 2,
      now: 2,
      added: 0,
      removed: 0,
      changed: 0,
      moved: 0,
      edited: 0,
      unchanged: 2,
    })
    expect(lines).toEqual([counts])
  })

  test('tells added, removed, moved and edited rows apart, with both sides of what changed', async () => {
    const moved = address('12', 'Oak St', [-122.2, 37.5])
    const edited = address('14', 'Elm Street', [-122.125, 37.75])
    const gone = address('1', 'Ash St', [-122, 37])
    const came = address('2', 'Fir St', [-121, 36])

    const { counts, lines } = await diff([OAK, ELM, gone], [came, edited, moved])

    expect(counts).toEqual({
      before: 3,
      now: 3,
      added: 1,
      removed: 1,
      changed: 2,
      moved: 1,
      edited: 1,
      unchanged: 0,
    })
    expect(
      lines.slice(1).map(({ change, side, feature }) => [change, side, feature.properties.street]),
    ).toEqual([
      ['moved', 'before', 'Oak St'],
      ['edited', 'before', 'Elm St'],
      ['removed', undefined, 'Ash St'],
      ['added', undefined, 'Fir St'],
      ['edited', 'now', 'Elm Street'],
      ['moved', 'now', 'Oak St'],
    ])
    expect(lines[1].id).toBe(contentId('addresses', OAK))
    const [what, where] = contentId('addresses', moved).split('-')
    expect(contentId('addresses', OAK).split('-')[0]).toBe(what!)
    expect(contentId('addresses', OAK).split('-')[1]).not.toBe(where!)
  })

  test('counts rows as often as they are there', async () => {
    const { counts } = await diff([OAK, OAK, OAK, ELM], [OAK, OAK, ELM, ELM])

    expect(counts).toMatchObject({ unchanged: 3, removed: 1, added: 1, changed: 0 })
  })

  test('does not take one row without a place for another', async () => {
    const { counts } = await diff([address('1', 'Ash St', null)], [address('2', 'Fir St', null)])

    expect(counts).toMatchObject({ added: 1, removed: 1, changed: 0 })
  })

  test('takes as long for a row that is there a hundred thousand times, and leaves nothing on the disk', async () => {
    const many = Array.from({ length: 100_000 }, () => OAK)

    const { counts } = await diff(many, [...many, ELM])

    expect(counts).toMatchObject({ before: 100_000, unchanged: 100_000, added: 1 })
    expect((await readdir(folder)).sort()).toEqual(['before.geojson.gz', 'diff.ndjson.gz', 'now.geojson'])
  }, 60_000)

  test('spills what does not fit into memory, and counts right', async () => {
    const rows = Array.from({ length: 140_000 }, (_, row) => address(`${row}`, 'Oak St', [row / 10_000, 45]))
    const now = rows
      .slice(1000)
      .map((row, at) => (at < 500 ? address(`${at}`, 'Elm St', [row.geometry === null ? 0 : at, 50]) : row))

    const { counts } = await diff(rows, now)

    expect(counts).toMatchObject({
      before: 140_000,
      now: 139_000,
      unchanged: 138_500,
      removed: 1500,
      added: 500,
    })
  }, 60_000)

  test('refuses files of two layers', async () => {
    const parcel: OutFeature = {
      type: 'Feature',
      properties: { hash: '0123456789abcdef', pid: '7' },
      geometry: null,
    }
    const paths = [await write('a.geojson', [OAK]), await write('b.geojson', [parcel])] as const

    expect(diffFiles(...paths, join(folder, 'scratch'))).rejects.toThrow('are not rows of one layer')
  })

  test('is a command, under Bun and under Node', async () => {
    const paths = [
      await write('a.geojson.gz', [OAK, ELM]),
      await write('b.geojson', [ELM]),
      join(folder, 'out.gz'),
    ]

    for (const node of [false, true]) {
      const { code, lines } = await ranMachine(['diff-runs', ...paths], { node })
      expect([code, lines]).toEqual([0, ['0 rows added, 1 removed, 0 moved, 0 edited, 1 unchanged']])
    }
    expect((await ranMachine(['diff-runs', paths[0]!])).code).toBe(2)
  }, 60_000)
})
