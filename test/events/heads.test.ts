/** Pull requests: what takes the place of what; forks, other names, other bases. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { claimRun, beat } from '../../shared/db/runs.ts'
import { until } from '../crew.ts'
import { merge } from '../standins/github_commits.ts'
import type { Repository } from '../standins/github_hub.ts'
import { pullRequestPayload } from '../standins/github_payloads.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

const ONE = sourceOf({ city: 'N' })
const A = { 'sources/a.json': ONE }
const RUNS_A = ['sources/a.json addresses/city']

let ground: Ground
let repos = 0

beforeAll(async () => {
  ground = await openGround()
})

afterAll(() => ground.close())

async function begin(name = `heads${++repos}`): Promise<Repository> {
  return ground.hub.repository({
    name,
    files: { 'README.md': 'x', 'sources/old.json': sourceOf({ old: 'O' }) },
  })
}

describe.concurrent('what happens to a pull request:', () => {
  test('two hundred forced pushes within a minute leave one live job', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const heard = [await ground.heardPull(pull, 'opened')]
    const payloads: string[] = []
    for (let i = 0; i < 8; i++) {
      await ground.hub.commit(repo, {
        branch: 'more',
        from: 'main',
        files: { 'sources/a.json': sourceOf({ city: `N${i}` }) },
      })
      payloads.push(pull.head.sha)
      heard.push(await ground.heardPull(pull, 'synchronize'))
    }
    // The others come back to commits that were there before: as events they are just as new.
    const last = pull.head.sha
    const payload = await pullRequestPayload(ground.hub.hub, pull, { action: 'synchronize' })
    const shas = Array.from({ length: 191 }, (_, i) => payloads[i % 7]!)
    for (const sha of [...shas, last]) {
      const { head } = payload.pull_request
      const at = { ...payload.pull_request, head: { ...head, sha } }
      heard.push(await ground.hear('pull_request', { ...payload, pull_request: at }))
    }

    for (const { jobId } of heard) await ground.seen(jobId)

    const live = await until('one live job of the last head', 30_000, async () => {
      const live = (await ground.jobsOf(repo)).filter(({ isOver }) => !isOver)
      return live.length === 1 && live[0]?.runs.length === 1 && live
    })
    expect(heard).toHaveLength(201)
    expect(live.map(({ commit, runs }) => [commit, runs])).toEqual([[last, RUNS_A]])
    const jobs = await ground.jobsOf(repo)
    expect(jobs.filter(({ isOver }) => isOver).every(({ problem }) => problem === 'superseded')).toBe(true)
  })

  test('events out of order end at the head that GitHub has', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const early = await pullRequestPayload(ground.hub.hub, pull, { action: 'opened' })
    const head = await ground.hub.commit(repo, {
      branch: 'more',
      files: { 'sources/a.json': sourceOf({ city: 'Z' }) },
    })
    const late = await ground.heardPull(pull, 'synchronize')
    await ground.seen(late.jobId)

    const stale = await ground.hear('pull_request', early)
    await ground.seen(stale.jobId)

    const jobs = await ground.jobsOf(repo)
    expect((await ground.seen(stale.jobId)).problem).toBe('superseded')
    const live = jobs.filter(({ isOver }) => !isOver)
    expect(live.map(({ commit }) => commit)).toEqual([head])
  })

  test('another base is another comparison', async () => {
    const repo = await begin()
    await ground.hub.commit(repo, { branch: 'next', files: A })
    const pull = await ground.pull(repo, { branch: 'more', files: { ...A, 'sources/b.json': ONE } })
    const old = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    Object.assign(pull.base, {
      branch: 'next',
      sha: await ground.hub.commit(repo, { branch: 'next', files: {} }),
    })

    const edited = await ground.heardPull(pull, 'edited', { changes: { base: { ref: { from: 'main' } } } })
    const job = await ground.seen(edited.jobId)

    expect(old.runs).toEqual(['sources/a.json addresses/city', 'sources/b.json addresses/city'])
    // The same file came on both sides: from where both began it is still new.
    expect(job.runs).toEqual(['sources/a.json addresses/city', 'sources/b.json addresses/city'])
    expect((await ground.seen(old.id)).supersededBy).toBe(job.id)
  })

  test('a title, a label or an assignee change nothing', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })

    const heard = [
      await ground.heardPull(pull, 'edited', { changes: { title: { from: 'x' } } }),
      await ground.heardPull(pull, 'labeled'),
      await ground.heardPull(pull, 'assigned'),
      await ground.heardPull(pull, 'review_requested'),
    ]

    expect(heard.map(({ jobId }) => jobId)).toEqual([null, null, null, null])
    expect(await ground.jobsOf(repo)).toEqual([])
  })

  test('a draft runs, and asking for a review of the same head does not run it again', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A, draft: true })
    const opened = await ground.heardPull(pull, 'opened')

    const ready = await ground.heardPull(pull, 'ready_for_review')

    expect((await ground.seen(opened.jobId)).runs).toEqual(RUNS_A)
    expect(ready.jobId).toBe(opened.jobId)
  })

  test('closed unmerged stops what goes on; reopened goes on anew', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const opened = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    ground.hub.closePull(pull)
    const closed = await ground.heardPull(pull, 'closed')
    const { decided } = await ground.decided(closed.delivery)
    pull.state = 'open'

    const reopened = await ground.seen((await ground.heardPull(pull, 'reopened')).jobId)

    expect(decided).toBe('stopped, because the pull request was closed')
    expect(await ground.seen(opened.id)).toMatchObject({ problem: 'cancelled', status: false })
    expect([reopened.id === opened.id, reopened.runs]).toEqual([false, RUNS_A])
  })

  test('closed while it waits to be looked into ends it', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A, by: 'cat' })
    const waiting = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    ground.hub.closePull(pull)

    await ground.decided((await ground.heardPull(pull, 'closed')).delivery)

    expect(await ground.seen(waiting.id)).toMatchObject({
      isOver: true,
      waitsFor: null,
      problem: 'cancelled',
    })
  })

  test('merged before it was looked into is still told what it changed', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    await ground.hub.mergePull(pull, 'ann')

    const job = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)

    expect([job.runs, job.isMerged]).toEqual([RUNS_A, true])
  })

  test('what was merged from the base into the head is not its change', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const main = await ground.hub.commit(repo, { files: { 'sources/theirs.json': ONE } })
    await merge(ground.hub.hub, repo, { branch: 'more', sha: main, message: 'Merge main', author: 'ann' })

    const job = await ground.seen((await ground.heardPull(pull, 'synchronize')).jobId)

    expect(job.runs).toEqual(RUNS_A)
  })

  test('a fork that is deleted, or renamed, is read where its commits are', async () => {
    const repo = await begin()
    ground.hub.permit(repo, 'dan', 'write')
    ground.hub.permit(repo, 'eva', 'write')
    const gone = await ground.pull(repo, { branch: 'more', files: A, by: 'dan' })
    const moved = await ground.pull(repo, { branch: 'more', files: A, by: 'eva' })
    const [heardGone, heardMoved] = [await eventOf(gone), await eventOf(moved)]
    ground.hub.remove(gone.head.repository!)
    ground.hub.rename(moved.head.repository!, { owner: 'eva', name: 'another_name' })

    const jobs = [
      await ground.seen((await ground.hear('pull_request', heardGone)).jobId),
      await ground.seen((await ground.hear('pull_request', heardMoved)).jobId),
    ]

    expect(jobs.map(({ runs }) => runs)).toEqual([RUNS_A, RUNS_A])
  })

  test('a repository that is renamed or transferred is the same one', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    ground.hub.rename(repo, { owner: 'new_home', name: 'renamed' })
    await ground.hub.commit(repo, { branch: 'more', files: { 'sources/a.json': sourceOf({ city: 'Z' }) } })

    const after = await ground.seen((await ground.heardPull(pull, 'synchronize')).jobId)

    expect(after.runs).toEqual(RUNS_A)
    expect((await ground.seen(before.id)).supersededBy).toBe(after.id)
  })

  test('a push and the pull request from it are one job, in whatever order they come', async () => {
    const [one, two] = [await begin(), await begin()]
    const first = await ground.pull(one, { branch: 'more', files: A })
    const second = await ground.pull(two, { branch: 'more', files: A })

    const pushed = await ground.heardPush(one, { branch: 'more', after: first.head.sha })
    const opened = await ground.heardPull(first, 'opened')
    const openedFirst = await ground.heardPull(second, 'opened')
    const pushedLater = await ground.heardPush(two, { branch: 'more', after: second.head.sha })

    expect([opened.jobId, pushedLater.jobId]).toEqual([pushed.jobId, openedFirst.jobId])
    expect((await ground.seen(pushed.jobId)).event).toBe('pull_request')
    await Promise.all([endJob(ground, pushed.jobId!), ground.seen(openedFirst.jobId)])
    expect((await ground.seen(pushed.jobId)).status).toBe(true)
  })
})

describe('one by one, because a worker takes what comes first:', () => {
  test('new commits take the place of the old head, whose running work is stopped', async () => {
    const repo = await begin()
    const pull = await ground.pull(repo, {
      branch: 'more',
      files: { ...A, 'sources/b.json': sourceOf({ town: 'T' }) },
    })
    const old = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    await ground.db
      .sql`update queue.items set lane = -1 where q_name = 'tasks' and data->>'job_id' = ${old.id}`
    const worker = { worker: 'w', version: 'v', leaseSeconds: 60 }
    const running = await claimRun(ground.db.sql, {
      ...worker,
      timeoutSeconds: 60,
      laneMax: -1,
      reuseDays: 0,
    })
    await ground.hub.commit(repo, { branch: 'more', files: { 'sources/c.json': ONE } })

    const job = await ground.seen((await ground.heardPull(pull, 'synchronize')).jobId)

    expect(job.runs).toHaveLength(3)
    const stopped = await ground.seen(old.id)
    expect(stopped).toMatchObject({
      status: false,
      isOver: true,
      problem: 'superseded',
      supersededBy: job.id,
    })
    expect(await beat(ground.db.sql, running!, worker)).toBe(false)
    const [left] = await ground.db.sql`
      select count(*)::int as tasks from queue.items where q_name in ('tasks', 'due') and data->>'job_id' = ${old.id}`
    const runs = await ground.db.sql`select distinct status, problem from runs where job_id = ${old.id}`
    expect([{ ...left }, [...runs]]).toEqual([{ tasks: 0 }, [{ status: false, problem: 'superseded' }]])
  })
})

async function eventOf(pull: Awaited<ReturnType<Ground['pull']>>) {
  return JSON.parse(JSON.stringify(await pullRequestPayload(ground.hub.hub, pull, { action: 'opened' })))
}
