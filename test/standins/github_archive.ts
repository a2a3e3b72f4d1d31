/** GitHub's tarballs: a redirect to another address, where git itself packs the commit. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git, resolve } from './github_git.ts'
import { type Hub, notFound, type Repository, repositoryRoute } from './github_hub.ts'
import type { Route } from './router.ts'
import type { Answer } from './server.ts'

/** The routes of this file. */
export function archiveRoutes(hub: Hub): Route[] {
  return [
    repositoryRoute(hub, [
      'GET',
      '/tarball/*ref',
      async (repository, _, { ref = '' }) => {
        const sha = await resolve(repository, ref)
        if (sha === undefined) return notFound()
        const { owner, name } = repository
        return {
          status: 302,
          headers: { location: `${hub.url}/codeload/${owner}/${name}/legacy.tar.gz/${sha}` },
        }
      },
    ]),
    [
      'GET',
      '/codeload/:owner/:repo/legacy.tar.gz/:sha',
      async (_, { owner = '', repo = '', sha = '' }) => {
        const repository = hub.repositories.get(`${owner}/${repo}`.toLowerCase())
        return repository === undefined ? notFound() : pack(repository, sha)
      },
    ],
  ]
}

async function pack(repository: Repository, sha: string): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-tarball-'))
  const file = join(folder, 'commit.tar.gz')
  const prefix = `${repository.owner}-${repository.name}-${sha.slice(0, 7)}/`
  try {
    await git(repository.dir, ['archive', '--format=tar.gz', `--prefix=${prefix}`, '-o', file, sha])
    return { headers: { 'content-type': 'application/x-gzip' }, body: await readFile(file) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
