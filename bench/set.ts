/**
 * A set of the whole catalogue with a step that does nothing: how long it takes to enqueue, how fast it drips, how large
 * its tables are, and how long pages and products wait for their facts.
 *
 *     npx bun bench/set.ts [WORKERS] [TARGET]
 *
 * Postgres, the stand-in of GitHub and the dequeuer are real; a worker here claims a task and hands in a result.
 */
import { join } from 'node:path'
import { readCurrent } from '../shared/db/current.ts'
import { claimRun, handIn } from '../shared/db/runs.ts'
import { listSets, readSet } from '../shared/db/sets.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { wakeOn } from '../shared/db/wake.ts'
import { hasCatalogue, openCatalogue } from '../test/conformance/catalogue.ts'
import { stopTestPostgres, testDatabase } from '../test/postgres.ts'
import { GOOD, WORKER } from '../test/queue/world.ts'
import { startGitHub } from '../test/standins/github.ts'
import { git } from '../test/standins/github_git.ts'
import { dequeue } from '../worker/dequeue.ts'
import { enqueueSources } from '../worker/enqueue_sources.ts'
import { github } from '../worker/io/github.ts'
import { githubArchive } from '../worker/io/github_archive.ts'

if (!hasCatalogue) throw new Error('it needs ../shared/catalogue and tar')

const workers = Number(process.argv[2] ?? 4)
const target = Number(process.argv[3] ?? 1)
const db = await testDatabase()
const hub = await startGitHub()
const repository = await hub.repository()
const catalogue = await openCatalogue()
const place = {
  GIT_DIR: repository.dir,
  GIT_WORK_TREE: catalogue.folder,
  GIT_INDEX_FILE: join(catalogue.folder, '.index'),
}
const person = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
}
await git(catalogue.folder, ['add', 'sources'], place)
const tree = await git(catalogue.folder, ['write-tree'], place)
const sha = await git(repository.dir, ['commit-tree', tree, '-m', 'All'], person)
await hub.moveBranch(repository, 'main', sha)
await catalogue.remove()

const told = new AbortController()
const log = () => {}
const dequeuing = dequeue(
  {
    sql: db.sql,
    metrics: { async send() {} },
    worker: 'dequeuer',
    leaseSeconds: 300,
    sweepSeconds: 30,
    dripTarget: target,
    log,
    wait: wakeOn(db.sql, ['done', 'due']),
  } as never,
  told.signal,
)
const pools = Array.from({ length: workers }, (_, at) => connect(db.url, { max: 3, name: `worker ${at}` }))
const working = pools.map((sql, at) => work(sql, `worker ${at}`))

for (const round of ['every run is real', 'every result is reused']) await play(round)
const [sizes] = await db.sql.unsafe(`
  select pg_size_pretty(pg_total_relation_size('set_sources')) as set_sources,
         pg_size_pretty(pg_total_relation_size('runs')) as runs,
         pg_size_pretty(pg_total_relation_size('data_sources')) as data_sources,
         pg_size_pretty(pg_total_relation_size('queue.items')) as items`)
say('tables after two sets', JSON.stringify(sizes))

told.abort()
await Promise.all([dequeuing, ...working])
await Promise.all(pools.map((sql) => sql.end()))
await db.drop()
await hub.close()
await stopTestPostgres()

async function play(round: string): Promise<void> {
  const access = { token: undefined, apiUrl: hub.url }
  const enqueueing = { sql: db.sql, github: github(access), archive: githubArchive(access), tell: log }
  const options = {
    repository: { owner: 'openaddresses', name: 'openaddresses' },
    anyway: false,
    rerun: false,
    dryRun: false,
  }
  const began = performance.now()
  const { set, sources } = await enqueueSources(enqueueing, options)
  say(`enqueued ${sources} data sources`, seconds(began))
  const dripping = performance.now()
  for (;;) {
    const { endedAt } = (await readSet(db.sql, set ?? 0)) ?? {}
    if (endedAt) break
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  const took = (performance.now() - dripping) / 1000
  say(
    `${round}: ${workers} workers, target ${target}`,
    `${seconds(dripping)}, ${(sources / took).toFixed(0)} a second`,
  )
  await timed('the page of a set', () => readSet(db.sql, set ?? 0))
  await timed('the list of sets', () => listSets(db.sql, undefined, 26))
  await timed('current data of all', () => readCurrent(db.sql, 'openaddresses', 'openaddresses'))
}

async function work(sql: Sql, worker: string): Promise<void> {
  const wait = wakeOn(sql, ['tasks'])
  while (!told.signal.aborted) {
    const claimed = await claimRun(sql, { ...WORKER, worker })
    if (claimed === undefined) await wait(1_000, told.signal)
    else await handIn(sql, claimed, GOOD)
  }
}

async function timed(what: string, deed: () => Promise<unknown>): Promise<void> {
  await deed()
  const began = performance.now()
  await deed()
  say(`  ${what}`, `${(performance.now() - began).toFixed(0)} ms`)
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(2)} s`
}

function say(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(46)} ${value}\n`)
}
