/**
 * The contract can fail: each guarantee is taken out of the SQL, in a database of its own, and the sentences that
 * promise it must then be false. A test that cannot fail proves nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Sql } from '../../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { CONTRACT } from './contract.ts'
import { clear } from './world.ts'

interface Mutation {
  readonly name: string
  /** Function, what stands in it, and what is put there instead. */
  readonly changes: readonly (readonly [name: string, from: string, to: string])[]
  readonly before?: string
  readonly after?: string
  /** What is no longer true. */
  readonly broken: readonly string[]
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'finish ignores the attempt',
    changes: [['queue.finish', ' and attempt = _attempt and lease_until is not null', '']],
    broken: [
      'who lost the lease to another can neither finish, extend, fail nor release, and changes nothing',
      'who has the lease now is not disturbed by who had it',
      'finish of an item that was swept is refused, though nobody has it',
      'who lost its run to another can neither beat, hand in, give back nor fail it',
      'expand_job by who lost the event writes nothing',
    ],
  },
  {
    name: 'a later result wins, and the table does not refuse a second',
    changes: [['machine.settle', ' and status is null and abandoned_at is null', '']],
    before: 'drop index runs_one_result',
    after: 'create unique index runs_one_result on runs (task_id) where status is not null',
    broken: [
      'done, then due: the result stays',
      'due, then a result that was handed in before: overdue stays',
      'due, then a result that was put after due was handled: overdue stays, for ever',
      'due of a run that was given up changes nothing, and the next attempt goes on',
      'a run that was given up is never settled',
      'a task has one result at most: the table refuses a second',
    ],
  },
  {
    name: 'a lost lease is not swept',
    changes: [['queue.sweep', 'i.lease_until < _now', 'false']],
    broken: [
      'sweep leaves a lease that still runs, and brings back one that is over',
      'a task that was lost for the last time becomes a failed run that says worker-lost',
    ],
  },
  {
    name: 'a sweep follows a restart at once',
    changes: [['queue.sweep', 'queue.uptime() < _grace', 'false']],
    broken: ['sweep does nothing for a while after the start of the server'],
  },
  {
    name: 'lost leases are believed at once after an outage',
    changes: [['machine.was_away', "_grace > '0' and _seen.at", 'false and _seen.at']],
    broken: ['after an outage no lease is believed lost for one lease, and what is due waits as long'],
  },
  {
    name: 'a worker takes again at once what it has failed at',
    changes: [['queue.claim', 'p.avoid is distinct from _worker', 'true']],
    broken: ['who failed at a task leaves it to another that is there, for ten minutes'],
  },
  {
    name: 'a small worker takes what has run out of memory',
    changes: [['queue.claim', 'and p.class <= _class', '']],
    broken: ['what ran out of memory goes at once to a bigger worker, and to no smaller one'],
  },
  {
    name: 'a task that nobody can take is only buried',
    changes: [['machine.mourn', 'if _run is not null then', 'if false then']],
    broken: [
      'a task for a bigger worker than any that comes within an hour does not wait for ever',
      'a task that nobody can take ends its data source, and says why',
    ],
  },
  {
    name: 'extend takes back what was failed or released',
    changes: [['queue.extend', 'and i.worker_id is not null', '']],
    broken: ['extend does not take back an item after a failure, a release or a finish'],
  },
  {
    name: 'claim knows no lanes',
    changes: [['queue.claim', 'order by p.lane, p.order_at, p.id', 'order by p.order_at, p.id']],
    broken: ['claim one after another gives the same order as all at once'],
  },
  {
    name: 'settling locks its job against those who only refer to it',
    changes: [['machine.settle', 'for no key update', 'for update']],
    broken: ['while a run of a job settles, another task of it can be claimed'],
  },
  {
    name: 'a result of other code is reused',
    changes: [['machine.reusable_run', 'r.code_version = _version and ', '']],
    broken: ['a good run by other code is not reused'],
  },
]

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.drop())

for (const mutation of MUTATIONS) {
  describe(`when ${mutation.name}`, () => {
    let originals: string[]
    beforeAll(async () => {
      originals = await Promise.all(mutation.changes.map(([name]) => definition(db.sql, name)))
      await db.sql.unsafe(mutation.before ?? '')
      for (const [i, [, from, to]] of mutation.changes.entries()) {
        const original = originals[i] ?? ''
        expect(original).toContain(from)
        await db.sql.unsafe(original.replaceAll(from, to))
      }
    })
    afterAll(async () => {
      await clear(db.sql)
      for (const original of originals) await db.sql.unsafe(original)
      await db.sql.unsafe(mutation.after ?? '')
    })

    for (const sentence of mutation.broken)
      test(`it is not true that ${sentence}`, async () => {
        const check = CONTRACT.find(([known]) => known === sentence)?.[1]
        if (check === undefined) throw new Error('no such sentence in the contract')
        await clear(db.sql)

        const outcome = await check(db.sql).then(
          () => 'holds',
          // A change that is no SQL would break every sentence, and prove nothing.
          (error: { code?: string }) => (error.code?.startsWith('42') ? 'no SQL' : 'broken'),
        )

        expect(outcome).toBe('broken')
      })
  })
}

describe('with all of it in place again', () => {
  const named = new Set(MUTATIONS.flatMap(({ broken }) => broken))
  for (const [sentence, check] of CONTRACT.filter(([known]) => named.has(known)))
    test(sentence, async () => {
      await clear(db.sql)
      await check(db.sql)
    })
})

/** The function as it stands, ready to be made again. */
async function definition(sql: Sql, name: string): Promise<string> {
  const [row] = await sql<
    [{ definition: string }]
  >`select pg_get_functiondef(${name}::text::regproc) as definition`
  return row.definition
}
