import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { hasCatalogue, openCatalogue } from '../test/conformance/catalogue.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { type GitHub, startGitHub } from '../test/standins/github.ts'
import { git } from '../test/standins/github_git.ts'
import type { Repository } from '../test/standins/github_hub.ts'
import { type Enqueued, enqueueSources } from './enqueue_sources.ts'
import { github } from './io/github.ts'
import { githubArchive } from './io/github_archive.ts'

let db: TestDatabase
let hub: GitHub
beforeAll(async () => {
  db = await testDatabase()
  hub = await startGitHub()
})
afterAll(async () => {
  await hub.close()
  await db.drop()
})

function enqueue(): Promise<Enqueued> {
  const access = { token: undefined, apiUrl: hub.url }
  const repository = { owner: 'openaddresses', name: 'openaddresses' }
  return enqueueSources(
    { sql: db.sql, github: github(access), archive: githubArchive(access), tell: () => {} },
    { repository, anyway: true, rerun: false, dryRun: false },
  )
}

/** `path layer/name`, in order of release. */
async function manifest(set: number | null): Promise<string> {
  const rows = await db.sql<{ line: string }[]>`
    select source_path || ' ' || layer || '/' || name as line from set_sources where set_id = ${set} order by position`
  return rows.map(({ line }) => line).join('\n')
}

/** Seconds on a quiet computer (bench/set.ts measures them); minutes where others are busy beside it. */
const PATIENCE_MS = 300_000

describe.skipIf(!hasCatalogue)('the real catalogue', () => {
  test(
    'is enqueued whole, the same way each time',
    async () => {
      const catalogue = await openCatalogue()
      await commitFolder(await hub.repository(), catalogue.folder)
      await catalogue.remove()

      const manifests: string[] = []
      for (const _ of [1, 2]) {
        const began = performance.now()
        const { set, sources, files, broken } = await enqueue()
        const seconds = (performance.now() - began) / 1000
        console.log(`enqueued ${sources} data sources of ${files} files in ${seconds.toFixed(2)} s`)
        expect(sources).toBeGreaterThan(4_800)
        expect(broken).toBe(0)
        manifests.push(await manifest(set))
      }

      expect(new Set(manifests).size).toBe(1)
      expect(await db.sql`select from queue.items`).toHaveLength(0)
      expect(await db.sql`select from data_sources where removed_at is null`).toHaveLength(
        manifests[0]?.split('\n').length ?? 0,
      )
    },
    PATIENCE_MS,
  )
})

/** Commit a whole folder at once: file by file, as the stand-in does it, would take longer than the test. */
async function commitFolder(repo: Repository, folder: string): Promise<void> {
  const place = { GIT_DIR: repo.dir, GIT_WORK_TREE: folder, GIT_INDEX_FILE: join(folder, '.index') }
  const person = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b.example',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b.example',
  }
  await git(folder, ['-c', 'core.compression=0', 'add', 'sources'], place)
  const tree = await git(folder, ['write-tree'], place)
  const sha = await git(repo.dir, ['commit-tree', tree, '-m', 'All sources'], person)
  await hub.moveBranch(repo, repo.defaultBranch, sha)
}
