/**
 * An event: what GitHub sends to the hook, and what it asks for.
 *
 * Some make a job at once (a push, a pull request with new content), some ask for something that needs a look at
 * GitHub first (a command in a comment, a re-run, a closed pull request), and from the rest nothing follows.
 * Nothing here trusts the payload but for its shape; what it lacks is said.
 *
 * Source: docs.github.com, "Webhook events and payloads".
 */
import { readAsk } from './event_ask.ts'
import { cutLine, loginOf, nameOf, object, pullNumberOf, repositoryOf, sha, text } from './event_payload.ts'
import { isObject, type JsonObject } from './source.ts'

/** An owner and a name, as in `openaddresses/openaddresses`. */
export interface RepositoryName {
  readonly owner: string
  readonly name: string
}

/** Where an event happened. */
export interface EventPlace {
  readonly repository: RepositoryName
  /** GitHub's number of the repository, which stays when it is renamed; null where the payload has none. */
  readonly repositoryId: number | null
  readonly defaultBranch: string
  /** One sentence: what the event says. */
  readonly understood: string
}

/** An event that a job is made of. */
export interface JobEvent extends EventPlace {
  readonly kind: 'job'
  readonly event: 'push' | 'pull_request'
  /** Where the files are: a fork has its own. */
  readonly headRepository: RepositoryName
  readonly commitSha: string
  /** What to compare with; null for a branch that is new. */
  readonly baseSha: string | null
  /** The branch that a pull request wants into; null for a push. */
  readonly baseRef: string | null
  /** `refs/heads/…`; null for a pull request. */
  readonly ref: string | null
  /** Whether the commit is on the default branch now. */
  readonly isDefaultBranch: boolean
  readonly pullNumber: number | null
  /** Login of who opened the pull request, or pushed. */
  readonly author: string
  readonly statusUrl: string | null
  readonly commentsUrl: string | null
}

/** An event that asks for something. */
export interface AskEvent extends EventPlace {
  readonly kind: 'ask'
  readonly ask: Ask
}

/** What is asked for. */
export type Ask =
  /** A comment with commands in it; `before` is what it said before it was edited. */
  | {
      readonly what: 'comment'
      readonly pullNumber: number
      readonly commentId: number
      readonly body: string
      readonly before: string
      readonly login: string
    }
  | { readonly what: 'closed'; readonly pullNumber: number }
  /** The button of a check; `jobId` is what we gave the check to remember. */
  | {
      readonly what: 'rerequested'
      readonly jobId: string | null
      readonly commitSha: string
      readonly login: string
    }
  | { readonly what: 'deleted'; readonly ref: string }

/** An event from which nothing follows, and why. */
export interface IgnoredEvent {
  readonly kind: 'ignored'
  readonly why: string
}

/** What is understood of a delivery. */
export type Event = JobEvent | AskEvent | IgnoredEvent

/** Actions of a pull request that bring new content, or bring it again. */
const PULL_ACTIONS: Readonly<Record<string, string>> = {
  opened: 'opened',
  reopened: 'reopened',
  synchronize: 'pushed to',
  ready_for_review: 'asked for a review of',
}

/** A branch that is made or deleted has this on its other side. */
const NO_SHA = /^0+$/

/**
 * Read a delivery.
 *
 * @param name  X-GitHub-Event
 * @param payload  the body, as JSON
 * @throws {TypeError} that names what such an event always has, and this one lacks
 */
export function readEvent(name: string, payload: unknown): Event {
  if (!isObject(payload)) throw new TypeError('expected the payload to be an object')
  if (name === 'push') return readPush(payload)
  if (name === 'pull_request') return readPull(payload)
  return readAsk(name, payload) ?? { kind: 'ignored', why: `nothing follows from the event ${name}` }
}

function readPush(payload: JsonObject): Event {
  const ref = text(payload, 'ref')
  if (!ref.startsWith('refs/heads/')) return { kind: 'ignored', why: `${cutLine(ref)} is not a branch` }
  const place = repositoryOf(payload)
  const author = pusherOf(payload)
  const branch = cutLine(ref.slice('refs/heads/'.length))
  const after = sha(payload, 'after')
  if (payload['deleted'] === true || NO_SHA.test(after))
    return { kind: 'ask', ...place, understood: `${author} deleted ${branch}`, ask: { what: 'deleted', ref } }

  const before = sha(payload, 'before')
  const isDefaultBranch = ref === `refs/heads/${place.defaultBranch}`
  const deed = NO_SHA.test(before) ? 'made' : payload['forced'] === true ? 'forced a push to' : 'pushed to'
  return {
    kind: 'job',
    event: 'push',
    ...place,
    understood: `${author} ${deed} ${branch}`,
    headRepository: place.repository,
    commitSha: after,
    // A branch is compared with where it left the default branch; only that one with what it was before.
    baseSha: isDefaultBranch && !NO_SHA.test(before) ? before : null,
    baseRef: null,
    ref,
    isDefaultBranch,
    pullNumber: null,
    author,
    statusUrl: statusUrlOf(object(payload, 'repository'), after),
    commentsUrl: null,
  }
}

function readPull(payload: JsonObject): Event {
  const action = text(payload, 'action')
  const { number: told = isObject(payload['pull_request']) ? payload['pull_request']['number'] : undefined } =
    payload
  const number = pullNumberOf(told)
  const who = loginOf(payload['sender'])
  if (action === 'closed') {
    const pull = object(payload, 'pull_request')
    const deed = pull['merged'] === true ? 'merged' : 'closed'
    const place = { ...repositoryOf(payload), understood: `${who} ${deed} pull request ${number}` }
    return { kind: 'ask', ...place, ask: { what: 'closed', pullNumber: number } }
  }
  const deed = isRetargeted(action, payload) ? 'chose another base for' : PULL_ACTIONS[action]
  if (deed === undefined) {
    const why = action === 'edited' ? 'edited in its words only' : cutLine(action)
    return { kind: 'ignored', why: `nothing follows from a pull request that was ${why}` }
  }
  return pullJob(payload, { number, understood: `${who} ${deed} pull request ${number}` })
}

function pullJob(payload: JsonObject, given: { number: number; understood: string }): JobEvent {
  const pull = object(payload, 'pull_request')
  const [base, head] = [object(pull, 'base'), object(pull, 'head')]
  const place = repositoryOf({ repository: base['repo'] ?? payload['repository'] })
  const commitSha = sha(head, 'sha')
  return {
    kind: 'job',
    event: 'pull_request',
    ...place,
    understood: given.understood,
    // The head repository may have been deleted; its commits are kept where the pull request is.
    headRepository: isObject(head['repo']) ? nameOf(head['repo']) : place.repository,
    commitSha,
    baseSha: sha(base, 'sha'),
    baseRef: text(base, 'ref'),
    ref: null,
    isDefaultBranch: false,
    pullNumber: given.number,
    author: loginOf(pull['user']),
    statusUrl: addressOf(pull['statuses_url']) ?? statusUrlOf(object(base, 'repo'), commitSha),
    commentsUrl: addressOf(pull['comments_url']),
  }
}

/** Whether a pull request wants into another branch now: then it changes something else. */
function isRetargeted(action: string, payload: JsonObject): boolean {
  return action === 'edited' && isObject(payload['changes']) && isObject(payload['changes']['base'])
}

/** Who pushed: a person, or a deploy key, which has a name only. */
function pusherOf(payload: JsonObject): string {
  const { sender, pusher } = payload
  if (isObject(sender)) return loginOf(sender)
  return isObject(pusher) && typeof pusher['name'] === 'string' ? cutLine(pusher['name']) : 'somebody'
}

function addressOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function statusUrlOf(repository: JsonObject, commit: string): string | null {
  return addressOf(repository['statuses_url'])?.replace('{sha}', commit) ?? null
}
