import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { type GitHub as StandIn, startGitHub } from '../../test/standins/github.ts'
import { type CommitStatus, type GitHub, github } from './github.ts'
import { GitHubError } from './github_call.ts'

const REPOSITORY = { owner: 'openaddresses', name: 'openaddresses' }
const STATUS: CommitStatus = {
  state: 'pending',
  description: 'Checking us/ca/berkeley',
  targetUrl: 'https://batch.example/jobs/1',
  context: 'openaddresses/hooked',
}
const BERKELEY = 'sources/us/ca/berkeley.json'
const ODD = 'sources/de/Straße #1 & ½?.json'
const LARGE = 'x'.repeat(1_200_000)

let hub: StandIn
let first: string
let head: string
let away: GitHub

beforeAll(async () => {
  hub = await startGitHub({ token: 'ghp_secret' })
  const repository = await hub.repository({
    files: {
      [BERKELEY]: '{"a":1}\n',
      'sources/old.json': '{"renamed":"so that git sees it"}\n',
      'README.md': 'Hello\n',
    },
  })
  first = await hub.commit(repository, {
    branch: 'main',
    files: { 'sources/large.json': LARGE },
    message: 'Large',
  })
  head = await hub.commit(repository, {
    branch: 'feature/berkeley',
    files: {
      [BERKELEY]: '{"a":2}\n',
      [ODD]: '{"odd":true}\n',
      'README.md': null,
      'sources/old.json': null,
      'sources/new.json': '{"renamed":"so that git sees it"}\n',
    },
    message: 'Change',
  })
  away = github({ token: 'ghp_secret', apiUrl: 'http://127.0.0.1:1' })
})

afterEach(() => {
  hub.behave()
  hub.calls.length = 0
})

afterAll(() => hub.close())

function connect(callMs = 5_000): GitHub {
  return github({ token: 'ghp_secret', apiUrl: hub.url, callMs })
}

function decoded(content_b64: string): string {
  return Buffer.from(content_b64, 'base64').toString()
}

describe('compare', () => {
  test('lists what was added, modified, removed and renamed since the merge base', async () => {
    const { mergeBase, files } = await connect().compare(REPOSITORY, 'main', head)

    expect(mergeBase).toBe(first)
    expect(files.map(({ path, status, previousPath }) => [path, status, previousPath])).toEqual([
      ['README.md', 'removed', undefined],
      [ODD, 'added', undefined],
      ['sources/new.json', 'renamed', 'sources/old.json'],
      [BERKELEY, 'modified', undefined],
    ])
    expect(files.every(({ sha }) => /^[0-9a-f]{40}$/.test(sha))).toBe(true)
  })

  test('takes branches with slashes, and finds nothing between a commit and itself', async () => {
    expect((await connect().compare(REPOSITORY, 'main', 'feature/berkeley')).files.length).toBe(4)
    expect((await connect().compare(REPOSITORY, head, head)).files).toEqual([])
  })

  test('lists all files where GitHub lists the first 300 of them', async () => {
    const repository = await hub.repository({ name: 'many', files: { 'a.json': 'a', 'b.json': 'b' } })
    const files = Object.fromEntries(Array.from({ length: 310 }, (_, i) => [`sources/${i}.json`, `${i}`]))
    const many = await hub.commit(repository, {
      branch: 'many',
      files: { ...files, 'a.json': null, 'b.json': 'B' },
      message: 'Many',
    })

    const changed = (await connect().compare({ ...REPOSITORY, name: 'many' }, 'main', many)).files

    expect(changed.filter(({ status }) => status === 'added').length).toBe(310)
    expect(
      changed.filter(({ status }) => status !== 'added').map(({ path, status }) => [path, status]),
    ).toEqual([
      ['b.json', 'modified'],
      ['a.json', 'removed'],
    ])
  })

  test('says which commits GitHub does not have', async () => {
    const compared = connect().compare(REPOSITORY, 'main', 'f'.repeat(40))

    await expect(compared).rejects.toThrow(`/compare/main...${'f'.repeat(40)}?per_page=1: 404 Not Found`)
  })

  test('follows a repository to its new name, with its token', async () => {
    const repository = await hub.repository({ name: 'old-name', files: { 'a.json': 'a' } })
    hub.rename(repository, { name: 'new-name' })

    const { files } = await connect().compare({ ...REPOSITORY, name: 'old-name' }, 'main', 'main')

    expect(files).toEqual([])
    expect(hub.calls.map(({ status, headers }) => [status, headers['authorization']])).toEqual([
      [301, 'token ghp_secret'],
      [200, 'token ghp_secret'],
    ])
  })
})

describe('readFile', () => {
  test('gives content and blob sha as of a commit', async () => {
    const before = await connect().readFile(REPOSITORY, BERKELEY, first)
    const after = await connect().readFile(REPOSITORY, BERKELEY, head)

    expect(decoded(before!.content_b64)).toBe('{"a":1}\n')
    expect(decoded(after!.content_b64)).toBe('{"a":2}\n')
    expect(before!.sha).toBe('0187f3b09d66cef7911083ad49f890f5a6589589')
  })

  test('finds files with any letters in their names', async () => {
    expect(decoded((await connect().readFile(REPOSITORY, ODD, head))!.content_b64)).toBe('{"odd":true}\n')
  })

  test('gives files over 1 MB too', async () => {
    const found = await connect().readFile(REPOSITORY, 'sources/large.json', first)

    expect(decoded(found!.content_b64)).toBe(LARGE)
    expect(found!.content_b64).not.toContain('\n')
  })

  const absent: [name: string, path: string][] = [
    ['a file that is not there', 'sources/none.json'],
    ['a file that was removed', 'README.md'],
    ['a folder', 'sources'],
    ['a path that leads elsewhere', '../../../user'],
    ['no path', ''],
  ]
  for (const [name, path] of absent) {
    test(`gives nothing for ${name}`, async () => {
      expect(await connect().readFile(REPOSITORY, path, head)).toBeUndefined()
    })
  }
})

describe('tree, commit, defaultBranch, isMerged', () => {
  test('tree lists the files of a commit, not its folders', async () => {
    const tree = await connect().tree(REPOSITORY, head)

    expect([...tree.keys()].toSorted()).toEqual(
      [ODD, 'sources/large.json', 'sources/new.json', BERKELEY].toSorted(),
    )
    expect((await connect().tree(REPOSITORY, 'main')).get(BERKELEY)).toBe(
      '0187f3b09d66cef7911083ad49f890f5a6589589',
    )
  })

  test('tree is walked folder by folder where GitHub gives only a part of it', async () => {
    const whole = await connect().tree(REPOSITORY, head)
    hub.misbehave({ path: /\/git\/trees\//, status: 200, json: { sha: head, tree: [], truncated: true } })

    expect(await connect().tree(REPOSITORY, head)).toEqual(whole)
  })

  test('tree does not pass a part of a folder for the whole', async () => {
    const json = { sha: head, tree: [], truncated: true }
    hub.misbehave({ path: /\/git\/trees\//, times: 2, status: 200, json })

    await expect(connect().tree(REPOSITORY, head)).rejects.toThrow('larger than GitHub lists')
  })

  test('commit knows a branch, and no commit that is not there', async () => {
    expect(await connect().commit(REPOSITORY, 'feature/berkeley')).toBe(head)
    expect(await connect().commit(REPOSITORY, 'f'.repeat(40))).toBeUndefined()
  })

  test('isMerged holds for what is on the default branch', async () => {
    expect(await connect().defaultBranch(REPOSITORY)).toBe('main')
    expect(await connect().isMerged(REPOSITORY, first)).toBe(true)
    expect(await connect().isMerged(REPOSITORY, head)).toBe(false)
  })
})

describe('postStatus', () => {
  test('says it, under the names of GitHub', async () => {
    expect(await connect().postStatus(REPOSITORY, head, STATUS)).toEqual({ kind: 'said' })

    expect(hub.calls[0]?.body).toEqual({
      state: 'pending',
      description: 'Checking us/ca/berkeley',
      target_url: 'https://batch.example/jobs/1',
      context: 'openaddresses/hooked',
    })
    expect(hub.calls[0]?.headers['user-agent']).toStartWith('openaddresses-machine/')
  })

  test('cuts a description to 140 characters, none of them in half', async () => {
    const description = `${'x'.repeat(138)}🏠🏠🏠`

    expect(await connect().postStatus(REPOSITORY, head, { ...STATUS, description })).toEqual({ kind: 'said' })

    expect(hub.calls[0]?.body).toMatchObject({ description: `${'x'.repeat(138)}🏠…` })
  })

  test('says it under the new name of a repository', async () => {
    const repository = await hub.repository({ name: 'before', files: { a: 'a' } })
    const sha = (await connect().commit({ ...REPOSITORY, name: 'before' }, 'main'))!
    hub.rename(repository, { name: 'after' })

    expect(await connect().postStatus({ ...REPOSITORY, name: 'before' }, sha, STATUS)).toEqual({
      kind: 'said',
    })

    expect(hub.statuses(repository, sha).length).toBe(1)
  })

  const MAXIMUM = 'This SHA and context has reached the maximum number of statuses.'
  const refusals: [status: number, message: string, forEver: boolean][] = [
    [422, MAXIMUM, false],
    [404, 'Not Found', true],
    [410, 'Gone', true],
    [451, 'Repository access blocked', true],
  ]
  for (const [status, message, forEver] of refusals) {
    test(`is refused by ${status}, ${forEver ? 'for ever' : 'this time'}`, async () => {
      hub.misbehave({ status, json: { message } })

      const outcome = await connect().postStatus(REPOSITORY, head, STATUS)

      expect(outcome).toEqual({
        kind: 'refused',
        why: `POST ${hub.url}/repos/openaddresses/openaddresses/statuses/${head}: ${status} ${message}`,
        forEver,
      })
    })
  }

  test('hands back how long to wait, and does not wait', async () => {
    const json = { message: 'You have exceeded a secondary rate limit.' }
    hub.misbehave({ status: 403, headers: { 'retry-after': '90' }, json })

    const outcome = await connect().postStatus(REPOSITORY, head, STATUS)

    expect(outcome).toMatchObject({ kind: 'wait', seconds: 90 })
    expect(hub.calls.length).toBe(1)
  })

  test('throws what is passing, without a second try: the outbox has the truth of then', async () => {
    hub.misbehave({ status: 502 })
    await expect(connect().postStatus(REPOSITORY, head, STATUS)).rejects.toThrow(GitHubError)

    hub.misbehave({ hang: true })
    await expect(connect(100).postStatus(REPOSITORY, head, STATUS)).rejects.toThrow('no answer within 100 ms')

    await expect(away.postStatus(REPOSITORY, head, STATUS)).rejects.toThrow(GitHubError)
    expect(hub.calls.length).toBe(2)
  }, 15_000)

  test('does not believe an answer that does not repeat the state', async () => {
    hub.misbehave({ status: 200, json: [] })

    await expect(connect().postStatus(REPOSITORY, head, STATUS)).rejects.toThrow('did not take the status')
  })
})
