/**
 * An event: what GitHub sends to the hook, and what it asks for.
 *
 * It is read twice: by the edge, which decides whether a job is made of it, and by `expand`, which asks
 * GitHub what changed. Nothing here trusts the payload but for its shape; what it lacks is said.
 *
 * Source: docs.github.com, "Webhook events and payloads".
 */
import { isObject, type JsonObject } from './source.ts'

/** An owner and a name, as in `openaddresses/openaddresses`. */
export interface RepositoryName {
  readonly owner: string
  readonly name: string
}

/** An event that a job is made of. */
export interface JobEvent {
  readonly kind: 'job'
  readonly event: 'push' | 'pull_request'
  /** Where the event happened, and where statuses are posted. */
  readonly repository: RepositoryName
  /** Where the files are: a fork has its own. */
  readonly headRepository: RepositoryName
  readonly commitSha: string
  /** What to compare with; null for a branch that is new. */
  readonly baseSha: string | null
  readonly defaultBranch: string
  /** `refs/heads/…`; null for a pull request. */
  readonly ref: string | null
  /** Whether the commit is on the default branch now. */
  readonly isDefaultBranch: boolean
  readonly pullNumber: number | null
  readonly statusUrl: string | null
  readonly commentsUrl: string | null
}

/** An event from which nothing follows, and why. */
export interface IgnoredEvent {
  readonly kind: 'ignored'
  readonly why: string
}

/** Actions of a pull request that bring new content, or bring it again. */
const PULL_ACTIONS = ['opened', 'reopened', 'synchronize']

/** A branch that is made or deleted has this on its other side. */
const NO_SHA = /^0+$/

/** A commit: SHA-1, or SHA-256 in repositories that chose it. */
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Numbers of pull requests are of this size in Postgres. */
const PULL_NUMBER_MAX = 2_147_483_647

/**
 * Read a delivery.
 *
 * @param name  X-GitHub-Event
 * @param payload  the body, as JSON
 * @throws {TypeError} that names what a push or a pull request always has, and this one lacks
 */
export function readEvent(name: string, payload: unknown): JobEvent | IgnoredEvent {
  if (!isObject(payload)) throw new TypeError('expected the payload to be an object')
  if (name === 'push') return readPush(payload)
  if (name === 'pull_request') return readPull(payload)
  return { kind: 'ignored', why: `nothing follows from the event ${name}` }
}

function readPush(payload: JsonObject): JobEvent | IgnoredEvent {
  const ref = text(payload, 'ref')
  if (!ref.startsWith('refs/heads/')) return { kind: 'ignored', why: `${ref} is not a branch` }
  const after = sha(payload, 'after')
  if (payload['deleted'] === true || NO_SHA.test(after)) return { kind: 'ignored', why: `${ref} was deleted` }

  const repository = object(payload, 'repository')
  const before = sha(payload, 'before')
  const defaultBranch = text(repository, 'default_branch')
  const isDefaultBranch = ref === `refs/heads/${defaultBranch}`
  return {
    kind: 'job',
    event: 'push',
    repository: nameOf(repository),
    headRepository: nameOf(repository),
    commitSha: after,
    // A branch is compared with where it left the default branch; only that one with what it was before.
    baseSha: isDefaultBranch && !NO_SHA.test(before) ? before : null,
    defaultBranch,
    ref,
    isDefaultBranch,
    pullNumber: null,
    statusUrl: statusUrlOf(repository, after),
    commentsUrl: null,
  }
}

function readPull(payload: JsonObject): JobEvent | IgnoredEvent {
  const action = text(payload, 'action')
  if (!PULL_ACTIONS.includes(action))
    return { kind: 'ignored', why: `nothing follows from a pull request that was ${action}` }

  const pull = object(payload, 'pull_request')
  const [base, head] = [object(pull, 'base'), object(pull, 'head')]
  const repository = object(base, 'repo')
  const commitSha = sha(head, 'sha')
  return {
    kind: 'job',
    event: 'pull_request',
    repository: nameOf(repository),
    // The head repository may have been deleted; its commits are kept where the pull request is.
    headRepository: isObject(head['repo']) ? nameOf(head['repo']) : nameOf(repository),
    commitSha,
    baseSha: sha(base, 'sha'),
    defaultBranch: text(repository, 'default_branch'),
    ref: null,
    isDefaultBranch: false,
    pullNumber: pullNumberOf(payload['number'] ?? pull['number']),
    statusUrl:
      typeof pull['statuses_url'] === 'string' ? pull['statuses_url'] : statusUrlOf(repository, commitSha),
    commentsUrl: typeof pull['comments_url'] === 'string' ? pull['comments_url'] : null,
  }
}

function pullNumberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > PULL_NUMBER_MAX)
    throw new TypeError(`expected "number" to be that of a pull request, got ${JSON.stringify(value)}`)
  return value
}

function nameOf(repository: JsonObject): RepositoryName {
  const owner = object(repository, 'owner')
  // Older push payloads name the owner by `name`.
  return {
    owner: typeof owner['login'] === 'string' ? owner['login'] : text(owner, 'name'),
    name: text(repository, 'name'),
  }
}

function statusUrlOf(repository: JsonObject, sha: string): string | null {
  const template = repository['statuses_url']
  return typeof template === 'string' ? template.replace('{sha}', sha) : null
}

function text(from: JsonObject, key: string): string {
  const value = from[key]
  if (typeof value !== 'string' || value === '') throw new TypeError(`expected "${key}" to be a text`)
  return value
}

function sha(from: JsonObject, key: string): string {
  const value = text(from, key)
  if (!SHA.test(value)) throw new TypeError(`expected "${key}" to be a commit, got "${value.slice(0, 80)}"`)
  return value
}

function object(from: JsonObject, key: string): JsonObject {
  const value = from[key]
  if (!isObject(value)) throw new TypeError(`expected "${key}" to be an object`)
  return value
}
