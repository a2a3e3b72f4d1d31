import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { type GitHub, startGitHub } from './github.ts'
import { NO_SHA } from './github_git.ts'
import type { Repository } from './github_hub.ts'
import { issueCommentPayload, pingPayload, pullRequestPayload, pushPayload } from './github_payloads.ts'
import { sendWebhook } from './github_webhook.ts'
import { type Asked, listen, type Server } from './server.ts'

let github: GitHub
let repository: Repository
let first: string
let second: string

let hook: Server
const heard: Asked[] = []

beforeAll(async () => {
  github = await startGitHub()
  repository = await github.repository()
  first = await github.commit(repository, { files: { 'sources/a.json': 'a', 'sources/b.json': 'b' } })
  second = await github.commit(repository, {
    files: { 'sources/a.json': null, 'sources/c.json': 'a', 'sources/b.json': 'B' },
    message: 'Move a',
    author: 'ann',
  })
  hook = await listen((asked) => {
    heard.push(asked)
    return { status: 202, json: { url: '/jobs/1' } }
  })
})

afterAll(async () => {
  await hook.close()
  await github.close()
})

describe('a push', () => {
  test('tells each commit with the paths that it touched, a rename as removed and added', async () => {
    const push = { ref: 'refs/heads/main', before: first, after: second, pusher: 'ann' }

    const payload = await pushPayload(github.hub, repository, push)

    expect(payload).toMatchObject({
      ref: 'refs/heads/main',
      before: first,
      after: second,
      created: false,
      deleted: false,
      forced: false,
      pusher: { name: 'ann' },
      sender: { login: 'ann' },
      repository: {
        full_name: 'openaddresses/openaddresses',
        default_branch: 'main',
        owner: { name: 'openaddresses', login: 'openaddresses' },
        statuses_url: `${github.url}/repos/openaddresses/openaddresses/statuses/{sha}`,
        compare_url: `${github.url}/repos/openaddresses/openaddresses/compare/{base}...{head}`,
        contents_url: `${github.url}/repos/openaddresses/openaddresses/contents/{+path}`,
      },
      head_commit: { id: second, message: 'Move a' },
    })
    expect(
      payload.commits.map(({ id, added, modified, removed }) => ({ id, added, modified, removed })),
    ).toEqual([
      { id: second, added: ['sources/c.json'], modified: ['sources/b.json'], removed: ['sources/a.json'] },
    ])
  })

  test('of a first commit carries everything', async () => {
    const { commits, created } = await pushPayload(github.hub, repository, {
      ref: 'refs/heads/main',
      after: first,
    })

    expect(created).toBe(true)
    expect(commits.map(({ added }) => added)).toEqual([['sources/a.json', 'sources/b.json']])
  })

  test('of a new branch carries what the default branch does not have', async () => {
    const tip = await github.commit(repository, { branch: 'new', files: { 'sources/d.json': 'd' } })

    const payload = await pushPayload(github.hub, repository, { ref: 'refs/heads/new', after: tip })

    expect(payload.before).toBe(NO_SHA)
    expect(payload.commits.map(({ id }) => id)).toEqual([tip])
  })

  test('that is forced, or deletes, says so', async () => {
    const ref = 'refs/heads/main'

    const forced = await pushPayload(github.hub, repository, { ref, before: second, after: first })
    const deleted = await pushPayload(github.hub, repository, { ref, before: first, after: NO_SHA })

    expect([forced.forced, forced.deleted]).toEqual([true, false])
    expect([deleted.deleted, deleted.head_commit, deleted.commits]).toEqual([true, null, []])
  })
})

describe('other events', () => {
  test('a pull request from a fork has both ends, in each of its actions', async () => {
    const fork = await github.fork(repository, 'bob')
    const one = await github.commit(fork, { branch: 'patch', files: { 'sources/e.json': 'e' } })
    const pull = await github.openPull(repository, { head: fork, branch: 'patch' })
    const opened = await pullRequestPayload(github.hub, pull, { action: 'opened' })
    const two = await github.commit(fork, { branch: 'patch', files: { 'sources/f.json': 'f' } })
    const pushed = await pullRequestPayload(github.hub, pull, {
      action: 'synchronize',
      before: one,
      after: two,
    })
    await github.mergePull(pull, 'ann')
    const closed = await pullRequestPayload(github.hub, pull, { action: 'closed', sender: 'ann' })

    expect(opened).toMatchObject({
      action: 'opened',
      number: 1,
      pull_request: {
        head: { sha: one, ref: 'patch', repo: { full_name: 'bob/openaddresses' } },
        base: { sha: second, ref: 'main', repo: { full_name: 'openaddresses/openaddresses' } },
        merged: false,
        statuses_url: `${github.url}/repos/openaddresses/openaddresses/statuses/${one}`,
        comments_url: `${github.url}/repos/openaddresses/openaddresses/issues/1/comments`,
      },
      repository: { full_name: 'openaddresses/openaddresses' },
      sender: { login: 'bob' },
    })
    expect(pushed).toMatchObject({
      action: 'synchronize',
      before: one,
      after: two,
      pull_request: { head: { sha: two } },
    })
    expect(closed).toMatchObject({
      action: 'closed',
      pull_request: { merged: true, state: 'closed' },
      sender: { login: 'ann' },
    })
  })

  test('a ping has its hook, and a comment has its issue', () => {
    const comment = github.comment(repository, { number: 1, body: '/retest', author: 'eve' })

    expect(pingPayload(github.hub, repository)).toMatchObject({
      zen: expect.any(String),
      hook: { active: true },
    })
    expect(issueCommentPayload(github.hub, { repository, comment, action: 'created' })).toMatchObject({
      action: 'created',
      issue: { number: 1, pull_request: { url: `${github.url}/repos/openaddresses/openaddresses/pulls/1` } },
      comment: { body: '/retest', user: { login: 'eve' } },
      sender: { login: 'eve' },
    })
  })
})

describe('sendWebhook', () => {
  test('signs the very bytes that it sends, in both ways', async () => {
    const delivered = await sendWebhook(`${hook.url}/hook`, 'hush', {
      event: 'ping',
      payload: { zen: 'Ümlaut' },
    })

    const { headers, body, path } = heard.at(-1)!
    const hmac = (algorithm: string) => createHmac(algorithm, 'hush').update(body).digest('hex')
    expect(delivered).toMatchObject({ status: 202, body: '{"url":"/jobs/1"}' })
    expect(path).toBe('/hook')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': delivered.delivery,
      'x-hub-signature': `sha1=${hmac('sha1')}`,
      'x-hub-signature-256': `sha256=${hmac('sha256')}`,
    })
  })

  test('delivers again under the same number', async () => {
    const one = await sendWebhook(hook.url, 'hush', { event: 'ping', payload: {} })
    const two = await sendWebhook(hook.url, 'hush', { event: 'ping', payload: {}, delivery: one.delivery })

    expect(two.delivery).toBe(one.delivery)
    expect(heard.slice(-2).map(({ headers }) => headers['x-github-delivery'])).toEqual([
      one.delivery,
      one.delivery,
    ])
  })
})
