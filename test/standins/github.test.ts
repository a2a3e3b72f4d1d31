import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type GitHub, startGitHub } from './github.ts'
import { git } from './github_git.ts'
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

interface Compare {
  readonly status: string
  readonly ahead_by: number
  readonly behind_by: number
  readonly total_commits: number
  readonly merge_base_commit: { readonly sha: string }
  readonly commits: { readonly sha: string }[]
  readonly files: Changed[]
}

interface Changed {
  readonly filename: string
  readonly status: string
  readonly sha: string
  readonly previous_filename?: string
}

function names(files: readonly Changed[]): string[] {
  return files.map(({ status, filename, previous_filename }) =>
    [status, filename, ...(previous_filename === undefined ? [] : [previous_filename])].join(' '),
  )
}

describe('compare', () => {
  test('has what was added, changed, removed and renamed since the merge base', async () => {
    const head = await github.commit(repository, {
      branch: 'more',
      files: {
        'README.md': 'Sources of the world\n',
        'sources/us/ca/berkeley.json': null,
        'sources/us/ca/city_of_berkeley.json': BERKELEY,
        'sources/fr/01.json': '{}\n',
      },
    })
    await github.commit(repository, { files: { LICENSE: 'BSD\n' } })

    const compare = await get<Compare>('/compare/main...more')

    expect(compare.status).toBe('diverged')
    expect([compare.ahead_by, compare.behind_by, compare.total_commits]).toEqual([1, 1, 1])
    expect(compare.merge_base_commit.sha).toBe(first)
    expect(compare.commits.map(({ sha }) => sha)).toEqual([head])
    expect(names(compare.files)).toEqual([
      'modified README.md',
      'added sources/fr/01.json',
      'renamed sources/us/ca/city_of_berkeley.json sources/us/ca/berkeley.json',
    ])
  })

  const statuses: [basehead: string, status: string][] = [
    ['main...main', 'identical'],
    ['main...more', 'ahead'],
    ['more...main', 'behind'],
  ]
  for (const [basehead, status] of statuses) {
    test(`says ${status} for ${basehead}`, async () => {
      await github.commit(repository, { branch: 'more', files: { a: 'a' } })

      expect((await get<Compare>(`/compare/${basehead}`)).status).toBe(status)
    })
  }

  test('tells removed files, odd names and branches with a slash', async () => {
    await github.commit(repository, {
      branch: 'fix/öäü',
      files: { 'sources/us/ca/berkeley.json': null, 'sources/fi/etelä karjala "1".json': '{}' },
    })

    const compare = await get<Compare>(`/compare/main...${encodeURIComponent('fix/öäü')}`)

    expect(names(compare.files).toSorted()).toEqual([
      'added sources/fi/etelä karjala "1".json',
      'removed sources/us/ca/berkeley.json',
    ])
    expect(compare.files.every(({ sha }) => /^[0-9a-f]{40}$/.test(sha))).toBe(true)
  })

  test('goes across forks, by owner and by sha', async () => {
    const fork = await github.fork(repository, 'ann')
    const head = await github.commit(fork, { branch: 'patch-1', files: { 'sources/us/ny.json': '{}' } })

    const byOwner = await get<Compare>('/compare/main...ann:patch-1')
    const bySha = await get<Compare>(`/compare/${first}...${head}`)
    const absent = await fetch(`${github.url}/repos/openaddresses/openaddresses/compare/main...patch-1`)

    expect(names(byOwner.files)).toEqual(['added sources/us/ny.json'])
    expect(bySha.files).toEqual(byOwner.files)
    expect(absent.status).toBe(404)
  })

  test('is cut at three hundred files; a tree tells them all', async () => {
    const files = Object.fromEntries(Array.from({ length: 350 }, (_, i) => [`sources/xx/${i}.json`, `${i}`]))
    await github.commit(repository, { branch: 'many', files })

    const compare = await get<Compare>('/compare/main...many')
    const tree = await get<{ tree: { path: string; type: string }[]; truncated: boolean }>(
      '/git/trees/many?recursive=1',
    )

    expect(compare.files).toHaveLength(300)
    expect(
      tree.tree.filter(({ type, path }) => type === 'blob' && path.startsWith('sources/xx/')),
    ).toHaveLength(350)
    expect(tree.truncated).toBe(false)
  })

  test('refuses histories that have nothing in common', async () => {
    const person = ['-c', 'user.name=ann', '-c', 'user.email=ann@machine.example']
    const orphan = await git(repository.dir, [...person, 'commit-tree', `${first}^{tree}`, '-m', 'Alone'])
    await github.moveBranch(repository, 'orphan', orphan)

    const { message } = await get('/compare/main...orphan')

    expect(message).toBe('No common ancestor between main and orphan.')
  })
})

describe('contents', () => {
  test('are the bytes of a file at a ref, with the sha of its blob', async () => {
    const bytes = Buffer.from([0xff, 0x0d, 0x0a, 0x00, 0x41])
    await github.commit(repository, { branch: 'more', files: { 'sources/a b/ü.bin': bytes } })

    const file = await get<{ content: string; encoding: string; sha: string; size: number; type: string }>(
      `/contents/${encodeURI('sources/a b/ü.bin')}?ref=more`,
    )
    const blob = await get<{ content: string }>(`/git/blobs/${file.sha}`)
    const onMain = await fetch(
      `${github.url}/repos/openaddresses/openaddresses/contents/sources/a%20b/%C3%BC.bin`,
    )

    expect([file.type, file.encoding, file.size]).toEqual(['file', 'base64', 5])
    expect(Buffer.from(file.content, 'base64')).toEqual(bytes)
    expect(Buffer.from(blob.content, 'base64')).toEqual(bytes)
    expect(onMain.status).toBe(404)
  })

  test('are a list for a folder', async () => {
    const list = await get<{ name: string; path: string; type: string }[]>('/contents/sources/us/ca')

    expect(list.map(({ name, path, type }) => [name, path, type])).toEqual([
      ['berkeley.json', 'sources/us/ca/berkeley.json', 'file'],
    ])
  })

  test('follow a link inside the repository, and describe one that leads out, and submodules', async () => {
    await github.commit(repository, {
      files: {
        'sources/us/ca/inside.json': { link: 'berkeley.json' },
        'sources/us/ca/outside.json': { link: '../../../../etc/passwd' },
        sub: { submodule: first },
      },
    })

    const inside = await get<{ type: string; content: string }>('/contents/sources/us/ca/inside.json')
    const outside = await get<{ type: string; target: string }>('/contents/sources/us/ca/outside.json')
    const submodule = await get<{ type: string }>('/contents/sub')

    expect(Buffer.from(inside.content, 'base64').toString()).toBe(BERKELEY)
    expect([outside.type, outside.target]).toEqual(['symlink', '../../../../etc/passwd'])
    expect(submodule.type).toBe('submodule')
  })

  test('come raw when they are asked for raw', async () => {
    const url = `${github.url}/repos/openaddresses/openaddresses/contents/sources/us/ca/berkeley.json`

    const response = await fetch(url, { headers: { accept: 'application/vnd.github.raw+json' } })

    expect(await response.text()).toBe(BERKELEY)
  })
})
