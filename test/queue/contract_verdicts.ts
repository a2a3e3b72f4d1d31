/** The contract of the queue, part eight: a held run counts for nothing until a person accepts it, or a later run is fine. */
import assert from 'node:assert/strict'
import { claimRun, type HandedIn } from '../../shared/db/runs.ts'
import type { ISql, Sql } from '../../shared/db/sql.ts'
import { acceptRun, readDataSourceOf, readLastAccepted } from '../../shared/db/verdicts.ts'
import type { Verdict } from '../../shared/verdict.ts'
import { BAD, claimOne, GOOD, plain, push, runNext, type Sentence, source, WORKER } from './world.ts'

const REASON = {
  code: 'rows-fell',
  field: 'rows',
  before: 20_000,
  now: 30,
  limit: 0.1,
  sentence: 'rows fell from 20,000 to 30',
} as const

function verdict(over: Partial<Verdict>): Verdict {
  return { verdict: 'accept', against: null, reasons: [], fields: [], note: null, ...over }
}

/** A result that is held, with all that it made. */
const HELD: HandedIn = {
  ...GOOD,
  ok: false,
  problem: { code: 'regression-held', detail: REASON.sentence },
  verdict: verdict({ verdict: 'hold', reasons: [REASON] }),
}

const FINE: HandedIn = { ...GOOD, verdict: verdict({}) }

const ANNA = { who: 'anna', why: 'the county was split' } as const
const KEY = {
  owner: 'openaddresses',
  repository: 'openaddresses',
  sourcePath: 'sources/xx/1.json',
  layer: 'addresses',
  name: 'city',
} as const

/** A run of data source 1 by a push that is merged, or by a pull request, and how it ends. */
async function ranBy(sql: ISql, job: string, result: HandedIn, pull: number | null = null): Promise<number> {
  await push(sql, job, [source(1, { rerun: true })])
  await sql`update jobs set is_merged = ${pull === null}, pull_number = ${pull} where id = ${job}`
  return runNext(sql, result)
}

async function one(query: ReturnType<Sql>): Promise<unknown> {
  const [row] = plain(await query)
  return row
}

export const VERDICTS: readonly Sentence[] = [
  [
    'a held run is a failed one with a problem, its state and its reasons; its job has failed',
    async (sql) => {
      const run = await ranBy(sql, 'j', HELD)

      assert.deepEqual(
        await one(sql`select status, problem, problem_detail, state from runs where id = ${run}`),
        {
          status: false,
          problem: 'regression-held',
          problem_detail: 'rows fell from 20,000 to 30',
          state: GOOD.state,
        },
      )
      assert.deepEqual(await one(sql`select verdict, reasons from verdicts`), {
        verdict: 'hold',
        reasons: [REASON],
      })
      assert.deepEqual(await one(sql`select run_id, why from reports.held`), {
        run_id: run,
        why: 'rows fell from 20,000 to 30',
      })
      assert.deepEqual(await one(sql`select status from jobs`), { status: false })
      assert.equal(await readLastAccepted(sql, KEY), undefined)
    },
  ],
  [
    'a held result is never reused: the same file is worked on again',
    async (sql) => {
      await ranBy(sql, 'before', HELD)
      await push(sql, 'j', [source(1)])

      assert.equal((await claimOne(sql)).task.job_id, 'j')
    },
  ],
  [
    'who accepts it makes it good, its job too, is written down, and GitHub is to hear of it',
    async (sql) => {
      const run = await ranBy(sql, 'j', HELD)
      await sql`update outbox set said_version = version`

      assert.equal(await acceptRun(sql, { runId: run, ...ANNA }), 'accepted')

      assert.deepEqual(await one(sql`select status, problem from runs`), { status: true, problem: null })
      assert.deepEqual(await one(sql`select status from job_sources`), { status: true })
      assert.deepEqual(await one(sql`select status, datetime_end is not null as ended from jobs`), {
        status: true,
        ended: true,
      })
      assert.deepEqual(await one(sql`select who, what, about, why from audit order by id desc limit 1`), {
        who: 'anna',
        what: 'accept',
        about: `run ${run}`,
        why: 'the county was split',
      })
      assert.deepEqual(await one(sql`select version > said_version as open from outbox`), { open: true })
      assert.equal((await readLastAccepted(sql, KEY))?.runId, run)
      assert.equal((await sql`select from reports.held`).length, 0)
    },
  ],
  [
    'who accepts it turns the jobs green that follow its job, or follow one that does',
    async (sql) => {
      const run = await ranBy(sql, 'j', HELD)
      for (const [job, follows] of Object.entries({ k: 'j', l: 'k' }))
        await push(sql, job, [{ ...source(1), task: undefined, follows } as never])
      const jobs = () => sql`select id, status from jobs order by id`
      assert.deepEqual(
        plain(await jobs()),
        ['j', 'k', 'l'].map((id) => ({ id, status: false })),
      )

      await acceptRun(sql, { runId: run, ...ANNA })

      assert.deepEqual(
        plain(await jobs()),
        ['j', 'k', 'l'].map((id) => ({ id, status: true })),
      )
    },
  ],
  [
    'what was accepted is reused as any good result, and its copy was never held',
    async (sql) => {
      const run = await ranBy(sql, 'before', HELD)
      await acceptRun(sql, { runId: run, ...ANNA })
      await push(sql, 'j', [source(1)])

      assert.equal(await claimRun(sql, WORKER), undefined)

      const copy = await one(
        sql`
        select r.status, r.copy_of, v.verdict, v.reasons
        from runs r join verdicts v on v.run_id = r.id
        where r.job_id = 'j'`,
      )
      assert.deepEqual(copy, { status: true, copy_of: run, verdict: 'accept', reasons: [] })
    },
  ],
  [
    'nothing is accepted twice, nor what was not held, is not there, or failed otherwise',
    async (sql) => {
      const held = await ranBy(sql, 'j', HELD)
      const bad = await ranBy(sql, 'k', BAD)
      await acceptRun(sql, { runId: held, ...ANNA })

      assert.equal(await acceptRun(sql, { runId: held, ...ANNA }), 'accepted-before')
      assert.equal(await acceptRun(sql, { runId: bad, ...ANNA }), 'not-held')
      assert.equal(await acceptRun(sql, { runId: 2_000_000_000, ...ANNA }), 'no-such-run')
    },
  ],
  [
    'of two people at once one accepts',
    async (sql) => {
      const run = await ranBy(sql, 'j', HELD)
      const before = (await sql`select from audit`).length

      const outcomes = await Promise.all(
        ['anna', 'bob'].map((who) => acceptRun(sql, { runId: run, who, why: 'fine' })),
      )

      assert.deepEqual(outcomes.sort(), ['accepted', 'accepted-before'])
      assert.equal((await sql`select from audit`).length, before + 1)
    },
  ],
  [
    'a reason is needed: to hold, and to accept',
    async (sql) => {
      const run = await ranBy(sql, 'j', HELD)

      await assert.rejects(acceptRun(sql, { runId: run, who: 'anna', why: ' ' }))
      await assert.rejects(acceptRun(sql, { runId: run, who: '', why: 'fine' }))
      await assert.rejects(ranBy(sql, 'k', { ...HELD, verdict: verdict({ verdict: 'hold' }) }))
      assert.deepEqual(await one(sql`select status from runs where id = ${run}`), { status: false })
    },
  ],
  [
    'a later run that is merged and fine supersedes it: then it cannot be accepted',
    async (sql) => {
      const held = await ranBy(sql, 'j', HELD)
      const fine = await ranBy(sql, 'k', FINE)

      assert.deepEqual(await one(sql`select superseded_by from verdicts where run_id = ${held}`), {
        superseded_by: fine,
      })
      assert.equal(await acceptRun(sql, { runId: held, ...ANNA }), 'superseded')
      assert.equal((await readLastAccepted(sql, KEY))?.runId, fine)
    },
  ],
  [
    'a fine run of a pull request supersedes what was held in it, and nothing else',
    async (sql) => {
      const merged = await ranBy(sql, 'j', HELD)
      const same = await ranBy(sql, 'k', HELD, 7)
      const other = await ranBy(sql, 'l', HELD, 8)
      const fine = await ranBy(sql, 'm', FINE, 7)

      const rows =
        await sql`select run_id, superseded_by from verdicts where verdict = 'hold' order by run_id`
      assert.deepEqual(plain(rows), [
        { run_id: merged, superseded_by: null },
        { run_id: same, superseded_by: fine },
        { run_id: other, superseded_by: null },
      ])
      assert.equal(await readLastAccepted(sql, KEY), undefined)
    },
  ],
  [
    'a run that failed otherwise, or says to skip, supersedes nothing and is compared with by none',
    async (sql) => {
      const fine = await ranBy(sql, 'i', FINE)
      const held = await ranBy(sql, 'j', HELD)
      await ranBy(sql, 'k', BAD)
      await ranBy(sql, 'l', { ...FINE, problem: { code: 'skipped', detail: '' } })

      assert.deepEqual(await one(sql`select superseded_by from verdicts where run_id = ${held}`), {
        superseded_by: null,
      })
      assert.equal((await readLastAccepted(sql, KEY))?.runId, fine)
    },
  ],
  [
    'a source that was renamed is compared with what it was before; a new file in its old place is not',
    async (sql) => {
      const fine = await ranBy(sql, 'i', FINE)
      const at = (path: string) => readLastAccepted(sql, { ...KEY, sourcePath: path })
      await sql`
        insert into data_sources (owner, repository, source_path, layer, name, source_id, commit_sha, seen_at, formerly, since)
        values ('openaddresses', 'openaddresses', 'sources/xx/new.json', 'addresses', 'city', 'a', 'b', now(), '{sources/xx/1.json}', null)
        on conflict do nothing`

      assert.equal((await at('sources/xx/new.json'))?.runId, fine)
      assert.equal((await at('sources/xx/1.json'))?.runId, fine)
      await sql`update data_sources set since = now() + interval '1 hour' where source_path = 'sources/xx/1.json'`
      assert.equal(await at('sources/xx/1.json'), undefined)
      await sql`delete from data_sources`
    },
  ],
  [
    'a file of the same path in another repository says nothing of ours',
    async (sql) => {
      const fine = await ranBy(sql, 'i', FINE)
      const held = await ranBy(sql, 'k', HELD)
      await push(sql, 'x', [source(1, { rerun: true })])
      await sql`update jobs set is_merged = true, github_repository = 'fork' where id = 'x'`
      const theirs = await runNext(sql, FINE)

      assert.equal((await readLastAccepted(sql, KEY))?.runId, fine)
      assert.equal((await readLastAccepted(sql, { ...KEY, repository: 'fork' }))?.runId, theirs)
      assert.deepEqual(await readDataSourceOf(sql, theirs), { ...KEY, repository: 'fork' })
      assert.deepEqual(await one(sql`select superseded_by from verdicts where run_id = ${held}`), {
        superseded_by: null,
      })
    },
  ],
  [
    'accepting one of two bad data sources leaves the job failed',
    async (sql) => {
      await push(sql, 'j', [source(1), source(2)])
      const held = await runNext(sql, HELD)
      await runNext(sql, BAD)

      await acceptRun(sql, { runId: held, ...ANNA })

      assert.deepEqual(await one(sql`select status from jobs`), { status: false })
      assert.deepEqual(plain(await sql`select status from job_sources order by position`), [
        { status: true },
        { status: false },
      ])
    },
  ],
  [
    'accepting while another data source of the job goes on leaves the job open',
    async (sql) => {
      await push(sql, 'j', [source(1), source(2)])
      const held = await runNext(sql, HELD)

      await acceptRun(sql, { runId: held, ...ANNA })
      assert.deepEqual(await one(sql`select status, datetime_end from jobs`), {
        status: null,
        datetime_end: null,
      })

      await runNext(sql, FINE)
      assert.deepEqual(await one(sql`select status from jobs`), { status: true })
    },
  ],
]
