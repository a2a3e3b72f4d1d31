/**
 * GitHub, as far as Machine speaks with it: the REST API out of a real git repository, and webhooks.
 *
 * Compares, trees, contents and merge bases are git's own, statuses, comments and check runs are held
 * to GitHub's rules and limits, every call is recorded, and `misbehave` makes it late, broken or strict.
 * It starts empty: `repository`, `fork`, `commit` and `openPull` make a history. Not played: patches of
 * files, GraphQL, and what GitHub Apps need to sign in.
 */
import { rm } from 'node:fs/promises'
import { archiveRoutes } from './github_archive.ts'
import { activityRoutes } from './github_activity.ts'
import { checkRoutes } from './github_checks.ts'
import { addComment, commentRoutes } from './github_comments.ts'
import {
  type CommitOptions,
  commit,
  deleteBranch,
  type Files,
  makeBare,
  merge,
  moveBranch,
} from './github_commits.ts'
import { compareRoutes } from './github_compare.ts'
import { commitRoute, contentRoutes } from './github_contents.ts'
import { git, resolve } from './github_git.ts'
import {
  type CheckRun,
  type Comment,
  failed,
  fullName,
  type Hub,
  LIMITS,
  type Limits,
  nextId,
  notFound,
  type Pull,
  type Repository,
  root,
  type Status,
  timestamp,
} from './github_hub.ts'
import { statusRoutes } from './github_statuses.ts'
import { type Route, route } from './router.ts'
import { type Answer, type Asked, listen, type Respond, type Server, type ServerOptions } from './server.ts'
import { type Troubled, withTroubles } from './trouble.ts'

export interface GitHubOptions {
  /** The only token that is accepted; any, or none, without it. */
  readonly token?: string
  /** Who the token belongs to. */
  readonly login?: string
  readonly limits?: Partial<Limits>
}

/** The other side of the API: what people do on GitHub, and what a test wants to know. */
export interface GitHubWorld extends Troubled {
  readonly hub: Hub
  repository(given?: { owner?: string; name?: string; files?: Files }): Promise<Repository>
  fork(of: Repository, owner: string): Promise<Repository>
  rename(repository: Repository, to: { owner?: string; name?: string }): void
  /** Delete a repository; pull requests from it stay, without a head repository. */
  remove(repository: Repository): void
  /** Commit to a branch, new or old. Returns the sha. */
  commit(repository: Repository, options: CommitOptions): Promise<string>
  /** A forced push. */
  moveBranch(repository: Repository, branch: string, sha: string): Promise<void>
  deleteBranch(repository: Repository, branch: string): Promise<void>
  openPull(
    base: Repository,
    given: {
      branch: string
      head?: Repository
      into?: string
      title?: string
      author?: string
      draft?: boolean
    },
  ): Promise<Pull>
  /** Merge with a merge commit. Returns its sha. */
  mergePull(pull: Pull, by?: string): Promise<string>
  closePull(pull: Pull): void
  comment(repository: Repository, given: { number: number; body: string; author: string }): Comment
  /** Let somebody do more, or less, than read: `admin`, `maintain`, `write`, `triage`, `read`, `none`. */
  permit(repository: Repository, login: string, permission: string): void
  /** In the order in which they were posted. */
  statuses(repository: Repository, sha?: string): Status[]
  comments(repository: Repository, number?: number): Comment[]
  checkRuns(repository: Repository, sha?: string): CheckRun[]
  /** Remove the git folders. */
  forget(): Promise<void>
}

export type GitHub = Server & GitHubWorld

/** Start a GitHub of its own; its `url` is the base address of the API. */
export async function startGitHub(options: GitHubOptions & ServerOptions = {}): Promise<GitHub> {
  const world = playGitHub(options)
  const server = await listen(world.respond, options)
  world.hub.url = server.url
  return {
    ...server,
    ...world,
    async close() {
      await server.close()
      await world.forget()
    },
  }
}

/** The same without a port, to be mounted; set `hub.url` before anything else. */
export function playGitHub({ token, login = 'machine[bot]', limits = {} }: GitHubOptions = {}): GitHubWorld {
  const hub: Hub = {
    url: '',
    limits: { ...LIMITS, ...limits },
    token,
    login,
    repositories: new Map(),
    pulls: [],
    statuses: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    permissions: new Map(),
    lastId: 1_000,
  }
  const dirs: string[] = []

  return {
    ...withTroubles(gate(hub, routes(hub))),
    hub,
    async repository({ owner = 'openaddresses', name = 'openaddresses', files = {} } = {}) {
      const dir = await makeBare()
      dirs.push(dir)
      const made = add(hub, {
        owner,
        name,
        dir,
        heads: 'refs/heads',
        parent: undefined,
        defaultBranch: 'main',
      })
      if (Object.keys(files).length > 0) await commit(hub, made, { files, message: 'Initial commit' })
      return made
    },
    async fork(of, owner) {
      const { name, dir, defaultBranch } = of
      const made = add(hub, {
        owner,
        name,
        dir,
        defaultBranch,
        parent: of,
        heads: `refs/forks/${owner}/heads`,
      })
      const tip = await resolve(of, defaultBranch)
      if (tip !== undefined) await moveBranch(hub, made, defaultBranch, tip)
      return made
    },
    rename(repository, { owner = repository.owner, name = repository.name }) {
      Object.assign(repository, { owner, name })
      hub.repositories.set(fullName(repository).toLowerCase(), repository)
    },
    remove(repository) {
      for (const [name, one] of hub.repositories) if (one === repository) hub.repositories.delete(name)
      for (const pull of hub.pulls) if (pull.head.repository === repository) pull.head.repository = undefined
    },
    commit: (repository, options) => commit(hub, repository, options),
    moveBranch: (repository, branch, sha) => moveBranch(hub, repository, branch, sha),
    deleteBranch,
    ...pulls(hub),
    comment: (repository, given) => addComment(hub, repository, given),
    permit(repository, login, permission) {
      hub.permissions.set(`${fullName(repository)}:${login}`.toLowerCase(), permission)
    },
    statuses: (repository, sha) =>
      (hub.statuses.get(repository) ?? []).filter((status) => sha === undefined || status.sha === sha),
    comments: (repository, number) =>
      (hub.comments.get(repository) ?? []).filter(
        (comment) => number === undefined || comment.number === number,
      ),
    checkRuns: (repository, sha) =>
      (hub.checkRuns.get(repository) ?? []).filter((check) => sha === undefined || check.head_sha === sha),
    async forget() {
      for (const dir of dirs) await rm(dir, { recursive: true, force: true })
    },
  }
}

function add(hub: Hub, given: Omit<Repository, 'id'>): Repository {
  const repository = { id: nextId(hub), ...given }
  hub.repositories.set(fullName(repository).toLowerCase(), repository)
  return repository
}

function pulls(hub: Hub): Pick<GitHubWorld, 'openPull' | 'mergePull' | 'closePull'> {
  return {
    async openPull(base, given) {
      const { branch, head = base, into = base.defaultBranch, author = head.owner, draft = false } = given
      const [baseSha, headSha] = [await resolve(base, into), await resolve(head, branch)]
      if (baseSha === undefined || headSha === undefined)
        throw new Error(`openPull: no branch ${into} or ${branch}`)
      const pull: Pull = {
        id: nextId(hub),
        number: hub.pulls.filter((other) => other.base.repository === base).length + 1,
        base: { repository: base, branch: into, sha: baseSha },
        head: { repository: head, branch, sha: headSha },
        title: given.title ?? `Change ${branch}`,
        body: null,
        author,
        draft,
        createdAt: timestamp(),
        state: 'open',
        mergedSha: undefined,
      }
      hub.pulls.push(pull)
      await git(root(base).dir, ['update-ref', `refs/pull/${pull.number}/head`, headSha])
      return pull
    },
    async mergePull(pull, by = pull.base.repository.owner) {
      const { repository, branch } = pull.base
      pull.base.sha = (await resolve(repository, branch)) ?? pull.base.sha
      const message = `Merge pull request #${pull.number}`
      pull.mergedSha = await merge(hub, repository, { branch, sha: pull.head.sha, message, author: by })
      pull.state = 'closed'
      return pull.mergedSha
    },
    closePull(pull) {
      pull.state = 'closed'
    },
  }
}

function routes(hub: Hub): Respond {
  const all: Route[] = [
    ['GET', '/rate_limit', () => ({ json: { resources: {}, rate: { limit: hub.limits.calls } } })],
    ...contentRoutes(hub),
    ...archiveRoutes(hub),
    ...compareRoutes(hub),
    ...statusRoutes(hub),
    ...activityRoutes(hub),
    ...commentRoutes(hub),
    ...checkRoutes(hub),
    commitRoute(hub),
  ]
  const respond = route(all, notFound)
  return (asked) => {
    // A repository is also known by its number, to which the old names of a renamed one lead.
    const numbered = /^\/repositories\/(\d+)(\/.*)?$/.exec(asked.path)
    if (numbered === null) return respond(asked)
    const found = [...hub.repositories.values()].find(({ id }) => id === Number(numbered[1]))
    if (found === undefined) return notFound()
    return respond({ ...asked, path: `/repos/${fullName(found)}${numbered[2] ?? ''}` })
  }
}

/** Tokens, and the budget of calls, which every answer carries. */
function gate(hub: Hub, respond: Respond): Respond {
  let used = 0
  return async (asked) => {
    used += 1
    const refused = refusal(hub, asked, used)
    const given = refused ?? (await respond(asked))
    return {
      ...given,
      headers: {
        'x-github-media-type': 'github.v3; format=json',
        'x-github-request-id': `${used}`,
        'x-ratelimit-limit': `${hub.limits.calls}`,
        'x-ratelimit-remaining': `${Math.max(0, hub.limits.calls - used)}`,
        'x-ratelimit-used': `${used}`,
        'x-ratelimit-reset': `${Math.floor(Date.now() / 1000) + 3600}`,
        'x-ratelimit-resource': 'core',
        ...given.headers,
      },
    }
  }
}

function refusal(hub: Hub, asked: Asked, used: number): Answer | undefined {
  const { authorization } = asked.headers
  if (hub.token !== undefined) {
    const sent = /^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1]
    if (sent !== undefined && sent !== hub.token) return failed(401, 'Bad credentials')
    if (sent === undefined && asked.method !== 'GET') return failed(401, 'Requires authentication')
  }
  if (used > hub.limits.calls) return failed(403, `API rate limit exceeded for ${hub.login}.`)
  return undefined
}
