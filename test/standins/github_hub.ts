/**
 * What the GitHub stand-in remembers: repositories over real git, pull requests, and what was posted.
 *
 * A fork shares the git folder of its parent, with branches of its own under refs/forks, as GitHub's
 * networks share their objects: so a compare across forks is true.
 */
import type { Answer, Asked } from './server.ts'
import type { Parts, Route } from './router.ts'

/** A repository, or a fork of one. */
export interface Repository {
  readonly id: number
  owner: string
  name: string
  readonly defaultBranch: string
  /** The bare git repository that holds its objects. */
  readonly dir: string
  /** Where its branches are: `refs/heads`, or `refs/forks/<owner>/heads`. */
  readonly heads: string
  readonly parent: Repository | undefined
}

/** A pull request. */
export interface Pull {
  readonly id: number
  readonly number: number
  readonly base: { readonly repository: Repository; readonly branch: string; sha: string }
  /** `repository` is undefined once the fork was deleted. */
  readonly head: { repository: Repository | undefined; readonly branch: string; sha: string }
  readonly title: string
  readonly body: string | null
  /** Login of who opened it. */
  readonly author: string
  readonly draft: boolean
  readonly createdAt: string
  state: 'open' | 'closed'
  mergedSha: string | undefined
}

/** A commit status as it was posted. */
export interface Status {
  readonly id: number
  readonly sha: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  readonly description: string | null
  readonly target_url: string | null
  readonly context: string
  readonly created_at: string
  readonly creator: string
}

/** A comment on an issue or a pull request. */
export interface Comment {
  readonly id: number
  readonly number: number
  body: string
  readonly author: string
  readonly created_at: string
  updated_at: string
  readonly reactions: { readonly id: number; readonly content: string; readonly author: string }[]
}

/** A check run, with what was posted under GitHub's own names. */
export interface CheckRun {
  readonly id: number
  readonly head_sha: string
  name: string
  status: string
  conclusion: string | null
  details_url: string | null
  external_id: string
  started_at: string | null
  completed_at: string | null
  output: { title: string | null; summary: string | null; text: string | null }
  readonly annotations: Annotation[]
  actions: readonly unknown[]
}

/** A remark on lines of a file. */
export interface Annotation {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly annotation_level: string
  readonly message: string
  readonly title?: string
  readonly raw_details?: string
}

/** GitHub's own limits; a test may lower them to reach them sooner. */
export interface Limits {
  /** Files in one compare. */
  readonly compareFiles: number
  /** Files of a pull request, over all pages. */
  readonly pullFiles: number
  /** Entries of one recursive tree. */
  readonly treeEntries: number
  /** Statuses for one commit and context. */
  readonly statuses: number
  /** Calls an hour; from then on 403. */
  readonly calls: number
}

export const LIMITS: Limits = {
  compareFiles: 300,
  pullFiles: 3_000,
  treeEntries: 100_000,
  statuses: 1_000,
  calls: 5_000_000,
}

/** Everything that one GitHub remembers. */
export interface Hub {
  /** Base address of the API. */
  url: string
  readonly limits: Limits
  /** The only token that is accepted; any, or none, where undefined. */
  readonly token: string | undefined
  /** Who the token belongs to. */
  readonly login: string
  /** By `owner/name` in lower case. Old names of renamed repositories lead to the repository, too. */
  readonly repositories: Map<string, Repository>
  readonly pulls: Pull[]
  readonly statuses: Map<Repository, Status[]>
  readonly comments: Map<Repository, Comment[]>
  readonly checkRuns: Map<Repository, CheckRun[]>
  /** By `owner/name:login` in lower case. */
  readonly permissions: Map<string, string>
  lastId: number
}

/** A number that was not given to anything before. */
export function nextId(hub: Hub): number {
  hub.lastId += 1
  return hub.lastId
}

/** `owner/name`. */
export function fullName({ owner, name }: Pick<Repository, 'owner' | 'name'>): string {
  return `${owner}/${name}`
}

/** The repository that all forks of it share their objects and pull requests with. */
export function root(repository: Repository): Repository {
  return repository.parent === undefined ? repository : root(repository.parent)
}

/** Address of a repository in the API. */
export function repositoryUrl(hub: Hub, repository: Repository): string {
  return `${hub.url}/repos/${fullName(repository)}`
}

/** Address of a repository for people. */
export function htmlUrl(hub: Hub, repository: Repository): string {
  return `${new URL(hub.url).origin}/${fullName(repository)}`
}

/** Now, as GitHub writes it. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

/** A route below `/repos/:owner/:repo`, which answers only where there is such a repository. */
export function repositoryRoute(
  hub: Hub,
  [method, pattern, answer]: readonly [
    method: string,
    pattern: string,
    answer: (repository: Repository, asked: Asked, parts: Parts) => Answer | Promise<Answer>,
  ],
): Route {
  return [
    method,
    `/repos/:owner/:repo${pattern}`,
    (asked, parts) => {
      const name = `${parts['owner']}/${parts['repo']}`
      const repository = hub.repositories.get(name.toLowerCase())
      if (repository === undefined) return notFound()
      if (fullName(repository).toLowerCase() === name.toLowerCase()) return answer(repository, asked, parts)
      return moved(hub, repository, asked)
    },
  ]
}

/** A renamed repository is found under its number, as GitHub does it. */
function moved(hub: Hub, repository: Repository, asked: Asked): Answer {
  const rest = asked.path.split('/').slice(4).join('/')
  const query = asked.query.size === 0 ? '' : `?${asked.query}`
  const url = `${hub.url}/repositories/${repository.id}${rest === '' ? '' : `/${rest}`}${query}`
  const status = asked.method === 'GET' ? 301 : 307
  return { ...failed(status, 'Moved Permanently'), headers: { location: url } }
}

/** An answer in the form that GitHub's errors have. */
export function failed(status: number, message: string, errors?: readonly unknown[]): Answer {
  return {
    status,
    json: {
      message,
      ...(errors === undefined ? {} : { errors }),
      documentation_url: 'https://docs.github.com/rest',
      status: `${status}`,
    },
  }
}

export function notFound(): Answer {
  return failed(404, 'Not Found')
}

/** GitHub's answer to a body that breaks a rule. */
export function invalid(resource: string, field: string, message: string): Answer {
  return failed(422, 'Validation Failed', [{ resource, field, code: 'custom', message }])
}

/** One page of a list, with the links to the others. */
export function paged(
  hub: Hub,
  asked: Asked,
  list: readonly unknown[],
): Pick<Answer, 'headers'> & { page: unknown[] } {
  const size = Math.min(100, Math.max(1, Number(asked.query.get('per_page') ?? 30) || 30))
  const number = Math.max(1, Number(asked.query.get('page') ?? 1) || 1)
  const last = Math.max(1, Math.ceil(list.length / size))
  const link = (page: number, rel: string) => {
    const query = new URLSearchParams(asked.query)
    query.set('page', `${page}`)
    return `<${hub.url}${asked.path}?${query}>; rel="${rel}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ]
  return {
    page: list.slice((number - 1) * size, number * size),
    ...(links.length === 0 ? {} : { headers: { link: links.join(', ') } }),
  }
}
