/**
 * Killed: `expand` dies after each of its statements and calls, and whoever follows comes to the same end as one that was
 * never disturbed.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { EventItem } from '../../shared/db/deliveries.ts'
import { claim } from '../../shared/db/queue.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { type Expanding, expandOne } from '../../worker/expand.ts'
import { github } from '../../worker/io/github.ts'
import type { GitHubReading } from '../../worker/io/github_read.ts'
import type { Repository } from '../standins/github_hub.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(120_000)

/** More steps than any event takes; a scenario ends when nobody dies any more. */
const STEPS_MAX = 60

let ground: Ground
let made = 0

beforeAll(async () => {
  ground = await openGround()
  // Nobody but this test looks into events.
  await ground.stopLoops()
})

afterAll(() => ground.close())

/** What dies after so many steps: the step is done, and nobody hears of it. */
class Death extends Error {}

/** A count of steps that both, statements and calls, take from. */
interface Life {
  steps: number
  isOver: boolean
}

async function step<T>(life: Life, deed: () => PromiseLike<T>): Promise<T> {
  if (life.isOver) throw new Death()
  const done = await deed()
  life.steps -= 1
  if (life.steps < 0) {
    life.isOver = true
    throw new Death()
  }
  return done
}

/** The same connection, for as long as its life is. */
function mortalSql(sql: Sql, life: Life): Sql {
  return new Proxy(sql, {
    apply: (target, self, args) => {
      // Fragments and values are no statements.
      const isStatement = Array.isArray(args[0]) && 'raw' in args[0]
      const run = () => Reflect.apply(target as never, self, args) as PromiseLike<unknown>
      return isStatement ? step(life, run) : run()
    },
    get(target, name) {
      if (name !== 'begin') return Reflect.get(target, name)
      return (deed: (tx: Sql) => Promise<unknown>) =>
        step(life, () => target.begin((tx) => deed(mortalSql(tx as unknown as Sql, life))))
    },
  })
}

function mortalGitHub(adapter: GitHubReading, life: Life): GitHubReading {
  return new Proxy(adapter, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
      return (...args: unknown[]) => step(life, () => method(...args))
    },
  })
}

function expanding(life?: Life): Expanding {
  const adapter = github({ token: 'secret', apiUrl: ground.hub.url, callMs: 10_000 })
  return {
    sql: life === undefined ? ground.db.sql : mortalSql(ground.db.sql, life),
    github: life === undefined ? adapter : mortalGitHub(adapter, life),
    worker: 'test',
    leaseSeconds: 600,
    log: () => {},
    wait: async () => {},
  }
}

/** Look into everything that waits, dying once after so many steps. Gives whether anybody died. */
async function lookInto(steps: number): Promise<boolean> {
  const life: Life = { steps, isOver: false }
  await dealWith(expanding(life), 1)
  const { sql } = ground.db
  // The lease of who died runs out, and others take over.
  await sql`update queue.items set lease_until = now() - interval '1 second' where q_name = 'events' and lease_until is not null`
  await sql`select machine.sweep('0 seconds')`
  await dealWith(expanding(), 50)
  return life.isOver
}

async function dealWith(who: Expanding, n: number): Promise<void> {
  const { sql } = ground.db
  for (let i = 0; i < n; i++) {
    await sql`update queue.items set schedule_at = null where q_name = 'events'`
    const [item] = await claim<EventItem>(sql, 'events', { worker: 'test', leaseSeconds: 600 })
    if (item === undefined) return
    await expandOne(who, item).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error
    })
  }
}

/** Everything that is known of a repository, without what is new each time. */
async function outcome(repo: Repository): Promise<object> {
  const { sql } = ground.db
  const jobs = await ground.jobsOf(repo)
  const place = (id: string | null) => jobs.findIndex((job) => job.id === id)
  const replies = await sql`
    select kind, content from replies where repository = ${repo.name} order by id`
  const known = await sql`
    select source_path, layer, name, removed_at is not null as gone from data_sources
    where repository = ${repo.name} order by source_path, layer, name`
  const tasks = await sql`
    select data->>'name' as path, data->>'layersource' as name, data->'rerun' as rerun from queue.items
    where q_name = 'tasks' and data->>'job_id' in ${sql(jobs.map(({ id }) => id))} order by path, name`
  const left = await sql`
    select q_name from queue.items where q_name = 'events' union all select q_name from queue.dead`
  const decided = await sql`
    select d.event, d.decided from deliveries d
    where d.payload->'repository'->>'name' = ${repo.name} order by d.received_at`
  return {
    jobs: jobs.map(({ id: _, commit: __, supersededBy, detail, ...job }) => ({
      ...job,
      by: place(supersededBy),
      detail: detail?.replaceAll(/\b[0-9a-f]{7}\b/g, 'sha') ?? null,
    })),
    replies: [...replies],
    known: [...known],
    tasks: [...tasks],
    left: [...left],
    decided: [...decided],
  }
}

type Prepare = (repo: Repository) => Promise<void>

const SCENARIOS: [name: string, prepare: Prepare][] = [
  [
    'a new head of a pull request, with a good and a bad file',
    async (repo) => {
      const pull = await ground.pull(repo, {
        branch: 'more',
        files: { 'sources/a.json': sourceOf({ a: 'A' }) },
      })
      await ground.heardPull(pull, 'opened')
      await dealWith(expanding(), 9)
      const files = {
        'sources/b.json': sourceOf({ b: 'B' }),
        'sources/c.json': '{',
        'sources/old.json': null,
      }
      await ground.hub.commit(repo, { branch: 'more', files })
      await ground.heardPull(pull, 'synchronize')
    },
  ],
  [
    'a pull request of a newcomer',
    async (repo) => {
      const files = { 'sources/a.json': sourceOf({ a: 'A' }) }
      const pull = await ground.pull(repo, { branch: 'more', files, by: `new_${repo.name}` })
      await ground.heardPull(pull, 'opened')
    },
  ],
  [
    '/ok-to-test',
    async (repo) => {
      ground.hub.permit(repo, 'writer', 'write')
      const files = { 'sources/a.json': sourceOf({ a: 'A' }) }
      const pull = await ground.pull(repo, { branch: 'more', files, by: `new_${repo.name}` })
      await ground.heardPull(pull, 'opened')
      await dealWith(expanding(), 9)
      await ground.heardComment(ground.say(repo, pull.number, 'writer', '/ok-to-test'), repo)
    },
  ],
  [
    '/retest of one source, with a word that nobody knows',
    async (repo) => {
      const files = { 'sources/a.json': sourceOf({ a: 'A' }), 'sources/b.json': sourceOf({ b: 'B' }) }
      const pull = await ground.pull(repo, { branch: 'more', files })
      const { jobId } = await ground.heardPull(pull, 'opened')
      await dealWith(expanding(), 9)
      await endJob(ground, jobId!, { 'sources/a.json': 'no-such-column' })
      await ground.heardComment(ground.say(repo, pull.number, repo.owner, '/retest b\n/machine hm'), repo)
    },
  ],
  [
    'a push that merges a pull request, and moves a file',
    async (repo) => {
      const before = await ground.hub.commit(repo, { files: {} })
      const files = { 'sources/a.json': sourceOf({ a: 'A' }) }
      const pull = await ground.pull(repo, { branch: 'more', files })
      const { jobId } = await ground.heardPull(pull, 'opened')
      await dealWith(expanding(), 9)
      await endJob(ground, jobId!)
      await ground.hub.mergePull(pull)
      const moved = { 'sources/old.json': null, 'sources/new.json': sourceOf({ old: 'O' }) }
      const after = await ground.hub.commit(repo, { files: moved })
      await ground.heardPush(repo, { before, after })
    },
  ],
  [
    'a forced push to the default branch',
    async (repo) => {
      const first = await ground.hub.commit(repo, { files: {} })
      const second = await ground.hub.commit(repo, { files: { 'sources/a.json': sourceOf({ a: 'A' }) } })
      await ground.heardPush(repo, { before: first, after: second })
      await dealWith(expanding(), 9)
      const third = await ground.hub.commit(repo, {
        from: first,
        files: { 'sources/b.json': sourceOf({ b: 'B' }) },
      })
      await ground.hub.moveBranch(repo, 'main', third)
      await ground.heardPush(repo, { before: second, after: third })
    },
  ],
]

async function begin(): Promise<Repository> {
  made += 1
  const files = { 'README.md': 'x', 'sources/old.json': sourceOf({ old: 'O' }) }
  return ground.hub.repository({ name: `killed${made}`, files })
}

describe('killed after every step of', () => {
  for (const [name, prepare] of SCENARIOS) {
    test(name, async () => {
      const repo = await begin()
      await prepare(repo)
      await lookInto(Number.POSITIVE_INFINITY)
      const expected = await outcome(repo)

      let deaths = 0
      for (let steps = 0; steps < STEPS_MAX; steps++) {
        const other = await begin()
        await prepare(other)
        const died = await lookInto(steps)
        expect({ steps, ...(await outcome(other)) }).toEqual({ steps, ...expected })
        if (!died) break
        deaths += 1
      }

      expect(deaths).toBeWithin(4, STEPS_MAX - 1)
    })
  }
})
