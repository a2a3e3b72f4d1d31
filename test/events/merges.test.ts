/** Merges: what a pull request, or a branch, has run is not run again when it comes to the default branch. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { until } from '../crew.ts'
import type { Repository } from '../standins/github_hub.ts'
import { endJob } from './ended.ts'
import { beginRepository, type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

const ONE = sourceOf({ city: 'N' })
const TWO = sourceOf({ city: 'N', county: 'N' })

let ground: Ground

beforeAll(async () => {
  ground = await openGround()
})

afterAll(() => ground.close())

const begin = (files: Record<string, string> = {}) => beginRepository(ground, files)

describe.concurrent('a push that merges a pull request whose head has run', () => {
  type Merge = [
    name: string,
    how: (given: { repo: Repository; head: string; first: string }) => Promise<string>,
  ]
  const ways: Merge[] = [
    ['by a merge commit', async ({ repo }) => ground.hub.mergePull(pullsOf(repo)[0]!, 'ann')],
    [
      'by squashing',
      async ({ repo }) => {
        const sha = await ground.hub.commit(repo, {
          files: { 'sources/b.json': TWO },
          message: 'Squashed (#1)',
        })
        const pull = pullsOf(repo)[0]!
        Object.assign(pull, { state: 'closed', mergedSha: sha })
        return sha
      },
    ],
    [
      'by going forward',
      async ({ repo, head }) => {
        await ground.hub.moveBranch(repo, 'main', head)
        Object.assign(pullsOf(repo)[0]!, { state: 'closed', mergedSha: head })
        return head
      },
    ],
  ]
  for (const [name, merge] of ways) {
    test(`${name} does not run it again: its runs are merged`, async () => {
      const { repo, first } = await begin({ 'sources/a.json': ONE })
      const pull = await ground.pull(repo, { branch: 'more', files: { 'sources/b.json': TWO } })
      const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
      await endJob(ground, before.id)
      const after = await merge({ repo, head: pull.head.sha, first })

      const closed = await ground.heardPull(pull, 'closed')
      const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

      expect((await ground.decided(closed.delivery)).decided).toBe(
        'it is merged: the push to main carries its results on',
      )
      expect(job.follows).toEqual(['sources/b.json addresses/city', 'sources/b.json addresses/county'])
      expect([job.runs, job.status, job.isOver]).toEqual([[], true, true])
      const merged = await ground.db.sql`
        select distinct is_merged from runs where job_id = ${before.id}`
      expect([...merged]).toEqual([{ is_merged: true }])
      expect((await ground.seen(before.id)).isMerged).toBe(true)
    })
  }

  test('while it still runs waits for it, and has its verdict', async () => {
    const { repo, first } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: { 'sources/b.json': TWO } })
    const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    const after = await ground.hub.mergePull(pull, 'ann')

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)
    await endJob(ground, before.id)

    expect([job.status, job.follows.length, job.runs]).toEqual([null, 2, []])
    expect(await ground.seen(job.id)).toMatchObject({ status: true, isOver: true })
  })

  test('runs what is another on the default branch than it was in the head', async () => {
    const { repo, first } = await begin({ 'sources/a.json': sourceOf({ one: 'A', two: 'B' }) })
    const pull = await ground.pull(repo, {
      branch: 'more',
      files: { 'sources/a.json': sourceOf({ one: 'A', two: 'C' }), 'sources/b.json': ONE },
    })
    const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    await endJob(ground, before.id)
    await ground.hub.mergePull(pull, 'ann')
    const after = await ground.hub.commit(repo, {
      files: { 'sources/a.json': sourceOf({ one: 'Z', two: 'C' }) },
    })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect(job.runs).toEqual(['sources/a.json addresses/one', 'sources/a.json addresses/two'])
    expect(job.follows).toEqual(['sources/b.json addresses/city'])
  })

  test('runs the same bytes where the pull request that had them is not merged', async () => {
    const { repo, first } = await begin()
    const pull = await ground.pull(repo, { branch: 'more', files: { 'sources/b.json': ONE } })
    const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    await endJob(ground, before.id)
    const after = await ground.hub.commit(repo, { files: { 'sources/b.json': ONE } })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect([job.runs, job.follows]).toEqual([['sources/b.json addresses/city'], []])
    expect((await ground.seen(before.id)).isMerged).toBe(false)
  })

  test('runs again what failed there for a passing reason, and carries on what failed for good', async () => {
    const { repo, first } = await begin()
    const pull = await ground.pull(repo, {
      branch: 'more',
      files: { 'sources/b.json': ONE, 'sources/c.json': sourceOf({ other: 'O' }) },
    })
    const before = await ground.seen((await ground.heardPull(pull, 'opened')).jobId)
    await endJob(ground, before.id, {
      'sources/b.json': 'download-server-error',
      'sources/c.json': 'no-such-column',
    })
    const after = await ground.hub.mergePull(pull, 'ann')

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect(job.runs).toEqual(['sources/b.json addresses/city'])
    expect(job.follows).toEqual(['sources/c.json addresses/other no-such-column'])
    expect(job.status).toBe(false)
  })

  test('of a branch without a pull request does not run it again either', async () => {
    const { repo, first } = await begin()
    const tip = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/b.json': ONE } })
    const before = await ground.seen((await ground.heardPush(repo, { branch: 'more', after: tip })).jobId)
    await endJob(ground, before.id)
    await ground.hub.moveBranch(repo, 'main', tip)

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after: tip })).jobId)

    expect([job.follows, job.status]).toEqual([['sources/b.json addresses/city'], true])
    await until('it to be merged', 5_000, async () => (await ground.seen(before.id)).isMerged === true)
  })
})

function pullsOf(repo: Repository) {
  return ground.hub.hub.pulls.filter((pull) => pull.base.repository === repo)
}
