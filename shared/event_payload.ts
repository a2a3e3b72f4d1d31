/** What stands in a payload: doubted here, once, and named when it is not as GitHub documents it. */
import type { EventPlace, RepositoryName } from './event.ts'
import { isObject, type JsonObject } from './source.ts'

/** A commit: SHA-1, or SHA-256 in repositories that chose it. */
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** Numbers of pull requests are of this size in Postgres. */
const PULL_NUMBER_MAX = 2_147_483_647

/** A sentence with a stranger's word in it stays a sentence. */
const WORD_CHARS_MAX = 100

/** A text under a key, not empty. */
export function text(from: JsonObject, key: string): string {
  const value = from[key]
  if (typeof value !== 'string' || value === '') throw new TypeError(`expected "${key}" to be a text`)
  return value
}

/** A commit under a key. */
export function sha(from: JsonObject, key: string): string {
  const value = text(from, key)
  if (!SHA.test(value)) throw new TypeError(`expected "${key}" to be a commit, got "${value.slice(0, 80)}"`)
  return value
}

/** An object under a key. */
export function object(from: JsonObject, key: string): JsonObject {
  const value = from[key]
  if (!isObject(value)) throw new TypeError(`expected "${key}" to be an object`)
  return value
}

/** The number of a pull request. */
export function pullNumberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > PULL_NUMBER_MAX)
    throw new TypeError(`expected "number" to be that of a pull request, got ${JSON.stringify(value)}`)
  return value
}

/** Any other number that GitHub gives to things. */
export function idOf(from: JsonObject, key: string): number {
  const value = from[key]
  if (!Number.isSafeInteger(value)) throw new TypeError(`expected "${key}" to be a number`)
  return value as number
}

/** A login; who deleted their account is null at GitHub, and the ghost in its pages. */
export function loginOf(user: unknown): string {
  return isObject(user) && typeof user['login'] === 'string' && user['login'] !== ''
    ? cutLine(user['login'])
    : 'ghost'
}

/** The name of a repository. */
export function nameOf(repository: JsonObject): RepositoryName {
  const owner = object(repository, 'owner')
  // Older push payloads name the owner by `name`.
  return {
    owner: typeof owner['login'] === 'string' ? owner['login'] : text(owner, 'name'),
    name: text(repository, 'name'),
  }
}

/** Where an event happened. */
export function repositoryOf(payload: JsonObject): Omit<EventPlace, 'understood'> {
  const repository = object(payload, 'repository')
  const id = repository['id']
  return {
    repository: nameOf(repository),
    repositoryId: Number.isSafeInteger(id) && (id as number) > 0 ? (id as number) : null,
    defaultBranch: text(repository, 'default_branch'),
  }
}

/** A stranger's word for a sentence of ours: one line, not endless. */
export function cutLine(word: string): string {
  const points = [...word.replaceAll(/\p{Cc}/gu, '\u{FFFD}')]
  return points.length <= WORD_CHARS_MAX
    ? points.join('')
    : `${points.slice(0, WORD_CHARS_MAX - 1).join('')}…`
}
