import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { type GitHub, startGitHub } from './github.ts'
import type { Repository } from './github_hub.ts'

let github: GitHub
let repository: Repository
let sha: string

beforeAll(async () => {
  github = await startGitHub({ token: 'secret', login: 'machine[bot]', limits: { statuses: 3 } })
  repository = await github.repository()
  sha = await github.commit(repository, { files: { 'README.md': 'Sources\n' } })
  await github.commit(repository, { branch: 'patch', files: { a: 'a' } })
  await github.openPull(repository, { branch: 'patch' })
})

afterAll(() => github.close())

afterEach(() => github.behave())

async function call(method: string, path: string, body?: unknown, token = 'secret') {
  const response = await fetch(`${github.url}/repos/openaddresses/openaddresses${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) }
}

describe('statuses', () => {
  const refused: [what: string, body: Record<string, unknown>][] = [
    ['a state that there is not', { state: 'good' }],
    ['no state', { description: 'x' }],
    ['a description of 141 characters', { state: 'success', description: 'x'.repeat(141) }],
    ['an address that is none', { state: 'success', target_url: 'machine/jobs/1' }],
  ]
  for (const [what, body] of refused) {
    test(`with ${what} are refused`, async () => {
      const { status, json } = await call('POST', `/statuses/${sha}`, body)

      expect([status, json.message]).toEqual([422, 'Validation Failed'])
    })
  }

  test('of a commit that there is not are refused', async () => {
    const { status, json } = await call('POST', `/statuses/${'1'.repeat(40)}`, { state: 'success' })

    expect([status, json.message]).toEqual([422, `No commit found for SHA: ${'1'.repeat(40)}`])
  })

  test('are kept, listed newest first, and summed up', async () => {
    const context = 'openaddresses/hooked'
    const target_url = 'https://machine.example/jobs/1'

    const posted = await call('POST', `/statuses/${sha}`, {
      state: 'pending',
      description: 'é'.repeat(140),
      context,
    })
    const pending = await call('GET', `/commits/${sha}/status`)
    await call('POST', `/statuses/${sha}`, { state: 'success', description: 'Done', context, target_url })
    const list = await call('GET', '/commits/main/statuses')
    const combined = await call('GET', `/commits/main/status`)

    expect(posted.status).toBe(201)
    expect(posted.json).toMatchObject({
      state: 'pending',
      context,
      creator: { login: 'machine[bot]', type: 'Bot' },
    })
    expect(pending.json.state).toBe('pending')
    expect(list.json.map(({ state }: { state: string }) => state)).toEqual(['success', 'pending'])
    expect(combined.json).toMatchObject({ state: 'success', total_count: 1, statuses: [{ target_url }] })
    expect(github.statuses(repository, sha).map(({ state, description }) => [state, description])).toEqual([
      ['pending', 'é'.repeat(140)],
      ['success', 'Done'],
    ])
  })

  test('are refused from the maximum on, for that commit and context only', async () => {
    const post = (context: string) => call('POST', `/statuses/${sha}`, { state: 'pending', context })
    for (let i = 0; i < 3; i++) await post('full')

    const { status, json } = await post('full')

    expect(status).toBe(422)
    expect(json.errors[0].message).toBe('This SHA and context has reached the maximum number of statuses.')
    expect((await post('other')).status).toBe(201)
  })
})

describe('comments', () => {
  test('are written, changed, listed in pages, reacted to and deleted', async () => {
    const { json: made } = await call('POST', '/issues/1/comments', { body: 'Hello' })
    await call('PATCH', `/issues/comments/${made.id}`, { body: 'Hello again' })
    github.comment(repository, { number: 1, body: '/retest', author: 'ann' })
    const eyes = await call('POST', `/issues/comments/${made.id}/reactions`, { content: 'eyes' })
    const again = await call('POST', `/issues/comments/${made.id}/reactions`, { content: 'eyes' })
    const page = await call('GET', '/issues/1/comments?per_page=1&page=2')
    const gone = await call('DELETE', `/issues/comments/${made.id}`)

    expect(made).toMatchObject({ body: 'Hello', user: { login: 'machine[bot]' } })
    expect([eyes.status, again.status, again.json.id]).toEqual([201, 200, eyes.json.id])
    expect(page.json).toMatchObject([{ body: '/retest', user: { login: 'ann' }, author_association: 'NONE' }])
    expect(page.headers.get('link')).toContain('rel="prev"')
    expect(gone.status).toBe(204)
    expect(github.comments(repository, 1).map(({ body }) => body)).toEqual(['/retest'])
  })

  const refused: [what: string, path: string, body: unknown, status: number][] = [
    ['without a text', '/issues/1/comments', {}, 422],
    ['that are blank', '/issues/1/comments', { body: ' ' }, 422],
    ['of 65,537 characters', '/issues/1/comments', { body: 'x'.repeat(65_537) }, 422],
    ['on an issue that there is not', '/issues/99/comments', { body: 'x' }, 404],
  ]
  for (const [what, path, body, status] of refused) {
    test(`${what} are refused`, async () => {
      expect((await call('POST', path, body)).status).toBe(status)
    })
  }
})

describe('check runs', () => {
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'failure', message: 'wrong' }
  const output = { title: 'One problem', summary: 'See below' }

  test('go from queued to completed, and gather annotations', async () => {
    const { json: made } = await call('POST', '/check-runs', { name: 'Machine', head_sha: sha })
    const many = Array.from({ length: 50 }, () => annotation)
    await call('PATCH', `/check-runs/${made.id}`, { output: { ...output, annotations: many } })
    const { json: done } = await call('PATCH', `/check-runs/${made.id}`, {
      conclusion: 'failure',
      output: { ...output, annotations: [annotation] },
    })
    const { json: list } = await call('GET', `/commits/${sha}/check-runs?check_name=Machine`)
    const { json: page } = await call('GET', `/check-runs/${made.id}/annotations?per_page=100`)

    expect([made.status, made.conclusion]).toEqual(['queued', null])
    expect(done).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      output: { annotations_count: 51 },
    })
    expect(done.completed_at).toBeString()
    expect([list.total_count, page.length]).toEqual([1, 51])
  })

  const refused: [what: string, body: Record<string, unknown>][] = [
    ['no name', { head_sha: 'SHA' }],
    ['no commit', { name: 'Machine' }],
    ['completion without a conclusion', { name: 'Machine', head_sha: 'SHA', status: 'completed' }],
    ['a conclusion that there is not', { name: 'Machine', head_sha: 'SHA', conclusion: 'good' }],
    ['output without a summary', { name: 'Machine', head_sha: 'SHA', output: { title: 'x' } }],
    [
      'a summary too long',
      { name: 'Machine', head_sha: 'SHA', output: { ...output, summary: 'x'.repeat(65_536) } },
    ],
    [
      '51 annotations',
      { name: 'Machine', head_sha: 'SHA', output: { ...output, annotations: Array(51).fill(annotation) } },
    ],
    [
      'an annotation without a message',
      {
        name: 'Machine',
        head_sha: 'SHA',
        output: { ...output, annotations: [{ ...annotation, message: undefined }] },
      },
    ],
  ]
  for (const [what, body] of refused) {
    test(`with ${what} are refused`, async () => {
      const given = body['head_sha'] === 'SHA' ? { ...body, head_sha: sha } : body

      expect((await call('POST', '/check-runs', given)).status).toBe(422)
    })
  }
})

describe('the gate', () => {
  test('wants the right token for whatever changes something', async () => {
    const url = `${github.url}/repos/openaddresses/openaddresses`

    const wrong = await call('GET', '', undefined, 'other')
    const none = await fetch(`${url}/statuses/${sha}`, { method: 'POST', body: '{"state":"success"}' })
    const reading = await fetch(url)

    expect([wrong.status, wrong.json.message]).toEqual([401, 'Bad credentials'])
    expect([none.status, reading.status]).toEqual([401, 200])
  })

  test('counts calls in its headers, and stops when they are used up', async () => {
    const poor = await startGitHub({ limits: { calls: 2 } })
    await poor.repository()

    const answers = []
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${poor.url}/repos/openaddresses/openaddresses`)
      answers.push([response.status, response.headers.get('x-ratelimit-remaining')])
    }
    await poor.close()

    expect(answers).toEqual([
      [200, '1'],
      [200, '0'],
      [403, '0'],
    ])
  })

  test('plays a secondary rate limit, and an answer that is lost although the deed was done', async () => {
    github.misbehave({
      method: 'POST',
      path: '/repos/openaddresses/openaddresses/statuses/*',
      status: 403,
      headers: { 'retry-after': '60' },
      json: { message: 'You have exceeded a secondary rate limit.' },
    })
    github.misbehave({ method: 'POST', path: /statuses/, status: 502, done: true })
    const before = github.statuses(repository).length
    const post = () =>
      call('POST', `/statuses/${sha}`, { state: 'success', context: 'lost' }).catch(() => undefined)

    const limited = await post()
    const after = github.statuses(repository).length
    const response = await fetch(`${github.url}/repos/openaddresses/openaddresses/statuses/${sha}`, {
      method: 'POST',
      headers: { authorization: 'token secret' },
      body: '{"state":"success","context":"lost"}',
    })

    expect([limited?.status, limited?.headers.get('retry-after')]).toEqual([403, '60'])
    expect(after).toBe(before)
    expect(response.status).toBe(502)
    expect(github.statuses(repository).length).toBe(before + 1)
    expect(github.calls.at(-1)).toMatchObject({ method: 'POST', status: 502, body: { context: 'lost' } })
  })
})
