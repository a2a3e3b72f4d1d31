import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readSums, sumUp } from '../shared/db/sums.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { plain } from '../test/queue/world.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase()
  await db.sql.unsafe(`
    insert into sets (id, owner, repository) values (901, 'o', 'r');
    insert into data_sources (owner, repository, source_path, layer, name, source_id, seen_at)
    select 'o', 'r', file || '.json', 'addresses', 'city', 'sha', now() from unnest('{a,b,c}'::text[]) as file;
    insert into runs (id, source_path, source_id, layer, name, set_id, is_merged, status, problem, state, for_index_page) values
      (1001, 'a.json', 'sha', 'addresses', 'city', 901, true, true, null, '{"feat count": 100}', true),
      (1002, 'a.json', 'sha', 'addresses', 'city', 901, true, true, null, '{"feat count": 90}', false),
      (1003, 'b.json', 'sha', 'addresses', 'city', 901, true, true, null, '{"feat count": 7}', false),
      (1004, 'b.json', 'sha', 'addresses', 'city', 901, true, false, 'download-not-found', null, false)`)
})

afterAll(() => db.drop())

test('the catalogue is counted, and current runs are marked; a second time nothing changes', async () => {
  expect(await readSums(db.sql)).toBeUndefined()
  expect(await sumUp(db.sql)).toBe(3)

  const { summedAt, ...sums } = (await readSums(db.sql)) ?? {}
  expect(sums).toEqual({ sources: 3, working: 2, lost: 1, rows: 97 })
  expect(summedAt).toBeInstanceOf(Date)
  expect(plain(await db.sql`select id from runs where for_index_page order by id`)).toEqual([
    { id: 1002 },
    { id: 1003 },
  ])
  expect(await sumUp(db.sql)).toBe(0)
  expect(plain(await db.sql`select count(*)::int as hours from reports.hours`)[0]?.['hours']).toBeWithin(1, 3)
})
