/**
 * GitHub: what it is asked (github_read.ts), and what we say of a commit. Our words outwards, theirs inwards.
 *
 * Every call has a time limit. Being told to wait is an answer, not a sleep: whoever called decides what
 * to do meanwhile.
 *
 * Source: https://docs.github.com/en/rest
 */
import type { RepositoryName } from '../../shared/event.ts'
import { isObject } from '../../shared/source.ts'
import { DESCRIPTION_LENGTH_MAX } from '../../shared/status.ts'
import { type Call, caller, GitHubError, type GitHubOptions } from './github_call.ts'
import { checking, type GitHubChecking } from './github_check.ts'
import { type GitHubPosting, outcomeOf, type PostOutcome, posting } from './github_post.ts'
import { type GitHubReading, reading } from './github_read.ts'

/** What is said of a commit. */
export interface CommitStatus {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** Cut to what GitHub takes. */
  readonly description: string
  readonly targetUrl: string
  readonly context: string
}

/** All throw a `GitHubWait` when there were too many calls, and a `GitHubError` when GitHub fails or is away. */
export interface GitHub extends GitHubReading, GitHubPosting, GitHubChecking {
  /** Say something of a commit. Too many calls, or a commit that takes no more, are outcomes here. */
  postStatus(repository: RepositoryName, sha: string, status: CommitStatus): Promise<PostOutcome>
}

/** GitHub under an address, for whoever a token belongs to. */
export function github(options: GitHubOptions): GitHub {
  const call = caller(options)
  return {
    ...reading(call),
    ...posting(call),
    ...checking(call),
    postStatus: (repository, sha, status) => postStatus(call, { repository, sha, status }),
  }
}

async function postStatus(
  call: Call,
  given: { readonly repository: RepositoryName; readonly sha: string; readonly status: CommitStatus },
): Promise<PostOutcome> {
  const { owner, name: repo } = given.repository
  const { state, description, targetUrl, context } = given.status
  try {
    const answer = await call('POST /repos/{owner}/{repo}/statuses/{sha}', {
      owner,
      repo,
      sha: given.sha,
      state,
      description: cut(description),
      target_url: targetUrl,
      context,
    })
    // A redirect that turned the post into a read would be answered well, and nothing would be said.
    if (!isObject(answer) || answer['state'] !== state)
      throw new GitHubError('GitHub did not take the status', 200)
    return { kind: 'said' }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** GitHub counts code points; half a pair would be none. */
function cut(description: string): string {
  const points = [...description]
  if (points.length <= DESCRIPTION_LENGTH_MAX) return description
  return `${points.slice(0, DESCRIPTION_LENGTH_MAX - 1).join('')}…`
}
