/** Pull requests and their comments, as GitHub answers with them. */
import type { RepositoryName } from '../../shared/event.ts'
import { isObject, type JsonObject } from '../../shared/source.ts'
import { object, text } from './github_answer.ts'

/** A pull request as it is now. */
export interface Pull {
  readonly number: number
  readonly isOpen: boolean
  readonly isMerged: boolean
  readonly isDraft: boolean
  readonly title: string
  readonly author: string
  /** How its author stands to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE` …. */
  readonly association: string
  readonly headSha: string
  /** Undefined once the repository of the head was deleted. */
  readonly headRepository: RepositoryName | undefined
  /** Whether the head is a branch of the very repository that it wants into. */
  readonly isOwnBranch: boolean
  readonly baseRef: string
  readonly baseSha: string
  readonly updatedAt: Date
  /** How many files it changes; undefined in lists. */
  readonly changedFiles: number | undefined
  /** Where statuses of its head, and comments, are posted. */
  readonly statusUrl: string
  readonly commentsUrl: string
}

/** A comment on a pull request. */
export interface PullComment {
  readonly id: number
  readonly pullNumber: number
  readonly body: string
  readonly login: string
  readonly isBot: boolean
  readonly updatedAt: Date
}

/** Read one, out of a list or alone. */
export function readPull(pull: JsonObject): Pull {
  const [head, base] = [object(pull['head']), object(pull['base'])]
  return {
    number: Number(pull['number']),
    isOpen: pull['state'] === 'open',
    // Lists have no "merged", and say when instead.
    isMerged: pull['merged'] === true || typeof pull['merged_at'] === 'string',
    isDraft: pull['draft'] === true,
    title: typeof pull['title'] === 'string' ? pull['title'] : '',
    // Who deleted their account is null, and is the ghost everywhere.
    author: isObject(pull['user']) ? text(pull['user'], 'login') : 'ghost',
    association: typeof pull['author_association'] === 'string' ? pull['author_association'] : 'NONE',
    headSha: text(head, 'sha'),
    headRepository: isObject(head['repo']) ? nameOf(head['repo']) : undefined,
    isOwnBranch: isObject(head['repo']) && head['repo']['id'] === object(base['repo'])['id'],
    baseRef: text(base, 'ref'),
    baseSha: text(base, 'sha'),
    updatedAt: new Date(text(pull, 'updated_at')),
    changedFiles: typeof pull['changed_files'] === 'number' ? pull['changed_files'] : undefined,
    statusUrl: text(pull, 'statuses_url'),
    commentsUrl: text(pull, 'comments_url'),
  }
}

/** Read a comment; of one on an issue that is no pull request nothing. */
export function readComment(comment: JsonObject): PullComment[] {
  const number = /\/pull\/(\d+)#/.exec(text(comment, 'html_url'))?.[1]
  if (number === undefined) return []
  const { user, body } = comment
  return [
    {
      id: Number(comment['id']),
      pullNumber: Number(number),
      body: typeof body === 'string' ? body : '',
      login: isObject(user) ? text(user, 'login') : 'ghost',
      isBot: isObject(user) && user['type'] === 'Bot',
      updatedAt: new Date(text(comment, 'updated_at')),
    },
  ]
}

/** The name of a repository. */
export function nameOf(repository: JsonObject): RepositoryName {
  return { owner: text(object(repository['owner']), 'login'), name: text(repository, 'name') }
}
