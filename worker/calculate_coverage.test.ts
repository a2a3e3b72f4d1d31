/** Coverage as numbers, on a real Postgres with PostGIS; and what is said where there is none. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { hasCoverageTables } from '../shared/db/coverage_numbers.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { machine, ranMachine } from '../test/crew.ts'
import { testDatabase } from '../test/postgres.ts'
import { type Calculated, calculateCoverage } from './calculate_coverage.ts'
import { migrate } from './migrate.ts'
import { openAtlas } from './render/atlas.ts'
import type { CoverageSource } from './render/coverage_shapes.ts'
import { type PostgresServer, startPostgres } from './system/postgres_server.ts'

const PROGRAMS = '/usr/lib/postgresql/15'
const isHere =
  existsSync(`${PROGRAMS}/bin/postgres`) && existsSync('/usr/share/postgresql/15/extension/postgis.control')
if (!isHere) console.log('skipped: coverage as numbers, as Postgres 15 with PostGIS is not here')

test('machine calculate-coverage says what is missing where there is no PostGIS', async () => {
  const db = await testDatabase()
  try {
    const { code, lines } = await ranMachine(['calculate-coverage'], { env: { DATABASE_URL: db.url } })

    expect(await hasCoverageTables(db.sql)).toBe(false)
    expect(code).toBe(1)
    expect(lines.join(' ')).toContain('this Postgres has no PostGIS, or had none at the last migrate')
  } finally {
    await db.drop()
  }
})

describe.skipIf(!isHere)('on PostGIS', () => {
  let server: PostgresServer
  let folder: string
  let admin: Sql

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'machine-test-postgis-'))
    const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
    server = await startPostgres(join(folder, 'postgres'), {
      port: 0,
      log: () => {},
      programs: PROGRAMS,
      settings,
    })
    admin = connect(server.url, { max: 2 })
  })
  afterAll(async () => {
    await admin.end({ timeout: 1 })
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  })

  async function database(name: string, user = 'postgres'): Promise<Sql> {
    await admin.unsafe(`create database ${name} owner ${user} template template0`)
    const url = new URL(server.url)
    Object.assign(url, { pathname: `/${name}`, username: user })
    return connect(url.href, { max: 3 })
  }

  describe('a migration that needs it', () => {
    test('waits until somebody who may has created it, and then runs', async () => {
      await admin`create role plain login createrole`
      const sql = await database('waiting', 'plain')

      const before = await migrate(sql)
      expect(before.skipped).toEqual([
        {
          name: '0013_coverage',
          why: 'the extension postgis is to be created first, by somebody who may: create extension postgis',
        },
      ])
      expect(before.ran).toContain('0014_maps')
      expect(await hasCoverageTables(sql)).toBe(false)

      const owner = connect(server.url.replace(/\/postgres$/, '/waiting'), { max: 1 })
      await owner`create extension postgis`
      await owner.end()
      const after = await migrate(sql)

      expect(after).toMatchObject({ ran: ['0013_coverage'], skipped: [] })
      expect(await hasCoverageTables(sql)).toBe(true)
      expect(await migrate(sql)).toMatchObject({ ran: [], skipped: [] })
      await sql.end()
    })
  })

  describe('calculateCoverage', () => {
    let sql: Sql

    beforeAll(async () => {
      sql = await database('measured')
      await migrate(sql)
    })
    afterAll(() => sql.end())

    /** With the outlines of a few small countries and states only, which take no time. */
    async function calculate(
      populations: Record<string, string> = {},
      sources = SOURCES,
    ): Promise<Calculated> {
      const atlas = await openAtlas()
      const few = (codes: readonly string[]) => (outline: { code: string }) => codes.includes(outline.code)
      return calculateCoverage(sql, sources, {
        atlas: {
          ...atlas,
          countries: atlas.countries.filter(few(['LI', 'CH', 'LU', 'US'])),
          states: atlas.states.filter(few(['RI', 'DE', 'DC'])),
        },
        populations,
        now: new Date('2026-10-02T00:00:00Z'),
        tell: () => {},
      })
    }

    function source(path: string, coverage: unknown, isGood = true): CoverageSource {
      return { path, coverage, isGood, addresses: isGood ? 1_000 : null, date: null }
    }

    const SOURCES = [
      source('sources/li/countrywide.json', { 'ISO 3166': { alpha2: 'LI' } }),
      source('sources/ch/ge.json', { 'ISO 3166': { alpha2: 'CH-GE' } }),
      // Geneva again: two sources of one place cover it once.
      source('sources/ch/geneva.json', { 'ISO 3166': { alpha2: 'CH-GE' } }),
      source('sources/ch/countrywide.json', { 'ISO 3166': { alpha2: 'CH' } }, false),
      source('sources/lu/mersch.json', { geometry: { type: 'Point', coordinates: [6.11, 49.75] } }),
      source('sources/us/de/kent.json', { 'US Census': { geoid: '10001' } }),
      source('sources/us/dc/statewide.json', { 'US Census': { geoid: '11' } }),
      source('sources/za/gt/tshwane.json', { country: 'za' }),
    ]

    const shares = (numbers: Calculated['countries']) =>
      Object.fromEntries(numbers.map(({ code, areaShare }) => [code, Math.round(areaShare * 1_000) / 10]))

    test('measures the land that good sources cover', async () => {
      const { countries, states, unplaced } = await calculate()

      // Geneva has 282 of 41,285 km²; a circle of 10 km 314 of 2,586; Kent 1,518 of 5,047, of which some is water.
      // Outlines are simplified, so that they agree with such facts nearly.
      const [land, ofStates] = [shares(countries), shares(states)]
      expect(land).toEqual({ CH: expect.any(Number), LI: 100, LU: expect.any(Number), US: 0 })
      expect(Math.abs(land['CH']! - 0.68)).toBeLessThan(0.15)
      expect(Math.abs(land['LU']! - 12.1)).toBeLessThan(0.5)
      expect(ofStates).toEqual({ DC: 100, DE: expect.any(Number), RI: 0 })
      expect(Math.abs(ofStates['DE']! - 30.1)).toBeLessThan(3)
      expect(unplaced.map(({ path }) => path)).toEqual(['sources/za/gt/tshwane.json'])
      const rows = await sql`
        select iso_a2, addr_count::int as addresses, round(area_total)::int as km2, pop_pct, buffer_km::int as buffer
        from areas where iso_a2 <> 'US' order by 1`
      expect([...rows].map((row) => Object.values(row))).toEqual([
        ['CH', 2_000, expect.any(Number), null, 10],
        ['LI', 1_000, expect.any(Number), null, 10],
        ['LU', 1_000, expect.any(Number), null, 10],
      ])
      expect(Math.abs(rows[0]!['km2'] - 41_285)).toBeLessThan(400)
      expect(Math.abs(rows[2]!['km2'] - 2_586)).toBeLessThan(60)
    })

    test('measures the people, where a file says where they live', async () => {
      const file = join(import.meta.dirname, '../docs/population_sample.csv')

      const { countries, lost } = await calculate({ countries: file })

      const people = Object.fromEntries(countries.map(({ code, populationShare }) => [code, populationShare]))
      expect(people['LI']).toBe(1)
      expect(people['LU']).toBeNull()
      // A tenth of a box of 1.2 of 8.7 million.
      expect(people['CH']).toBeGreaterThan(0.005)
      expect(people['CH']).toBeLessThan(0.04)
      expect(lost).toEqual({ countries: 0 })
    })

    test('keeps the populations for the next time, and tells rows that lie in the sea', async () => {
      const file = join(folder, 'sea.csv')
      await writeFile(file, 'code,lon,lat,population\nLI,9,47,39000\nLI,0,0,5\nXX,9,47,6\n')
      expect((await calculate({ countries: file })).lost).toEqual({ countries: 2 })

      const { countries } = await calculate()

      const known = countries.filter(({ populationShare }) => populationShare !== null)
      expect(known.map(({ code, populationShare }) => [code, populationShare])).toEqual([['LI', 1]])
    })

    test('changes nothing when a line of a file is wrong, and says which', async () => {
      const before = await sql`select iso_a2, area_pct, pop_pct from areas order by 1`
      const cases: [text: string, message: string][] = [
        ['code,lon,lat,population\nLI,9,47,1\nLI,9,47\n', 'line 3: expected a number of people, got ""'],
        [
          'code,lon,lat,population\nLie,9,47,1\n',
          'line 2: expected a code of two capital letters, got "Lie"',
        ],
        ['code,lon,lat,population\nLI,9.5,47,1\n', 'line 2: expected the south-west corner of a box'],
        ['country;people\n', 'line 1: expected "code,lon,lat,population"'],
        ['', 'is empty'],
      ]
      for (const [text, message] of cases) {
        const file = join(folder, 'wrong.csv')
        await writeFile(file, text)
        await expect(calculate({ countries: file }, SOURCES.slice(0, 1))).rejects.toThrow(message)
      }
      await expect(calculate({ countries: join(folder, 'none.csv') })).rejects.toThrow('cannot be read')

      expect(await sql`select iso_a2, area_pct, pop_pct from areas order by 1`).toEqual(before)
    })
  })

  test('machine calculate-coverage, killed at three random moments, leaves the old numbers whole, then has new ones', async () => {
    const sql = await database('killed')
    await migrate(sql)
    const env = { DATABASE_URL: server.url.replace(/\/postgres$/, '/killed') }
    const count = async () => (await sql<[{ n: number }]>`select count(*)::int as n from areas`)[0].n

    for (let kills = 0; kills < 3; kills += 1) {
      const going = machine(['calculate-coverage'], { env })
      await pause(500 + 2_500 * Math.random())
      going.kill('SIGKILL')
      await going.ended
      expect([0, (await openAtlas()).countries.length]).toContain(await count())
    }

    const { code, lines } = await ranMachine(['calculate-coverage', '--json'], { env })
    expect(code).toBe(0)
    const report = JSON.parse(lines.find((line) => line.startsWith('{"state"'))!)
    expect(report).toMatchObject({ state: 'calculated', sources: 0, good: 0, unplaced: [] })
    expect(lines.some((line) => line.startsWith('measuring: states'))).toBe(true)
    expect(await count()).toBe((await openAtlas()).countries.length)

    const dry = await ranMachine(['calculate-coverage', '--dry-run'], { env })
    expect(dry.lines).toContain('would measure 0 good sources of 0')
    await sql.end()
  })
})
