/** GitHub's answers about what changed: compares of three dots, and pull requests with their files. */
import type { Answer, Asked } from './server.ts'
import type { Parts, Route } from './router.ts'
import { type Commit, diff, git, log, mergeBase, resolve } from './github_git.ts'
import {
  failed,
  type Hub,
  htmlUrl,
  notFound,
  paged,
  type Pull,
  type Repository,
  repositoryRoute,
  repositoryUrl,
  root,
} from './github_hub.ts'
import { commitShape, fileShape, pullShape } from './github_shapes.ts'

/** A compare without pages shows no more commits than this, the newest. */
const COMPARE_COMMITS_MAX = 250

/** The routes of this file. */
export function compareRoutes(hub: Hub): Route[] {
  const routes: Parameters<typeof repositoryRoute>[1][] = [
    ['GET', '/compare/*basehead', (repository, asked, parts) => compare(hub, repository, { asked, parts })],
    ['GET', '/pulls', (repository, asked) => listPulls(hub, repository, asked)],
    ['GET', '/pulls/:number', (repository, _, parts) => readPull(hub, pullOf(hub, repository, parts))],
    [
      'GET',
      '/pulls/:number/files',
      (repository, asked, parts) => pullFiles(hub, { repository, asked, parts }),
    ],
    [
      'GET',
      '/pulls/:number/commits',
      (repository, asked, parts) => pullCommits(hub, { repository, asked, parts }),
    ],
  ]
  return routes.map((route) => repositoryRoute(hub, route))
}

async function compare(
  hub: Hub,
  repository: Repository,
  { asked, parts: { basehead = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const [baseName, headName] = basehead.split('...')
  if (!baseName || !headName) return notFound()
  const base = await resolveEnd(hub, repository, baseName)
  const head = await resolveEnd(hub, repository, headName)
  if (base === undefined || head === undefined) return notFound()
  const { dir } = repository
  const ancestor = await mergeBase(dir, base, head)
  if (ancestor === undefined) {
    return failed(404, `No common ancestor between ${baseName} and ${headName}.`)
  }
  const [[baseCommit], [ancestorCommit], commits] = await Promise.all([
    log(dir, ['-1', base]),
    log(dir, ['-1', ancestor]),
    log(dir, [`${base}..${head}`]),
  ])
  const behind = Number(await git(dir, ['rev-list', '--count', `${head}..${base}`]))
  const shown = comparePage(hub, asked, commits)
  const changes = shown.isFirst ? await diff(dir, ancestor, head) : []
  const files = changes.slice(0, hub.limits.compareFiles)
  const [url, html] = [repositoryUrl(hub, repository), htmlUrl(hub, repository)]
  return {
    ...(shown.headers === undefined ? {} : { headers: shown.headers }),
    json: {
      url: `${url}/compare/${basehead}`,
      html_url: `${html}/compare/${basehead}`,
      permalink_url: `${html}/compare/${base.slice(0, 7)}...${head.slice(0, 7)}`,
      diff_url: `${html}/compare/${basehead}.diff`,
      patch_url: `${html}/compare/${basehead}.patch`,
      base_commit: commitShape(hub, repository, baseCommit!),
      merge_base_commit: commitShape(hub, repository, ancestorCommit!),
      status: compareStatus(commits.length, behind),
      ahead_by: commits.length,
      behind_by: behind,
      total_commits: commits.length,
      commits: shown.commits.map((commit) => commitShape(hub, repository, commit)),
      files: files.map((change) => fileShape(hub, repository, { change, ref: head })),
    },
  }
}

/** `branch`, `sha`, `owner:branch` or `owner:repository:branch`, within one network of forks. */
async function resolveEnd(hub: Hub, repository: Repository, name: string): Promise<string | undefined> {
  const parts = name.split(':')
  if (parts.length === 1) return await resolve(repository, name)
  const [owner, ref] = [parts[0]!.toLowerCase(), parts.at(-1)!]
  const related = [...new Set(hub.repositories.values())].find(
    (other) => root(other) === root(repository) && other.owner.toLowerCase() === owner,
  )
  return related === undefined ? undefined : await resolve(related, ref)
}

/** Files come with the first page of commits only. */
function comparePage(hub: Hub, asked: Asked, commits: readonly Commit[]) {
  const isPaged = asked.query.has('page') || asked.query.has('per_page')
  if (!isPaged) return { commits: commits.slice(-COMPARE_COMMITS_MAX), isFirst: true, headers: undefined }
  const { page, headers } = paged(hub, asked, commits)
  return { commits: page as Commit[], isFirst: Number(asked.query.get('page') ?? 1) === 1, headers }
}

function compareStatus(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead === 0) return behind === 0 ? 'identical' : 'behind'
  return behind === 0 ? 'ahead' : 'diverged'
}

function pullOf(hub: Hub, repository: Repository, { number }: Parts): Pull | undefined {
  return hub.pulls.find((pull) => pull.base.repository === repository && pull.number === Number(number))
}

/** What a pull request changes: from the merge base of both ends to its head. */
async function pullRange(pull: Pull): Promise<{ from: string; to: string; base: string }> {
  const { dir } = pull.base.repository
  const base = pull.state === 'open' ? await resolve(pull.base.repository, pull.base.branch) : pull.base.sha
  const from = base && (await mergeBase(dir, base, pull.head.sha))
  return { from: from ?? pull.base.sha, to: pull.head.sha, base: base ?? pull.base.sha }
}

async function readPull(hub: Hub, pull: Pull | undefined): Promise<Answer> {
  if (pull === undefined) return notFound()
  return { json: await pullWithCounts(hub, pull) }
}

/** A pull request with its counts of commits, files and lines. */
export async function pullWithCounts(hub: Hub, pull: Pull) {
  const { dir } = pull.base.repository
  const { from, to, base } = await pullRange(pull)
  const [changes, commits] = [await diff(dir, from, to), await log(dir, [`${base}..${to}`])]
  return {
    ...pullShape(hub, pull),
    comments: (hub.comments.get(pull.base.repository) ?? []).filter(({ number }) => number === pull.number)
      .length,
    commits: commits.length,
    additions: changes.reduce((sum, { additions }) => sum + additions, 0),
    deletions: changes.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: changes.length,
  }
}

function listPulls(hub: Hub, repository: Repository, asked: Asked): Answer {
  const state = asked.query.get('state') ?? 'open'
  const head = asked.query.get('head')
  const base = asked.query.get('base')
  const found = hub.pulls
    .filter((pull) => pull.base.repository === repository)
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => base === null || pull.base.branch === base)
    .filter((pull) => head === null || `${pull.head.repository?.owner}:${pull.head.branch}` === head)
    .toReversed()
  const { page, ...rest } = paged(hub, asked, found)
  return { ...rest, json: (page as Pull[]).map((pull) => pullShape(hub, pull)) }
}

interface Of {
  readonly repository: Repository
  readonly asked: Asked
  readonly parts: Parts
}

async function pullFiles(hub: Hub, { repository, asked, parts }: Of): Promise<Answer> {
  const pull = pullOf(hub, repository, parts)
  if (pull === undefined) return notFound()
  const { from, to } = await pullRange(pull)
  const changes = (await diff(repository.dir, from, to)).slice(0, hub.limits.pullFiles)
  const { page, ...rest } = paged(hub, asked, changes)
  const shown = (page as typeof changes).map((change) => fileShape(hub, repository, { change, ref: to }))
  return { ...rest, json: shown }
}

async function pullCommits(hub: Hub, { repository, asked, parts }: Of): Promise<Answer> {
  const pull = pullOf(hub, repository, parts)
  if (pull === undefined) return notFound()
  const { base, to } = await pullRange(pull)
  const commits = await log(repository.dir, [`${base}..${to}`])
  const { page, ...rest } = paged(hub, asked, commits)
  return { ...rest, json: (page as Commit[]).map((commit) => commitShape(hub, repository, commit)) }
}
