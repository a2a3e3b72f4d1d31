/** What stands in an answer of GitHub: doubted here once, and named when it is not as documented. */
import { isObject, type JsonObject } from '../../shared/source.ts'
import { GitHubError } from './github_call.ts'

/** An object. */
export function object(answer: unknown): JsonObject {
  if (isObject(answer)) return answer
  throw new GitHubError(`expected an object from GitHub, got ${typeof answer}`, 200)
}

/** A list of objects, itself or under a key. */
export function list(answer: unknown, key?: string): JsonObject[] {
  const value = key === undefined ? answer : object(answer)[key]
  if (Array.isArray(value)) return value.map(object)
  throw new GitHubError(`expected a list ${key ?? ''} from GitHub, got ${typeof value}`, 200)
}

/** A text under a key. */
export function text(answer: JsonObject, key: string): string {
  const value = answer[key]
  if (typeof value === 'string') return value
  throw new GitHubError(`expected a text ${key} from GitHub, got ${typeof value}`, 200)
}

/** 404 is how GitHub says that there is none; 422, that a sha is none of its own. */
export async function absentAsUndefined(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 422)) return undefined
    throw error
  }
}
