/** Maps of coverage as the command makes them: of the current state, of a set, of a folder; and when it is killed. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readCurrentCoverageMaps } from '../shared/db/coverage.ts'
import { machine, ranMachine } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import type { CoverageReport } from './render_coverage.ts'

const SITE = 'https://oa.example'

let db: TestDatabase
let folder: string
let set: number

/** Good, bad, and one that says nothing of where it is. */
const SOURCES: readonly [path: string, coverage: unknown, isGood: boolean][] = [
  ['sources/br/countrywide.json', { 'ISO 3166': { alpha2: 'BR' } }, true],
  ['sources/us/ca/fresno.json', { 'US Census': { geoid: '06019' } }, false],
  ['sources/za/gt/tshwane.json', { country: 'za' }, true],
]

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-coverage-test-'))
  const [made] = await db.sql<[{ id: number }]>`
    insert into sets (owner, repository, commit_sha) values ('openaddresses', 'openaddresses', ${'a'.repeat(40)})
    returning id`
  set = made.id
  for (const [position, [path, coverage, isGood]] of SOURCES.entries())
    await giveRun(path, coverage, isGood, position)
  await db.sql`
    select machine.know_source(now(), 'openaddresses', 'openaddresses', ${'a'.repeat(40)}, ${db.sql.json(
      SOURCES.map(([source_path]) => ({ source_path, layer: 'addresses', name: 'city', source_id: 'b' })),
    )})`
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

async function giveRun(path: string, coverage: unknown, isGood: boolean, position: number): Promise<void> {
  const data = Buffer.from(JSON.stringify({ schema: 2, coverage, layers: {} }))
  const state = isGood ? db.sql.json({ 'feat count': 12, skipped: false }) : null
  const problem = isGood ? null : 'download-failed'
  const [run] = await db.sql<[{ id: number }]>`
    insert into runs (source_path, source_id, source_data, layer, name, set_id, is_merged, status, state, problem)
    values (${path}, 'b', ${data}, 'addresses', 'city', ${set}, true, ${isGood}, ${state}, ${problem})
    returning id`
  await db.sql`
    insert into set_sources (set_id, position, source_path, source_id, layer, name, task, released_at, run_id, status)
    values (${set}, ${position}, ${path}, 'b', 'addresses', 'city', '{}', now(), ${run.id}, ${isGood})`
}

function options() {
  return { env: { DATABASE_URL: db.url, STORAGE_DIR: folder, MACHINE_BASE_URL: SITE } }
}

async function render(...args: string[]) {
  const { code, lines } = await ranMachine(
    ['render-coverage', '--json', '--1x', '--width', '200', ...args],
    options(),
  )
  const json = lines.find((line) => line.startsWith('{"state"'))
  if (json === undefined) throw new Error(lines.join('\n'))
  return { code, report: JSON.parse(json) as CoverageReport, lines }
}

const UNPLACED = [
  {
    path: 'sources/za/gt/tshwane.json',
    reason: 'its coverage has no code, no number and no geometry that is known',
  },
]

describe('machine render-coverage', () => {
  test('says what it would draw, and draws nothing', async () => {
    const { code, report } = await render('--dry-run')

    expect(code).toBe(0)
    expect(report).toEqual({
      state: 'planned',
      setId: null,
      sources: 3,
      good: 2,
      places: 2,
      unplaced: UNPLACED,
      maps: {},
    })
    expect(await readCurrentCoverageMaps(db.sql)).toBeUndefined()
  })

  test('publishes the current state: three pictures and their data', async () => {
    const { code, report, lines } = await render()

    expect(code).toBe(0)
    expect(report).toMatchObject({ state: 'published', sources: 3, good: 2, places: 2, unplaced: UNPLACED })
    expect(lines.some((line) => line.startsWith('drawing: world'))).toBe(true)
    const maps = (await readCurrentCoverageMaps(db.sql))!
    expect(report.maps).toEqual({
      world: maps.world,
      europe: maps.europe,
      usa: maps.usa,
      geojson: maps.geojson,
    })
    expect(maps.world).toMatch(/^https:\/\/oa\.example\/coverage\/[\w-]+\/render-world\.png$/)
    const { features } = await Bun.file(maps.geojson.replace(SITE, folder)).json()
    const found = features.map(({ properties }: { properties: Record<string, unknown> }) => [
      properties['name'],
      properties['status'],
      properties['address count'],
    ])
    expect(found).toEqual([
      ['Brazil', 'good', 12],
      ['Fresno', 'bad', 0],
    ])
  })

  test('of a set says so on the set, and leaves the current state', async () => {
    const before = await readCurrentCoverageMaps(db.sql)

    const { code, report } = await render('--set', `${set}`)

    expect(code).toBe(0)
    expect(report).toMatchObject({ state: 'published', setId: set, sources: 3, good: 2, places: 2 })
    const [row] =
      await db.sql`select render_world, render_europe, render_usa, render_geojson from sets where id = ${set}`
    expect(Object.values(row!)).toEqual(
      ['world', 'europe', 'usa', 'geojson'].map((name) => report.maps[name]!),
    )
    expect(await readCurrentCoverageMaps(db.sql)).toEqual(before)
  })

  test('of a set that is not there is a slip', async () => {
    const { code, lines } = await ranMachine(['render-coverage', '--set', '999999'], options())

    expect(code).toBe(2)
    expect(lines[0]).toContain('there is no set 999999')
  })

  test('of a folder needs no database', async () => {
    const from = join(folder, 'checkout')
    await mkdir(join(from, 'br'), { recursive: true })
    await writeFile(join(from, 'br/a.json'), JSON.stringify({ coverage: { 'ISO 3166': { alpha2: 'BR' } } }))
    await writeFile(join(from, 'br/b.json'), '{"not')
    const to = join(folder, 'drawn')

    const { code, lines } = await ranMachine(['render-coverage', '--1x', '--sources', from, '--out', to])

    expect(code).toBe(0)
    expect(lines.some((line) => line.startsWith('drawn 1 places of 2 sources'))).toBe(true)
    expect((await readdir(to)).sort()).toEqual([
      'render-europe.png',
      'render-geojson.geojson',
      'render-usa.png',
      'render-world.png',
    ])
  })

  test('with nothing to draw keeps the old maps', async () => {
    const before = await readCurrentCoverageMaps(db.sql)

    const { code, report } = await render('--owner', 'nobody')

    expect(code).toBe(1)
    expect(report).toMatchObject({ state: 'kept', code: 'nothing-to-publish' })
    expect(await readCurrentCoverageMaps(db.sql)).toEqual(before)
  })

  test('killed at three random moments leaves four maps of one making', async () => {
    const began = performance.now()
    await render()
    const whole = performance.now() - began

    for (let kills = 0; kills < 3; kills += 1) {
      const going = machine(['render-coverage', '--1x', '--width', '200'], options())
      await pause(whole * (0.3 + 0.7 * Math.random()))
      going.kill('SIGKILL')
      await going.ended

      const maps = (await readCurrentCoverageMaps(db.sql))!
      const urls = [maps.world, maps.europe, maps.usa, maps.geojson]
      expect(new Set(urls.map((url) => url.split('/').at(-2))).size).toBe(1)
      for (const url of urls) expect((await stat(url.replace(SITE, folder))).size).toBeGreaterThan(100)
    }
  })
})
