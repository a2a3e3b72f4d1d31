import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { drip } from '../shared/db/queue.ts'
import { readSet, readSetProblems } from '../shared/db/sets.ts'
import { machine, ranMachine, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { clear, runNext } from '../test/queue/world.ts'
import { type GitHub, startGitHub } from '../test/standins/github.ts'
import { type EnqueueOptions, enqueueSources } from './enqueue_sources.ts'
import { github } from './io/github.ts'
import { githubArchive } from './io/github_archive.ts'

let db: TestDatabase
let hub: GitHub
beforeAll(async () => {
  db = await testDatabase()
})
beforeEach(async () => {
  await clear(db.sql)
  await db.sql`delete from data_sources`
  hub = await startGitHub()
})
afterEach(() => hub.close())
afterAll(() => db.drop())

const NAME = { owner: 'openaddresses', name: 'openaddresses' }

function source(...names: string[]): string {
  return JSON.stringify({ schema: 2, layers: { addresses: names.map((name) => ({ name })) } })
}

function enqueue(options: Partial<EnqueueOptions> = {}) {
  const access = { token: undefined, apiUrl: hub.url }
  return enqueueSources(
    { sql: db.sql, github: github(access), archive: githubArchive(access), tell: () => {} },
    { repository: NAME, anyway: false, rerun: false, dryRun: false, ...options },
  )
}

/** `path layer/name status`, in order of release. */
async function manifest(set: number | null): Promise<string[]> {
  const rows = await db.sql<{ line: string }[]>`
    select concat_ws(' ', source_path, layer || '/' || name, status::text) as line
    from set_sources
    where set_id = ${set}
    order by position`
  return rows.map(({ line }) => line)
}

describe('enqueue-sources', () => {
  test('makes a set of every data source of the default branch, in five calls', async () => {
    await hub.repository({
      files: {
        'sources/b.json': source('city', 'county'),
        'sources/us/ä.json': source('city'),
        'sources/README.md': 'no source',
        'other/c.json': source('city'),
      },
    })

    const enqueued = await enqueue()

    expect(enqueued).toMatchObject({ outcome: 'enqueued', files: 2, sources: 3, broken: 0 })
    expect(await manifest(enqueued.set)).toEqual([
      'sources/b.json addresses/city',
      'sources/b.json addresses/county',
      'sources/us/ä.json addresses/city',
    ])
    expect(
      hub.calls.map(({ path }) => path.replace(/[0-9a-f]{40}/, 'SHA').replace(/^\/repos\/\w+\/\w+/, '')),
    ).toEqual(expect.arrayContaining(['', '/commits/main', '/git/trees/SHA', '/tarball/SHA']))
    expect(hub.calls).toHaveLength(5)
    const [task] = await db.sql`select task from set_sources order by position limit 1`
    expect(task?.['task']).toMatchObject({
      name: 'sources/b.json',
      layer: 'addresses',
      layersource: 'city',
      commit_sha: enqueued.commit,
      content_b64: Buffer.from(source('city', 'county')).toString('base64'),
      rerun: false,
    })
  })

  test('fails a broken file at once, says why, and runs the rest to its end', async () => {
    await hub.repository({
      files: {
        'sources/good.json': source('city'),
        'sources/bad.json': '{"layers": {',
        'sources/link.json': { link: '../outside.json' },
        'sources/empty.json': '',
        'sources/large.json': `{"note":"${'x'.repeat(5_100_000)}"}`,
      },
    })

    const { set, broken } = await enqueue()

    expect(broken).toBe(4)
    const rows = await db.sql<{ source_path: string; problem_detail: string }[]>`
      select source_path, problem_detail from runs where set_id = ${set} and not status order by source_path`
    expect(rows.map(({ source_path }) => source_path)).toEqual([
      'sources/bad.json',
      'sources/empty.json',
      'sources/large.json',
      'sources/link.json',
    ])
    expect(rows[2]?.problem_detail).toBe('it is larger than a source may be')
    expect(rows[3]?.problem_detail).toBe('it is a link, or a folder')
    expect(await readSetProblems(db.sql, set!)).toEqual([{ code: 'source-invalid', count: 4 }])

    await drip(db.sql, 1)
    await runNext(db.sql)
    expect(await readSet(db.sql, set!)).toMatchObject({
      sources: 5,
      good: 1,
      failed: 4,
      endedAt: expect.any(Date),
    })
  })

  test('of broken files alone is a set that has ended', async () => {
    await hub.repository({ files: { 'sources/bad.json': '[]' } })

    const { set } = await enqueue()

    expect((await readSet(db.sql, set!))?.endedAt).toBeInstanceOf(Date)
  })

  test('takes from the tree what the tarball has not, or has otherwise', async () => {
    await hub.repository({
      files: {
        '.gitattributes': 'sources/kept_out.json export-ignore\nsources/changed.json export-subst\n',
        'sources/kept_out.json': source('city'),
        'sources/changed.json': source('$Format:%H$'),
      },
    })

    const { set } = await enqueue()

    expect(await manifest(set)).toEqual([
      'sources/changed.json addresses/$Format:%H$',
      'sources/kept_out.json addresses/city',
    ])
  })

  test('puts what ran longest last time first, after what never ran', async () => {
    const files = Object.fromEntries([1, 2, 3].map((n) => [`sources/xx/${n}.json`, source('city')]))
    await hub.repository({ files })
    await db.sql`
      insert into runs (source_path, source_id, layer, name, task_id, attempt, status, problem, datetime_start, datetime_tz)
      values ('sources/xx/1.json', 'x', 'addresses', 'city', 1, 1, false, 'timed-out', '2026-01-01 10:00', '2026-01-01 10:10'),
             ('sources/xx/3.json', 'x', 'addresses', 'city', 2, 1, false, 'timed-out', '2026-01-01 10:00', '2026-01-01 22:00')`

    const { set } = await enqueue()

    expect((await manifest(set)).map((line) => line.slice(11, 12))).toEqual(['2', '3', '1'])
  })

  test('reuses what is unchanged since a recent good run, and counts it; --rerun does not', async () => {
    await hub.repository({ files: { 'sources/a.json': source('city') } })
    await enqueue()
    await drip(db.sql, 1)
    await runNext(db.sql)

    const again = await enqueue()
    await drip(db.sql, 1)
    await expect(runNext(db.sql)).rejects.toThrow('no task to claim')
    expect(await readSet(db.sql, again.set!)).toMatchObject({ good: 1, reused: 1, endedAt: expect.any(Date) })

    const anew = await enqueue({ rerun: true })
    await drip(db.sql, 1)
    await runNext(db.sql)
    expect(await readSet(db.sql, anew.set!)).toMatchObject({ good: 1, reused: 0 })
  })

  test('makes a set of another branch, whose runs are not merged', async () => {
    const repo = await hub.repository({ files: { 'sources/a.json': source('city') } })
    await hub.commit(repo, { branch: 'try/it', files: { 'sources/b.json': source('city') } })

    const { set } = await enqueue({ ref: 'refs/heads/try/it' })

    expect(await readSet(db.sql, set!)).toMatchObject({ ref: 'try/it', isMerged: false, sources: 2 })
    expect(await db.sql`select from data_sources where source_path = 'sources/b.json'`).toHaveLength(0)
  })

  test('says what is not there', async () => {
    await expect(enqueue()).rejects.toThrow('there is no repository openaddresses/openaddresses')
    await hub.repository({ files: { 'README.md': 'hello' } })
    await expect(enqueue({ ref: 'gone' })).rejects.toThrow(
      'there is no branch gone in openaddresses/openaddresses',
    )
    await expect(enqueue()).rejects.toThrow('there is no source in openaddresses/openaddresses at ')
    expect(await db.sql`select from sets`).toHaveLength(0)
  })

  test('tries a tarball again that fails, and says so of one that never comes', async () => {
    await hub.repository({ files: { 'sources/a.json': source('city') } })
    hub.misbehave({ path: '/codeload*', times: 1, status: 502 })
    expect((await enqueue({ dryRun: true })).sources).toBe(1)

    hub.misbehave({ path: '/codeload*', times: 99, status: 403, headers: { 'x-ratelimit-remaining': '0' } })
    await expect(enqueue({ dryRun: true })).rejects.toThrow(/tarball\/[0-9a-f]{40}: 403/)
  })
})

describe('a second set of one repository', () => {
  beforeEach(async () => {
    await hub.repository({ files: { 'sources/a.json': source('city') } })
  })

  test('is not begun while the first goes, unless it is told to', async () => {
    const first = await enqueue()

    expect(await enqueue()).toMatchObject({ outcome: 'not twice', set: first.set })
    expect(await enqueue({ anyway: true })).toMatchObject({ outcome: 'enqueued' })
    expect(await db.sql`select from sets`).toHaveLength(2)
  })

  test('by two at once is one', async () => {
    const outcomes = await Promise.all([enqueue(), enqueue(), enqueue()])

    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['enqueued', 'not twice', 'not twice'])
    expect(new Set(outcomes.map(({ set }) => set)).size).toBe(1)
  })
})

describe('machine enqueue-sources', () => {
  const env = () => ({ DATABASE_URL: db.url, GITHUB_API_URL: hub.url })

  test('says what it did, and as JSON', async () => {
    await hub.repository({ files: { 'sources/a.json': source('city', 'county'), 'sources/b.json': '!' } })

    const looked = await ranMachine(['enqueue-sources', '--dry-run'], { env: env() })
    expect(looked.code).toBe(0)
    expect(looked.lines.at(-1)).toMatch(
      /^openaddresses\/openaddresses at \w{7} has 2 data sources in 2 files, 1 file broken; no set was made$/,
    )
    expect(await db.sql`select from sets`).toHaveLength(0)

    const made = await ranMachine(['enqueue-sources', '--json'], { env: env() })
    expect(JSON.parse(made.lines.at(-1) ?? '')).toMatchObject({ outcome: 'enqueued', sources: 2, broken: 1 })

    const again = await ranMachine(['enqueue-sources'], { env: env() })
    expect(again.code).toBe(1)
    expect(again.lines.at(-1)).toMatch(
      /^set \d+ of openaddresses\/openaddresses still goes; nothing was begun/,
    )
  })

  test('killed in the middle leaves no set, and can be called again', async () => {
    await hub.repository({ files: { 'sources/a.json': source('city') } })
    const own = await testDatabase()
    // It has written its manifest, and waits for us before it says that the manifest is whole.
    const [holding, hold] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const held = own.sql.begin(async (tx) => {
      await tx`lock table data_sources in access exclusive mode`
      holding.resolve()
      await hold.promise
    })
    await holding.promise
    const program = machine(['enqueue-sources'], { env: { ...env(), DATABASE_URL: own.url } })
    await until('the manifest to be written', 30_000, async () => {
      const [row] = await own.sql`
        select from pg_stat_activity
        where application_name = 'machine enqueue-sources' and wait_event_type = 'Lock' and datname = current_database()`
      return row !== undefined
    })

    program.kill('SIGKILL')
    await program.ended
    hold.resolve()
    await held
    await until('its transaction to be gone', 10_000, async () => {
      const rows = await own.sql`
        select from pg_stat_activity
        where application_name = 'machine enqueue-sources' and datname = current_database()`
      return rows.length === 0
    })

    expect(await own.sql`select from sets`).toHaveLength(0)
    expect(await own.sql`select from set_sources`).toHaveLength(0)
    expect((await ranMachine(['enqueue-sources'], { env: { ...env(), DATABASE_URL: own.url } })).code).toBe(0)
    await own.drop()
  })
})
