import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type GitHub, startGitHub } from './github.ts'
import type { Repository } from './github_hub.ts'

const BERKELEY =
  '{\n  "schema": 2,\n  "coverage": { "country": "us", "state": "ca", "city": "Berkeley" }\n}\n'

let github: GitHub
let repository: Repository
let first: string

beforeEach(async () => {
  github = await startGitHub()
  repository = await github.repository()
  first = await github.commit(repository, {
    files: { 'README.md': 'Sources\n', 'sources/us/ca/berkeley.json': BERKELEY },
  })
})

afterEach(() => github.close())

async function get<T = Record<string, unknown>>(path: string): Promise<T> {
  const response = await fetch(`${github.url}/repos/openaddresses/openaddresses${path}`)
  return (await response.json()) as T
}

interface Changed {
  readonly filename: string
  readonly status: string
}

function names(files: readonly Changed[]): string[] {
  return files.map(({ status, filename }) => `${status} ${filename}`)
}

describe('pull requests', () => {
  test('follow their branch, page their files, and know who brought a commit', async () => {
    const fork = await github.fork(repository, 'ann')
    const one = await github.commit(fork, {
      branch: 'patch',
      files: { 'sources/1.json': '1', 'sources/2.json': '2' },
    })
    const pull = await github.openPull(repository, { head: fork, branch: 'patch', title: 'Two more' })
    const two = await github.commit(fork, { branch: 'patch', files: { 'sources/3.json': '3' } })

    const shown = await get<Record<string, never>>(`/pulls/${pull.number}`)
    const response = await fetch(
      `${github.url}/repos/openaddresses/openaddresses/pulls/${pull.number}/files?per_page=2`,
    )
    const files = (await response.json()) as Changed[]
    const bringing = await get<{ number: number }[]>(`/commits/${one}/pulls`)
    const unrelated = await get<unknown[]>(`/commits/${first}/pulls`)

    expect(shown).toMatchObject({
      number: 1,
      state: 'open',
      merged: false,
      changed_files: 3,
      commits: 2,
      user: { login: 'ann' },
      author_association: 'NONE',
      head: {
        label: 'ann:patch',
        ref: 'patch',
        sha: two,
        repo: { full_name: 'ann/openaddresses', fork: true },
      },
      base: { ref: 'main', sha: first, repo: { full_name: 'openaddresses/openaddresses' } },
    } as never)
    expect(names(files)).toEqual(['added sources/1.json', 'added sources/2.json'])
    expect(response.headers.get('link')).toContain('page=2>; rel="next"')
    expect(bringing.map(({ number }) => number)).toEqual([1])
    expect(unrelated).toEqual([])
  })

  test('are merged by a merge commit, and keep the files that they brought', async () => {
    await github.commit(repository, { branch: 'patch', files: { 'sources/1.json': '1' } })
    const pull = await github.openPull(repository, { branch: 'patch' })

    const merged = await github.mergePull(pull)

    expect(await get('/pulls/1')).toMatchObject({ state: 'closed', merged: true, merge_commit_sha: merged })
    expect(names(await get<Changed[]>('/pulls/1/files'))).toEqual(['added sources/1.json'])
    expect((await get<{ commit: { sha: string } }>('/branches/main')).commit.sha).toBe(merged)
    expect(await get<unknown[]>('/pulls')).toEqual([])
    expect((await get<{ status: string }>(`/compare/main...${pull.head.sha}`)).status).toBe('behind')
  })

  test('lose their head repository when it is deleted', async () => {
    const fork = await github.fork(repository, 'ann')
    await github.commit(fork, { branch: 'patch', files: { a: 'a' } })
    await github.openPull(repository, { head: fork, branch: 'patch' })

    github.remove(fork)

    expect(await get('/pulls/1')).toMatchObject({ head: { repo: null, label: 'ann:patch' } })
    expect((await fetch(`${github.url}/repos/ann/openaddresses`)).status).toBe(404)
  })
})

describe('a repository', () => {
  test('is found under its old name, and without regard to case', async () => {
    github.rename(repository, { name: 'sources' })

    const response = await fetch(`${github.url}/repos/OpenAddresses/openaddresses/branches/main`, {
      redirect: 'manual',
    })
    const followed = await get<{ name: string }>('/branches/main')

    expect(response.status).toBe(301)
    expect(response.headers.get('location')).toBe(`${github.url}/repositories/${repository.id}/branches/main`)
    expect(followed.name).toBe('main')
  })

  test('lists its branches and commits; a forced push moves one, a deletion ends it', async () => {
    const second = await github.commit(repository, { branch: 'more', files: { a: 'a' } })
    const commits = await get<{ sha: string }[]>('/commits?sha=more')
    await github.moveBranch(repository, 'more', first)
    const moved = await get<{ object: { sha: string } }>('/git/ref/heads/more')
    await github.deleteBranch(repository, 'more')

    expect(commits.map(({ sha }) => sha)).toEqual([second, first])
    expect(moved.object.sha).toBe(first)
    expect((await get<{ name: string }[]>('/branches')).map(({ name }) => name)).toEqual(['main'])
    expect((await get<{ sha: string }>(`/commits/${second}`)).sha).toBe(second)
  })

  test('says what somebody may do', async () => {
    github.permit(repository, 'Bob', 'maintain')

    const answers = []
    for (const login of ['openaddresses', 'bob', 'eve']) {
      const { permission, role_name } = await get(`/collaborators/${login}/permission`)
      answers.push([permission, role_name])
    }

    expect(answers).toEqual([
      ['admin', 'admin'],
      ['write', 'maintain'],
      ['read', 'read'],
    ])
  })

  test('has the same shas each time, so that a test may write them down', async () => {
    const other = await startGitHub()
    const again = await other.repository()
    const sha = await other.commit(again, {
      files: { 'README.md': 'Sources\n', 'sources/us/ca/berkeley.json': BERKELEY },
    })
    await other.close()

    expect(sha).toBe(first)
  })
})
