/** Current data: what the default branch has now, and which run counts for each. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type CurrentRun, readCurrent } from '../shared/db/current.ts'
import { claim, drip } from '../shared/db/queue.ts'
import { makeSet, type SetSource } from '../shared/db/sets.ts'
import { acceptDelivery } from '../shared/db/deliveries.ts'
import { expandJob } from '../shared/db/jobs.ts'
import type { ISql } from '../shared/db/sql.ts'
import { removeSource, renameSource } from './merged_words.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { after, at, BAD, clear, GOOD, rerun, runNext, source } from './queue/world.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
beforeEach(async () => {
  await clear(db.sql)
  await db.sql`delete from data_sources`
})
afterAll(() => db.drop())

const REPOSITORY = { owner: 'openaddresses', repository: 'openaddresses' }

/** A push whose data sources become known and run, at so many seconds after noon. */
async function push(
  seconds: number,
  ns: readonly number[],
  { isMerged = true, result = GOOD } = {},
): Promise<number[]> {
  return at(db.sql, seconds, async (tx) => {
    const id = `job-${seconds}`
    await acceptDelivery(tx, {
      id,
      event: 'push',
      action: null,
      payload: {},
      ignored: null,
      job: {
        id,
        event: 'push',
        ...REPOSITORY,
        status_url: null,
        comments_url: null,
        commit_sha: `commit-${seconds}`,
        ref: 'refs/heads/main',
        pull_number: null,
      },
    })
    const [event] = await claim(tx, 'events', { worker: 'expander' })
    await expandJob(tx, event!, { id, sources: ns.map((n) => rerun(source(n))), isMerged })
    const runs: number[] = []
    for (const _ of ns) runs.push(await runNext(tx, result))
    return runs
  })
}

/** A set with these data sources, read at so many seconds after noon; none of them has run. */
async function set(
  seconds: number,
  sources: readonly SetSource[],
  { isMerged = true } = {},
): Promise<number> {
  const made = await makeSet(
    db.sql,
    {
      ...REPOSITORY,
      ref: isMerged ? null : 'other',
      commitSha: `commit-${seconds}`,
      isMerged,
      readAt: after(seconds),
      sources,
    },
    { anyway: true },
  )
  return 'id' in made ? made.id : 0
}

function listed(n: number, over: Partial<SetSource> = {}): SetSource {
  const at = rerun(source(n))
  return { ...at, expected_seconds: null, ...over } as SetSource
}

async function current(sql: ISql = db.sql): Promise<string[]> {
  const rows = await readCurrent(sql, 'openaddresses', 'openaddresses')
  return rows.map(({ sourcePath, runId }: CurrentRun) => `${sourcePath} ${runId}`)
}

const word = (seconds: number) => ({ at: after(seconds), ...REPOSITORY, commitSha: `commit-${seconds}` })

describe('current data', () => {
  test('has a merged source as soon as its run is good, without any set', async () => {
    const [run] = await push(1, [1])

    expect(await current()).toEqual([`sources/xx/1.json ${run}`])
  })

  test('has nothing of a pull request, until that very job turns out to be merged', async () => {
    const [run] = await push(1, [1], { isMerged: false })
    expect(await current()).toEqual([])

    await db.sql`update jobs set is_merged = true where id = 'job-1'`

    expect(await current()).toEqual([`sources/xx/1.json ${run}`])
  })

  test('stays with the last good run while newer ones fail, and says so', async () => {
    const [good] = await push(1, [1])
    const [bad] = await push(2, [1], { result: BAD })

    expect(await current()).toEqual([`sources/xx/1.json ${good}`])
    const [row] = await db.sql`select newest_run_id, newest_status, newest_problem from reports.current_runs`
    expect({ ...row }).toEqual({
      newest_run_id: bad,
      newest_status: false,
      newest_problem: 'download-not-found',
    })
  })

  test('names the run that holds the files where a result was reused', async () => {
    const [first] = await push(1, [1])
    const copy = await at(db.sql, 2, async (tx) => {
      await tx`insert into jobs (id, event, github_owner, github_repository, commit_sha, is_merged, datetime_start)
        values ('again', 'push', 'openaddresses', 'openaddresses', 'c', true, queue.clock())`
      const [row] = await tx<[{ id: number }]>`
        insert into runs (copy_of, source_path, source_id, layer, name, job_id, is_merged, status, state)
        select id, source_path, source_id, layer, name, 'again', true, true, state from runs where id = ${first!}
        returning id`
      return row.id
    })

    const [now] = await readCurrent(db.sql, 'openaddresses', 'openaddresses')

    expect([now?.runId, now?.filesRunId]).toEqual([copy, first!])
  })

  test('has no data of a source that says to skip', async () => {
    await push(1, [1])
    await push(2, [1], {
      result: { ...GOOD, problem: { code: 'skipped', detail: '' } } as unknown as typeof GOOD,
    })

    expect(await current()).toEqual([])
  })

  test('of another repository is another', async () => {
    await push(1, [1])

    expect(await readCurrent(db.sql, 'somebody', 'openaddresses')).toEqual([])
  })

  test('can be read by the role reports', async () => {
    await push(1, [1])

    const rows = await db.sql.begin(async (tx) => {
      await tx`set local role reports`
      return tx`select source_path from reports.current_runs`
    })
    expect(rows).toHaveLength(1)
  })
})

describe('a removed source', () => {
  test('disappears at once, and a late run of an older push does not bring it back', async () => {
    await push(1, [1])

    expect(await removeSource(db.sql, word(5), { path: 'sources/xx/1.json' })).toBe(1)
    await push(3, [1])

    expect(await current()).toEqual([])
  })

  test('comes back with a newer push', async () => {
    await push(1, [1])
    await removeSource(db.sql, word(5), { path: 'sources/xx/1.json' })
    const [run] = await push(6, [1])

    expect(await current()).toEqual([`sources/xx/1.json ${run}`])
  })

  test('is one data source of its file where layer and name are told', async () => {
    await push(1, [1])

    expect(
      await removeSource(db.sql, word(5), {
        path: 'sources/xx/1.json',
        layer: 'addresses',
        name: 'county',
      }),
    ).toBe(0)
    expect(await current()).toHaveLength(1)
  })

  test('is one that a newer set over the default branch does not have; a set of another branch says nothing', async () => {
    const [, second] = await push(1, [1, 2])

    await set(2, [], { isMerged: false })
    expect(await current()).toHaveLength(2)
    await set(3, [listed(2), listed(3)])

    expect(await current()).toEqual([`sources/xx/2.json ${second}`])
  })

  test('is none that was merged after the tree of the set was read', async () => {
    const [first] = await push(10, [1])

    await set(9, [listed(2)])

    expect(await current()).toEqual([`sources/xx/1.json ${first}`])
  })

  test('is none whose file cannot be read just now', async () => {
    const [first] = await push(1, [1])
    const { task: _, ...at } = listed(1) as SetSource & { task: unknown }

    await set(2, [
      { ...at, layer: '', name: '', problem: 'source-invalid', detail: 'a comma too many' } as SetSource,
      listed(2),
    ])

    expect(await current()).toEqual([`sources/xx/1.json ${first}`])
  })
})

describe('a renamed source', () => {
  test('keeps its data until it has a good run of its own', async () => {
    const [old] = await push(1, [1])

    const moved = await renameSource(db.sql, word(5), { from: 'sources/xx/1.json', to: 'sources/xx/2.json' })
    expect(moved).toBe(1)
    expect(await current()).toEqual([`sources/xx/2.json ${old}`])

    const [own] = await push(6, [2])
    expect(await current()).toEqual([`sources/xx/2.json ${own}`])
  })

  test('is found by a set: the same bytes under another path', async () => {
    const [old] = await push(1, [1])

    await set(2, [listed(2, { source_id: 'sha-1' })])

    expect(await current()).toEqual([`sources/xx/2.json ${old}`])
    const [row] = await db.sql`select formerly[1] as before from data_sources where removed_at is null`
    expect(row?.['before']).toBe('sources/xx/1.json')
  })

  test('leaves its path to a new file, which does not get its data', async () => {
    const [old] = await push(1, [1])
    await renameSource(db.sql, word(5), { from: 'sources/xx/1.json', to: 'sources/xx/2.json' })

    await push(6, [1], { result: BAD })

    expect(await current()).toEqual([`sources/xx/2.json ${old}`])
  })

  test('back and forth has its data all the while', async () => {
    const [old] = await push(1, [1])
    await renameSource(db.sql, word(5), { from: 'sources/xx/1.json', to: 'sources/xx/2.json' })
    await renameSource(db.sql, word(6), { from: 'sources/xx/2.json', to: 'sources/xx/1.json' })

    expect(await current()).toEqual([`sources/xx/1.json ${old}`])
  })
})

describe('pushes and sets at once', () => {
  test('do not lock each other out', async () => {
    await push(1, [1, 2, 3, 4])
    const move = (from: number, to: number) =>
      renameSource(db.sql, word(5), { from: `sources/xx/${from}.json`, to: `sources/xx/${to}.json` })

    await Promise.all([
      ...[1, 2, 3].map(() =>
        set(
          4,
          [4, 3, 2, 1].map((n) => listed(n)),
        ),
      ),
      move(1, 9),
      move(2, 8),
      move(9, 1),
      removeSource(db.sql, word(5), { path: 'sources/xx/3.json' }),
    ])

    expect((await current()).length).toBeGreaterThan(1)
  })
})

describe('runs of a set', () => {
  test('of another branch are current nowhere', async () => {
    await set(1, [listed(1)], { isMerged: false })
    await drip(db.sql, 1)
    await runNext(db.sql)
    const [row] = await db.sql`select is_merged from runs`
    expect(row?.['is_merged']).toBe(false)

    await set(2, [listed(1)])

    expect(await current()).toEqual([])
  })
})
