/** Pull requests: whose run at once, whose wait, and for what; by the rules of their repository. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readRepositories } from '../../shared/repositories.ts'
import { until } from '../crew.ts'
import type { Repository } from '../standins/github_hub.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

const ONE = sourceOf({ city: 'N' })
const A = { 'sources/a.json': ONE }
const RUNS_A = ['sources/a.json addresses/city']

let ground: Ground
let repos = 0

beforeAll(async () => {
  const names = ['open', 'members', 'approval', 'few', 'elsewhere', 'quiet']
  const rules = {
    open: { trust: 'open' },
    members: { trust: 'members' },
    approval: {},
    few: { trust: 'open', pullJobsPerHour: 2 },
    elsewhere: { trust: 'open', paths: ['data/*/x-*.json'] },
    quiet: { trust: 'open', silent: true },
  }
  const all = names.map((name) => [`openaddresses/${name}`, rules[name as keyof typeof rules]])
  const many = Array.from({ length: 40 }, (_, i) => [`openaddresses/pulls${i + 1}`, {}])
  ground = await openGround({
    repositories: readRepositories(JSON.stringify(Object.fromEntries([...all, ...many]))),
  })
})

afterAll(() => ground.close())

async function begin(name = `pulls${++repos}`): Promise<Repository> {
  return ground.hub.repository({
    name,
    files: { 'README.md': 'x', 'sources/old.json': sourceOf({ old: 'O' }) },
  })
}

describe.concurrent('a pull request of', () => {
  type Case = [name: string, permission: string, own: boolean, waits: string | null]
  const cases: Case[] = [
    ['a stranger', 'read', false, 'approval'],
    ['somebody who may triage', 'triage', false, 'approval'],
    ['a collaborator', 'write', false, null],
    ['an administrator', 'admin', false, null],
    ['a stranger whose branch is in the repository itself', 'read', true, null],
  ]
  for (const [name, permission, own, waits] of cases) {
    test(`${name} ${waits === null ? 'runs at once' : 'waits for approval'}`, async () => {
      const repo = await begin()
      ground.hub.permit(repo, 'ann', permission)
      const pull = await ground.pull(repo, { branch: 'more', files: A, ...(own ? {} : { by: 'ann' }) })

      const job = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)

      expect([job.waitsFor, job.runs]).toEqual(waits === null ? [null, RUNS_A] : [waits, []])
      expect([job.status, job.isOver]).toEqual([null, false])
    })
  }

  test('a stranger runs at once where all may, and never where only members may', async () => {
    const jobs = []
    for (const name of ['open', 'members']) {
      const repo = await begin(name)
      const pull = await ground.pull(repo, { branch: 'more', files: A, by: `stranger_${name}` })
      jobs.push(await ground.seen((await ground.heardPull(pull, 'opened')).jobId))
    }

    expect(jobs.map(({ runs, waitsFor }) => [runs, waitsFor])).toEqual([
      [RUNS_A, null],
      [[], 'approval'],
    ])
    const [members] = await ground.db.sql`select waits_why from jobs where id = ${jobs[1]!.id}`
    expect(members?.['waits_why']).toBe(
      'stranger_members is not a member of this repository, and only pull requests of members run here',
    )
  })

  test('somebody with many jobs in an hour waits, and goes on by itself', async () => {
    const repo = await begin('few')
    const pull = await ground.pull(repo, { branch: 'more', files: A })
    for (const [action, field] of [
      ['opened', 'A'],
      ['synchronize', 'B'],
      ['synchronize', 'C'],
    ] as const) {
      await ground.hub.commit(repo, {
        branch: 'more',
        files: { 'sources/a.json': sourceOf({ city: field }) },
      })
      const { jobId } = await ground.heardPull(pull, action)
      if ((await ground.seen(jobId)).waitsFor === null) await endJob(ground, jobId!)
    }

    const jobs = await ground.jobsOf(repo)

    expect(jobs.map(({ waitsFor, isOver }) => [waitsFor, isOver])).toEqual([
      [null, true],
      [null, true],
      ['rate', false],
    ])
    // An hour later there is room.
    await ground.db
      .sql`update runs set datetime_start = datetime_start - interval '2 hours' where job_id = ${jobs[0]!.id}`
    await ground.db.sql`
      update queue.items set schedule_at = null where data->>'job_id' = ${jobs[2]!.id} and q_name = 'events'`
    await ground.db.sql`select pg_notify('events', '')`
    expect(await waitForRuns(jobs[2]!.id)).toEqual(RUNS_A)
  })

  test('a repository whose sources are elsewhere runs those', async () => {
    const repo = await begin('elsewhere')
    const files = {
      'data/us/x-a.json': ONE,
      'data/us/a.json': ONE,
      'data/x-a.json': ONE,
      'sources/a.json': ONE,
    }
    const pull = await ground.pull(repo, { branch: 'more', files })

    const job = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)

    expect(job.runs).toEqual(['data/us/x-a.json addresses/city'])
  })

  test('a silent repository has no address to say anything to', async () => {
    const repo = await begin('quiet')
    const pull = await ground.pull(repo, { branch: 'more', files: A })

    const job = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)

    const [row] = await ground.db.sql`
      select github_status_url as status, github_comments_url as comments from jobs where id = ${job.id}`
    expect([job.runs, { ...row }]).toEqual([RUNS_A, { status: null, comments: null }])
  })
})

function waitForRuns(id: string): Promise<readonly string[]> {
  return until(`job ${id} to run`, 30_000, async () => {
    const { runs } = await ground.seen(id)
    return runs.length > 0 && runs
  })
}
