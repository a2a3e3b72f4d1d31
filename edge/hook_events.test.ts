import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readDelivery } from '../shared/db/deliveries.ts'
import { readJob } from '../shared/db/jobs.ts'
import { type GitHub, startGitHub } from '../test/standins/github.ts'
import { NO_SHA } from '../test/standins/github_git.ts'
import type { Pull, Repository } from '../test/standins/github_hub.ts'
import {
  issueCommentPayload,
  pingPayload,
  pullRequestPayload,
  pushPayload,
} from '../test/standins/github_payloads.ts'
import { BASE_URL, type Site, testSite } from '../test/site.ts'

let site: Site
let github: GitHub
let repository: Repository
let before: string
let after: string
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
      () => pushPayload(github.hub, repository, { ref: 'refs/heads/more', after: pull.head.sha }),
      () => ({ event: 'push', commitSha: pull.head.sha, ref: 'refs/heads/more', pullNumber: null }),
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
      'a deleted branch',
      'push',
      () => pushPayload(github.hub, repository, { ref: 'refs/heads/more', before: after, after: NO_SHA }),
      'refs/heads/more was deleted',
    ],
    [
      'a closed pull request',
      'pull_request',
      () => pullRequestPayload(github.hub, pull, { action: 'closed' }),
      'nothing follows from a pull request that was closed',
    ],
    [
      'a pull request with another label',
      'pull_request',
      () => pullRequestPayload(github.hub, pull, { action: 'labeled' }),
      'nothing follows from a pull request that was labeled',
    ],
    [
      'a comment',
      'issue_comment',
      () => {
        const comment = github.comment(repository, { number: pull.number, body: '/retest', author: 'eve' })
        return issueCommentPayload(github.hub, { repository, comment, action: 'created' })
      },
      'nothing follows from the event issue_comment',
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

async function pullFrom(owner: string): Promise<Pull> {
  const head = await github.fork(repository, owner)
  await github.commit(head, { branch: 'patch', files: { [`sources/${owner}.json`]: '{}' } })
  return github.openPull(repository, { head, branch: 'patch' })
}
