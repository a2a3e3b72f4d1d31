/** What was lost: deliveries that never came, or came twice, or were left half-way; and what reconcile makes of it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { claim } from '../../shared/db/queue.ts'
import { reconcileOnce } from '../../worker/reconcile.ts'
import { github } from '../../worker/io/github.ts'
import type { Repository } from '../standins/github_hub.ts'
import { type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

const A = { 'sources/a.json': sourceOf({ city: 'N' }) }
const RUNS_A = ['sources/a.json addresses/city']

let ground: Ground
let repos = 0

beforeAll(async () => {
  ground = await openGround()
})

afterAll(() => ground.close())

/** A repository that has sent something, and whose branches are known. */
async function begin(): Promise<{ repo: Repository; first: string }> {
  repos += 1
  const repo = await ground.hub.repository({ name: `lost${repos}`, files: { 'README.md': 'x' } })
  await ground.hub.commit(repo, { branch: 'old', files: { 'sources/old.json': sourceOf({ old: 'O' }) } })
  const first = await ground.hub.commit(repo, { files: { 'README.md': 'y' } })
  await ground.seen((await ground.heardPush(repo, { after: first })).jobId)
  await look(repo)
  return { repo, first }
}

/** Look at a repository now, whenever it was looked at before. */
async function look({ id }: Repository): Promise<number> {
  await ground.db.sql`
    update watched_repositories
    set looked_at = case when repository_key = ${`${id}`} then null else queue.clock() end`
  return reconcileOnce({
    sql: ground.db.sql,
    github: github({ token: 'secret', apiUrl: ground.hub.url, callMs: 10_000 }),
    pauseSeconds: 3_600,
    log: () => {},
  })
}

describe('reconcile', () => {
  test('begins where branches are when a repository is first seen', async () => {
    const { repo } = await begin()

    expect((await ground.jobsOf(repo)).map(({ event }) => event)).toEqual(['push'])
  })

  test('finds a pull request whose event never came, once', async () => {
    const { repo } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    await ground.hub.deleteBranch(repo, 'more')

    const found = [await look(repo), await look(repo)]

    const jobs = await ground.jobsOf(repo)
    expect([found, jobs.length]).toEqual([[1, 0], 2])
    expect(await ground.seen(jobs[1]!.id)).toMatchObject({ commit: pull.head.sha, runs: RUNS_A })
    expect((await ground.heardPull(pull, 'opened')).jobId).toBe(jobs[1]!.id)
  })

  test('finds a new head of a pull request, and stops the old one', async () => {
    const { repo } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const old = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    const head = await ground.hub.commit(repo, {
      branch: 'more',
      files: { 'sources/b.json': sourceOf({ b: 'B' }) },
    })

    await look(repo)

    const job = (await ground.jobsOf(repo)).at(-1)!
    expect(await ground.seen(job.id)).toMatchObject({ commit: head, isOver: false })
    expect((await ground.seen(old.id)).supersededBy).toBe(job.id)
  })

  test('finds a push to the default branch, and to a new branch', async () => {
    const { repo, first } = await begin()
    const second = await ground.hub.commit(repo, { files: A })
    const third = await ground.hub.commit(repo, { files: { 'sources/b.json': sourceOf({ b: 'B' }) } })
    const more = await ground.hub.commit(repo, {
      branch: 'more',
      files: { 'sources/c.json': sourceOf({ c: 'C' }) },
    })

    expect(await look(repo)).toBe(2)

    const jobs = (await ground.jobsOf(repo)).slice(1)
    const seen = await Promise.all(jobs.map(({ id }) => ground.seen(id)))
    expect(seen.map(({ commit, runs, isMerged }) => [commit, runs, isMerged])).toEqual([
      [third, [...RUNS_A, 'sources/b.json addresses/b'], true],
      [more, ['sources/c.json addresses/c'], false],
    ])
    // The delivery comes after all, late and for a part: it is a job of its own, and changes nothing of the other.
    const late = await ground.heardPush(repo, { before: first, after: second })
    expect((await ground.heardPush(repo, { before: first, after: third })).jobId).toBe(seen[0]!.id)
    expect((await ground.seen(late.jobId)).runs).toEqual(RUNS_A)
  })

  test('finds that a pull request was closed', async () => {
    const { repo } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const job = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    ground.hub.closePull(pull)

    await look(repo)
    await ground.decided((await lastDelivery('pull_request'))!)

    expect(await ground.seen(job.id)).toMatchObject({ problem: 'cancelled', isOver: true })
  })

  test('leaves alone what is older than the first event', async () => {
    const repo = await ground.hub.repository({ name: 'ancient', files: { 'README.md': 'x' } })
    await ground.pull(repo, { branch: 'more', files: A })
    const first = await ground.hub.commit(repo, { files: { 'README.md': 'y' } })
    await ground.heardPush(repo, { after: first })
    await ground.db
      .sql`update watched_repositories set since = now() + interval '1 hour' where name = 'ancient'`

    await look(repo)

    expect(await ground.jobsOf(repo)).toHaveLength(1)
  })

  test('asks again whether a job is merged, where nobody knows', async () => {
    const { repo, first } = await begin()
    const gone = await ground.hub.commit(repo, { files: A })
    const job = await ground.seen((await ground.heardPush(repo, { before: first, after: gone })).jobId)
    const other = await ground.hub.commit(repo, {
      from: first,
      files: { 'sources/b.json': sourceOf({ b: 'B' }) },
    })
    await ground.hub.moveBranch(repo, 'main', other)
    await ground.seen((await ground.heardPush(repo, { before: gone, after: other })).jobId)
    const unknown = (await ground.seen(job.id)).isMerged

    await look(repo)

    expect([unknown, (await ground.seen(job.id)).isMerged]).toEqual([null, false])
  })

  test('follows a repository to its new name', async () => {
    const { repo } = await begin()
    ground.hub.rename(repo, { owner: 'other', name: `renamed${repos}` })
    const head = await ground.hub.commit(repo, { files: A })

    await look(repo)

    const job = (await ground.jobsOf(repo)).at(-1)!
    expect(await ground.seen(job.id)).toMatchObject({ commit: head, runs: RUNS_A })
  })

  test('goes on past a repository that is gone', async () => {
    const { repo } = await begin()
    const { repo: there } = await begin()
    ground.hub.remove(repo)
    const head = await ground.hub.commit(there, { files: A })

    expect(await look(repo)).toBe(0)
    await look(there)

    expect((await ground.jobsOf(there)).at(-1)).toMatchObject({ commit: head })
  })

  test('puts back the event that this house lost', async () => {
    const { repo } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const { jobId } = await ground.heardPull(pull, 'opened')
    await ground.seen(jobId)
    await ground.db
      .sql`update jobs set expanded_at = null, datetime_start = now() - interval '1 hour' where id = ${jobId}`
    await ground.db.sql`delete from job_sources where job_id = ${jobId}`
    await ground.db.sql`delete from job_files where job_id = ${jobId}`
    await ground.db.sql`delete from job_findings where job_id = ${jobId}`
    await ground.db.sql`delete from queue.items where data->>'job_id' = ${jobId}`

    expect(await look(repo)).toBe(1)

    expect((await ground.seen(jobId)).runs).toEqual(RUNS_A)
  })

  test('finds a command that nobody heard, once, and not the one that was', async () => {
    const { repo } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const { jobId } = await ground.heardPull(pull, 'opened')
    await ground.seen(jobId)
    const heard = ground.say(repo, pull.number, repo.owner, '/help')
    const lost = ground.say(repo, pull.number, repo.owner, '/cancel')
    const talk = ground.say(repo, pull.number, repo.owner, 'Thank you!')
    await ground.decided((await ground.heardComment(heard, repo)).delivery)
    const ago = { updated_at: new Date(Date.now() - 120_000).toISOString() }
    for (const comment of [heard, lost, talk]) Object.assign(comment, ago)
    await ground.db.sql`update watched_repositories set since = since - interval '1 hour'`

    const found = [await look(repo), await look(repo)]
    await ground.decided(`comment/${repo.id}/${lost.id}`)
    const late = await ground.heardComment(lost, repo)

    expect(found).toEqual([1, 0])
    expect((await ground.seen(jobId)).problem).toBe('cancelled')
    expect((await ground.decided(late.delivery)).decided).toBe('it was heard before')
    expect(await ground.replies(lost)).toEqual(['reaction eyes', 'reaction +1'])
  })

  test('two at once find the same thing once', async () => {
    const { repo } = await begin()
    await ground.pull(repo, { branch: 'more', files: A })

    await Promise.all([look(repo), look(repo), look(repo)])

    expect(await ground.jobsOf(repo)).toHaveLength(2)
  })
})

async function lastDelivery(event: string): Promise<string | undefined> {
  const [row] = await ground.db.sql<{ id: string }[]>`
    select id from deliveries where event = ${event} order by received_at desc limit 1`
  return row?.id
}

test('nothing is left in the queue of events', async () => {
  expect(await claim(ground.db.sql, 'events', { worker: 'test', n: 9 })).toEqual([])
})
