/**
 * What is posted to GitHub besides statuses: reactions and comments. Every post has an outcome.
 *
 * Source: https://docs.github.com/en/rest
 */
import type { RepositoryName } from '../../shared/event.ts'
import { list, object } from './github_answer.ts'
import { type Call, GitHubError, GitHubWait } from './github_call.ts'

/** These mean that what is spoken of is gone, or hidden for good. */
const GONE: readonly (number | undefined)[] = [404, 410, 451]

/** So many comments are looked through for one of ours: the newest ones that GitHub gives since a time. */
const PAGE_SIZE = 100

/** What became of a post. */
export type PostOutcome =
  /** With GitHub's number of what was made, where it has one. */
  | { readonly kind: 'said'; readonly id?: number }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  /** Not this one; for ever when the commit, the comment or the repository is gone. */
  | { readonly kind: 'refused'; readonly why: string; readonly forEver: boolean }

/** A comment of a pull request by its number, with text and where it is. */
export interface Comment {
  readonly repository: RepositoryName
  readonly pullNumber: number
  readonly body: string
}

/** All throw a `GitHubError` when GitHub fails or is away. */
export interface GitHubPosting {
  /** React to a comment; the same reaction twice is one. */
  react(repository: RepositoryName, commentId: string, content: string): Promise<PostOutcome>
  /** Write a comment; twice is two. */
  comment(comment: Comment): Promise<PostOutcome>
  /** Put another text in a comment of ours. */
  editComment(repository: RepositoryName, commentId: number, body: string): Promise<PostOutcome>
  /** The number of the oldest comment with a mark in it; undefined when there is none. */
  findComment(
    where: Omit<Comment, 'body'> & { readonly since?: Date },
    mark: string,
  ): Promise<number | undefined>
}

export function posting(call: Call): GitHubPosting {
  return {
    react({ owner, name: repo }, commentId, content) {
      const route = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions'
      return posted(call(route, { owner, repo, comment_id: commentId, content }))
    },

    comment({ repository: { owner, name: repo }, pullNumber, body }) {
      const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
      return posted(call(route, { owner, repo, issue_number: pullNumber, body }))
    },

    editComment({ owner, name: repo }, commentId, body) {
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
      return posted(call(route, { owner, repo, comment_id: commentId, body }))
    },

    async findComment({ repository: { owner, name: repo }, pullNumber, since }, mark) {
      for (let page = 1; ; page++) {
        const answer = await call('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          owner,
          repo,
          issue_number: pullNumber,
          per_page: PAGE_SIZE,
          page,
          ...(since === undefined ? {} : { since: since.toISOString() }),
        })
        const comments = list(answer)
        const found = comments.find(({ body }) => typeof body === 'string' && body.includes(mark))
        if (found !== undefined) return Number(found['id'])
        if (comments.length < PAGE_SIZE) return undefined
      }
    },
  }
}

/** What a post came to. A redirect that turned it into a read would be answered well, without a number of its own. */
export async function posted(asked: Promise<unknown>): Promise<PostOutcome> {
  try {
    const answer = object(await asked)
    if (typeof answer['id'] !== 'number') throw new GitHubError('GitHub did not take the post', 200)
    return { kind: 'said', id: answer['id'] }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** What a failed post means for the next one. Throws what is only passing. */
export function outcomeOf(error: unknown): PostOutcome {
  if (!(error instanceof GitHubError)) throw error
  const { status, message: why } = error
  if (error instanceof GitHubWait) return { kind: 'wait', seconds: error.seconds, why }
  if (status === 422) return { kind: 'refused', why, forEver: false }
  if (GONE.includes(status)) return { kind: 'refused', why, forEver: true }
  throw error
}
