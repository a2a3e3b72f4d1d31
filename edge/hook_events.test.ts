import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readDelivery } from '../shared/db/deliveries.ts'
import { readJob } from '../shared/db/jobs.ts'
import { readRepositories } from '../shared/repositories.ts'
import { type GitHub, startGitHub } from '../test/standins/github.ts'
import { NO_SHA } from '../test/standins/github_git.ts'
import type { Pull, Repository } from '../test/standins/github_hub.ts'
import {
  issueCommentPayload,
  pingPayload,
  pullRequestPayload,
  pushPayload,
} from '../test/standins/github_payloads.ts'
import { BASE_URL, type Site, siteOver, testSite } from '../test/site.ts'

let site: Site
let github: GitHub
let repository: Repository
let before: string
let after: string
let other: string
let pull: Pull
let forked: Pull
let orphan: Pull

beforeAll(async () => {
  site = await testSite()
  github = await startGitHub()
  repository = await github.repository()
  before = await github.commit(repository, { files: { 'sources/a.json': '{}' } })
  after = await github.commit(repository, { files: { 'sources/b.json': '{}' } })
  await github.commit(repository, { branch: 'more', files: { 'sources/c.json': '{}' } })
  other = await github.commit(repository, { branch: 'other', files: { 'sources/d.json': '{}' } })
  pull = await github.openPull(repository, { branch: 'more' })
  forked = await pullFrom('ann')
  orphan = await pullFrom('bob')
  github.remove(orphan.head.repository!)
})

afterAll(async () => {
  await site.close()
  await github.close()
})

describe('a job is made of', () => {
  const cases: [name: string, event: string, payload: () => Promise<unknown>, job: () => object][] = [
    [
      'a push to the default branch',
      'push',
      () => pushPayload(github.hub, repository, { ref: 'refs/heads/main', before, after }),
      () => ({ event: 'push', commitSha: after, ref: 'refs/heads/main', pullNumber: null }),
    ],
    [
      'a push of a new branch',
      'push',
      () => pushPayload(github.hub, repository, { ref: 'refs/heads/other', after: other }),
      () => ({ event: 'push', commitSha: other, ref: 'refs/heads/other', pullNumber: null }),
    ],
    [
      'a pull request of the repository itself',
      'pull_request',
      () => pullRequestPayload(github.hub, pull, { action: 'opened' }),
      () => ({ event: 'pull_request', commitSha: pull.head.sha, ref: null, pullNumber: pull.number }),
    ],
    [
      'a pull request of a fork',
      'pull_request',
      () => pullRequestPayload(github.hub, forked, { action: 'synchronize', before, after }),
      () => ({ event: 'pull_request', commitSha: forked.head.sha, pullNumber: forked.number }),
    ],
    [
      'a pull request whose fork was deleted',
      'pull_request',
      () => pullRequestPayload(github.hub, orphan, { action: 'reopened' }),
      () => ({ event: 'pull_request', commitSha: orphan.head.sha, pullNumber: orphan.number }),
    ],
  ]
  for (const [name, event, payload, job] of cases) {
    test(name, async () => {
      const { status, body } = await site.knock({ event, payload: await payload() })

      expect(status).toBe(202)
      expect(body['url']).toBe(`${BASE_URL}/jobs/${body['id']}`)
      const found = await readJob(site.sql, `${body['id']}`)
      expect(found).toMatchObject({ owner: 'openaddresses', repository: 'openaddresses', ...job() })
      expect(found?.statusUrl).toBe(
        `${github.url}/repos/openaddresses/openaddresses/statuses/${found?.commitSha}`,
      )
    })
  }
})

describe('a delivery is kept, and it is said why nothing follows, for', () => {
  const cases: [name: string, event: string, payload: () => unknown, why: string][] = [
    ['a ping', 'ping', () => pingPayload(github.hub, repository), 'nothing follows from the event ping'],
    [
      'a tag',
      'push',
      () => pushPayload(github.hub, repository, { ref: 'refs/tags/v1', after }),
      'refs/tags/v1 is not a branch',
    ],
    [
      'a pull request with another label',
      'pull_request',
      () => pullRequestPayload(github.hub, pull, { action: 'labeled' }),
      'nothing follows from a pull request that was labeled',
    ],
    [
      'a comment without a command',
      'issue_comment',
      () => commentOn(pull.number, 'Please retest'),
      'nothing follows from a comment without a command that is new',
    ],
    [
      'a comment that was deleted',
      'issue_comment',
      () => ({ ...commentOn(pull.number, '/retest'), action: 'deleted' }),
      'nothing follows from a comment that was deleted',
    ],
    [
      'a comment of our own',
      'issue_comment',
      () => commentOn(pull.number, '/ok-to-test\n<!-- machine:sticky -->'),
      'nothing follows from a comment of our own',
    ],
  ]
  for (const [name, event, payload, why] of cases) {
    test(name, async () => {
      const id = name.replaceAll(' ', '-')
      const sent = JSON.parse(JSON.stringify(await payload())) as Record<string, unknown>

      const { status, body } = await site.knock({ id, event, payload: sent })

      expect(status).toBe(200)
      expect(body).toEqual({ ignored: why })
      expect(await readDelivery(site.sql, id)).toMatchObject({ event, payload: sent })
      const [row] = await site.sql<[object]>`
        select action, job_id as "jobId", ignored from deliveries where id = ${id}`
      expect({ ...row }).toEqual({ action: sent['action'] ?? null, jobId: null, ignored: why })
    })
  }
})

describe('what is asked for is kept, understood, and looked into later:', () => {
  const cases: [name: string, event: string, payload: () => unknown, understood: () => string][] = [
    [
      'a command in a comment',
      'issue_comment',
      () => commentOn(pull.number, '/retest'),
      () => `eve asked for retest in pull request ${pull.number}`,
    ],
    [
      'a closed pull request',
      'pull_request',
      () => pullRequestPayload(github.hub, pull, { action: 'closed' }),
      () => `openaddresses closed pull request ${pull.number}`,
    ],
    [
      'a deleted branch',
      'push',
      () => pushPayload(github.hub, repository, { ref: 'refs/heads/more', before: after, after: NO_SHA }),
      () => 'openaddresses deleted more',
    ],
  ]
  for (const [name, event, payload, understood] of cases) {
    test(name, async () => {
      const id = name.replaceAll(' ', '-')
      const sent = await payload()

      const first = await site.knock({ id, event, payload: sent })
      const again = await site.knock({ id, event, payload: sent })

      expect([first.status, again.status]).toEqual([202, 200])
      expect(first.body).toEqual({ understood: understood() })
      const [row] = await site.sql<[object]>`
        select asks, understood, job_id as "jobId", ignored, decided,
          (select count(*)::int from queue.items where dedupe_key = ${`delivery/${id}`}) as events
        from deliveries where id = ${id}`
      expect({ ...row }).toEqual({
        asks: true,
        understood: understood(),
        jobId: null,
        ignored: null,
        decided: null,
        events: 1,
      })
    })
  }
})

test('a pull request from a branch takes over the job of the push to it', async () => {
  const sha = await github.commit(repository, { branch: 'both', files: { 'sources/e.json': '{}' } })
  const both = await github.openPull(repository, { branch: 'both' })
  const push = await pushPayload(github.hub, repository, { ref: 'refs/heads/both', after: sha })

  const first = await site.knock({ id: 'pushed', event: 'push', payload: push })
  const second = await site.knock({
    event: 'pull_request',
    payload: await pullRequestPayload(github.hub, both, { action: 'opened' }),
  })
  const third = await site.knock({ id: 'pushed', event: 'push', payload: push })

  expect([first.status, second.status, third.status]).toEqual([202, 200, 200])
  expect([second.body['id'], third.body['id']]).toEqual([first.body['id'], first.body['id']])
  expect(await readJob(site.sql, `${first.body['id']}`)).toMatchObject({
    event: 'pull_request',
    pullNumber: both.number,
    ref: 'refs/heads/both',
  })
})

test('a repository that is not configured is not ours, but by an older name it is', async () => {
  const repositories = readRepositories('{"openaddresses/openaddresses": {}}')
  const strict = siteOver(site, site.folder, { repositories })
  const stranger = await github.repository({ owner: 'eve', name: 'mine', files: { a: 'a' } })
  const push = async (of: Repository) => ({
    event: 'push',
    payload: await pushPayload(github.hub, of, { ref: 'refs/heads/main', before, after }),
  })
  const strange = await github.commit(stranger, { files: { a: 'b' } })

  const ignored = await strict.knock({
    event: 'push',
    payload: await pushPayload(github.hub, stranger, { ref: 'refs/heads/main', after: strange }),
  })
  const ours = await strict.knock(await push(repository))
  github.rename(repository, { owner: 'new', name: 'home' })
  const renamed = await strict.knock({ ...(await push(repository)), id: 'renamed' })
  github.rename(repository, { owner: 'openaddresses', name: 'openaddresses' })

  expect(ignored.body).toEqual({
    ignored: 'eve/mine is not one of the repositories that are configured here',
  })
  expect([ours.status, renamed.status]).toEqual([202, 202])
  expect(await readJob(site.sql, `${renamed.body['id']}`)).toMatchObject({ owner: 'new', repository: 'home' })
})

function commentOn(number: number, body: string) {
  const comment = github.comment(repository, { number, body, author: 'eve' })
  return issueCommentPayload(github.hub, { repository, comment, action: 'created' })
}

async function pullFrom(owner: string): Promise<Pull> {
  const head = await github.fork(repository, owner)
  await github.commit(head, { branch: 'patch', files: { [`sources/${owner}.json`]: '{}' } })
  return github.openPull(repository, { head, branch: 'patch' })
}
