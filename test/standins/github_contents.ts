/** GitHub's answers about what a repository holds: itself, contents, blobs, trees, commits, branches. */
import { posix } from 'node:path'
import type { Answer, Asked } from './server.ts'
import type { Parts, Route } from './router.ts'
import { blob, branches, type Entry, diff, log, mergeBase, resolve, tree } from './github_git.ts'
import {
  failed,
  type Hub,
  htmlUrl,
  invalid,
  notFound,
  paged,
  type Repository,
  repositoryRoute,
  repositoryUrl,
} from './github_hub.ts'
import { commitShape, fileShape, permission, pullShape, repositoryShape, userShape } from './github_shapes.ts'

/** Larger files come without their content. */
const CONTENT_BYTES_MAX = 1_048_576

/** What git says an empty folder is. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** The routes of this file. */
export function contentRoutes(hub: Hub): Route[] {
  const routes: Parameters<typeof repositoryRoute>[1][] = [
    ['GET', '', (repository) => ({ json: repositoryFull(hub, repository) })],
    ['GET', '/contents', (repository, asked) => contents(hub, repository, { asked, path: '' })],
    [
      'GET',
      '/contents/*path',
      (repository, asked, { path = '' }) => contents(hub, repository, { asked, path }),
    ],
    ['GET', '/git/blobs/:sha', (repository, _, parts) => readBlob(hub, repository, parts)],
    ['GET', '/git/trees/*sha', (repository, asked, parts) => readTree(hub, repository, { asked, parts })],
    ['GET', '/branches', (repository, asked) => listBranches(hub, repository, asked)],
    ['GET', '/branches/*branch', (repository, _, parts) => readBranch(hub, repository, parts)],
    ['GET', '/git/ref/*ref', (repository, _, parts) => readRef(hub, repository, parts)],
    ['GET', '/commits', (repository, asked) => listCommits(hub, repository, asked)],
    ['GET', '/commits/:sha/pulls', (repository, asked, parts) => pullsOf(hub, repository, { asked, parts })],
    [
      'GET',
      '/collaborators/:user/permission',
      (repository, _, { user = '' }) => {
        const role = permission(hub, repository, user)
        const legacy = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role
        return { json: { permission: legacy, role_name: role, user: userShape(hub, user) } }
      },
    ],
  ]
  return routes.map((route) => repositoryRoute(hub, route))
}

/** Last, because a ref may hold slashes: anything below /commits that nobody else has answered. */
export function commitRoute(hub: Hub): Route {
  return repositoryRoute(hub, [
    'GET',
    '/commits/*ref',
    async (repository, _, { ref = '' }) => {
      const sha = await resolve(repository, ref)
      if (sha === undefined) return failed(422, `No commit found for SHA: ${ref}`)
      const [commit] = await log(repository.dir, ['-1', sha])
      const changes = await diff(repository.dir, commit!.parents[0] ?? EMPTY_TREE, sha)
      const files = changes.slice(0, hub.limits.compareFiles)
      const additions = changes.reduce((sum, change) => sum + change.additions, 0)
      const deletions = changes.reduce((sum, change) => sum + change.deletions, 0)
      return {
        json: {
          ...commitShape(hub, repository, commit!),
          stats: { additions, deletions, total: additions + deletions },
          files: files.map((change) => fileShape(hub, repository, { change, ref: sha })),
        },
      }
    },
  ])
}

function repositoryFull(hub: Hub, repository: Repository) {
  const { parent } = repository
  return {
    ...repositoryShape(hub, repository),
    ...(parent === undefined
      ? {}
      : { parent: repositoryShape(hub, parent), source: repositoryShape(hub, parent) }),
  }
}

async function contents(
  hub: Hub,
  repository: Repository,
  { asked, path }: { asked: Asked; path: string },
): Promise<Answer> {
  const ref = asked.query.get('ref') ?? repository.defaultBranch
  const sha = await resolve(repository, ref)
  if (sha === undefined) return failed(404, `No commit found for the ref ${ref}`)
  const clean = path.replace(/^\/+|\/+$/g, '')
  const where = { hub, repository, ref }
  if (clean === '')
    return { json: (await tree(repository.dir, sha)).map((entry) => entryShape(where, entry)) }

  const [entry] = (await tree(repository.dir, `${sha}:${folderOf(clean)}`).catch(() => [])).filter(
    ({ path }) => path === posix.basename(clean),
  )
  if (entry === undefined) return notFound()
  if (entry.type === 'tree') {
    const inside = await tree(repository.dir, entry.sha)
    return { json: inside.map((one) => entryShape(where, { ...one, path: `${clean}/${one.path}` })) }
  }
  const here = { ...entry, path: clean }
  if (entry.type === 'commit') return { json: { ...entryShape(where, here), submodule_git_url: null } }
  return await fileContents(where, { entry: here, asked, commit: sha })
}

async function fileContents(
  where: Where,
  { entry, asked, commit }: { entry: Entry; asked: Asked; commit: string },
): Promise<Answer> {
  const content = (await blob(where.repository.dir, entry.sha))!
  if (entry.mode === '120000') {
    // A link to a file of the same repository is answered with that file; any other as itself.
    const target = posix.join(folderOf(entry.path), content.toString('utf8'))
    const [linked] = target.startsWith('..')
      ? []
      : (await tree(where.repository.dir, `${commit}:${folderOf(target)}`).catch(() => [])).filter(
          ({ path, type }) => type === 'blob' && path === posix.basename(target),
        )
    if (linked === undefined || linked.mode === '120000') {
      return { json: { ...entryShape(where, entry), target: content.toString('utf8') } }
    }
    return await fileContents(where, { entry: { ...linked, path: entry.path }, asked, commit })
  }
  if (/raw/.test(asked.headers.accept ?? '')) {
    return { headers: { 'content-type': 'application/vnd.github.raw+json' }, body: content }
  }
  const isLarge = content.length > CONTENT_BYTES_MAX
  return {
    json: {
      ...entryShape(where, entry),
      content: isLarge ? '' : wrapped(content),
      encoding: isLarge ? 'none' : 'base64',
    },
  }
}

interface Where {
  readonly hub: Hub
  readonly repository: Repository
  readonly ref: string
}

function entryShape({ hub, repository, ref }: Where, entry: Entry) {
  const [url, html] = [repositoryUrl(hub, repository), htmlUrl(hub, repository)]
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const kind = { blob: entry.mode === '120000' ? 'symlink' : 'file', tree: 'dir', commit: 'submodule' }[
    entry.type
  ]
  const self = `${url}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const gitUrl = `${url}/git/${entry.type === 'blob' ? 'blobs' : 'trees'}/${entry.sha}`
  const htmlPage = `${html}/${entry.type}/${ref}/${path}`
  return {
    name: posix.basename(entry.path),
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url: self,
    html_url: htmlPage,
    git_url: gitUrl,
    download_url: entry.type === 'blob' ? `${html}/raw/${ref}/${path}` : null,
    type: kind,
    _links: { self, git: gitUrl, html: htmlPage },
  }
}

async function readBlob(hub: Hub, repository: Repository, { sha = '' }: Parts): Promise<Answer> {
  const content = /^[0-9a-f]{40}$/.test(sha) ? await blob(repository.dir, sha) : undefined
  if (content === undefined) return notFound()
  const url = `${repositoryUrl(hub, repository)}/git/blobs/${sha}`
  return {
    json: {
      sha,
      node_id: `B_${sha.slice(0, 12)}`,
      size: content.length,
      url,
      content: wrapped(content),
      encoding: 'base64',
    },
  }
}

async function readTree(
  hub: Hub,
  repository: Repository,
  { asked, parts: { sha = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const treeish = (await resolve(repository, sha)) ?? (/^[0-9a-f]{40}$/.test(sha) ? sha : undefined)
  const isRecursive = asked.query.has('recursive')
  const entries = treeish && (await tree(repository.dir, treeish, isRecursive).catch(() => undefined))
  if (!entries) return notFound()
  const url = `${repositoryUrl(hub, repository)}/git`
  const kinds = { blob: 'blobs', tree: 'trees', commit: 'commits' }
  const shown = entries.slice(0, hub.limits.treeEntries).map(({ path, mode, type, sha, size }) => ({
    path,
    mode,
    type,
    sha,
    ...(size === undefined ? {} : { size }),
    ...(type === 'commit' ? {} : { url: `${url}/${kinds[type]}/${sha}` }),
  }))
  return {
    json: {
      sha: treeish,
      url: `${url}/trees/${treeish}`,
      tree: shown,
      truncated: shown.length < entries.length,
    },
  }
}

async function listBranches(hub: Hub, repository: Repository, asked: Asked): Promise<Answer> {
  const url = `${repositoryUrl(hub, repository)}/commits`
  const { page, ...rest } = paged(hub, asked, await branches(repository))
  const shown = (page as { name: string; sha: string }[]).map(({ name, sha }) => ({
    name,
    commit: { sha, url: `${url}/${sha}` },
    protected: false,
  }))
  return { ...rest, json: shown }
}

async function readBranch(hub: Hub, repository: Repository, { branch = '' }: Parts): Promise<Answer> {
  const found = (await branches(repository)).find(({ name }) => name === branch)
  if (found === undefined) return failed(404, 'Branch not found')
  const [commit] = await log(repository.dir, ['-1', found.sha])
  return { json: { name: branch, commit: commitShape(hub, repository, commit!), protected: false } }
}

async function readRef(hub: Hub, repository: Repository, { ref = '' }: Parts): Promise<Answer> {
  const sha = /^(heads|tags|pull)\//.test(ref) ? await resolve(repository, `refs/${ref}`) : undefined
  if (sha === undefined) return notFound()
  const url = `${repositoryUrl(hub, repository)}/git`
  return {
    json: {
      ref: `refs/${ref}`,
      node_id: `REF_${ref}`,
      url: `${url}/refs/${ref}`,
      object: { sha, type: 'commit', url: `${url}/commits/${sha}` },
    },
  }
}

async function listCommits(hub: Hub, repository: Repository, asked: Asked): Promise<Answer> {
  const sha = await resolve(repository, asked.query.get('sha') ?? repository.defaultBranch)
  if (sha === undefined) return notFound()
  const path = asked.query.get('path')
  const all = await log(repository.dir, [sha, ...(path === null ? [] : ['--', path])])
  const { page, ...rest } = paged(hub, asked, all.toReversed())
  return { ...rest, json: (page as typeof all).map((commit) => commitShape(hub, repository, commit)) }
}

/** Pull requests that brought a commit in, or would. */
async function pullsOf(
  hub: Hub,
  repository: Repository,
  { asked, parts: { sha = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const commit = await resolve(repository, sha)
  if (commit === undefined) return invalid('Commit', 'sha', `No commit found for SHA: ${sha}`)
  const found = []
  for (const pull of hub.pulls) {
    if (pull.base.repository !== repository) continue
    const isInside = (await mergeBase(repository.dir, commit, pull.head.sha)) === commit
    const wasThere = (await mergeBase(repository.dir, commit, pull.base.sha)) === commit
    if ((isInside && !wasThere) || pull.mergedSha === commit) found.push(pullShape(hub, pull))
  }
  const { page, ...rest } = paged(hub, asked, found)
  return { ...rest, json: page }
}

/** The folder of a path; '' for the top. */
function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}

/** Base64 in lines of sixty, as GitHub has it. */
function wrapped(content: Buffer): string {
  return content.toString('base64').replace(/.{1,60}/g, '$&\n')
}
