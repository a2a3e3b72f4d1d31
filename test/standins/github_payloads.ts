/**
 * The payloads of GitHub's events, with the names and shapes that GitHub gives them.
 *
 * Source: the examples of octokit/webhooks and GitHub's "Webhook events and payloads".
 */
import { checkRunShape } from './github_checks.ts'
import { commentShape, issueShape } from './github_comments.ts'
import { pullWithCounts } from './github_compare.ts'
import { type Commit, git, log, mergeBase, NO_SHA, resolve } from './github_git.ts'
import { type CheckRun, type Comment, type Hub, htmlUrl, type Pull, type Repository } from './github_hub.ts'
import { repositoryShape, userShape } from './github_shapes.ts'

/** A push event carries no more commits than this. */
const PUSH_COMMITS_MAX = 2_048

export interface Push {
  /** `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string
  /** The tip before; forty zeros, or none, for a new branch. */
  readonly before?: string
  /** The tip after; forty zeros for a deleted branch. */
  readonly after: string
  /** Login of who pushed; the owner without it. */
  readonly pusher?: string
}

/** `ping`: a webhook was made. */
export function pingPayload(hub: Hub, repository: Repository) {
  return {
    zen: 'Keep it logically awesome.',
    hook_id: 1,
    hook: {
      type: 'Repository',
      id: 1,
      name: 'web',
      active: true,
      events: ['push', 'pull_request', 'issue_comment'],
      config: { content_type: 'json', insecure_ssl: '0', url: 'https://machine.example/hook' },
    },
    repository: eventRepository(hub, repository),
    sender: userShape(hub, repository.owner),
  }
}

/** `push`: a branch or tag moved, came or went. */
export async function pushPayload(hub: Hub, repository: Repository, push: Push) {
  const { ref, before = NO_SHA, after, pusher = repository.owner } = push
  const { dir, defaultBranch } = repository
  const [created, deleted] = [before === NO_SHA, after === NO_SHA]
  const forced = !created && !deleted && (await mergeBase(dir, before, after)) !== before
  // A new branch carries what the default branch does not have; a first push carries everything.
  const isFirst = created && ref === `refs/heads/${defaultBranch}`
  const since = isFirst ? undefined : created ? await resolve(repository, defaultBranch) : before
  const range = deleted
    ? undefined
    : [after, ...(since === undefined || since === after ? [] : [`^${since}`])]
  const commits = range === undefined ? [] : await log(dir, range)
  const shown = await Promise.all(
    commits.slice(-PUSH_COMMITS_MAX).map((commit) => pushedCommit(hub, repository, commit)),
  )
  const [head] = deleted ? [] : await log(dir, ['-1', after])
  const html = htmlUrl(hub, repository)
  return {
    ref,
    before,
    after,
    repository: eventRepository(hub, repository),
    pusher: { name: pusher, email: `${pusher}@users.noreply.github.com` },
    sender: userShape(hub, pusher),
    created,
    deleted,
    forced,
    base_ref: null,
    compare: `${html}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: shown,
    head_commit: head === undefined ? null : await pushedCommit(hub, repository, head),
  }
}

/** `pull_request`: opened, synchronize (with `before` and `after`), closed, reopened, edited, ready_for_review … */
export async function pullRequestPayload(
  hub: Hub,
  pull: Pull,
  {
    action,
    sender = pull.author,
    ...more
  }: { action: string; sender?: string; before?: string; after?: string },
) {
  return {
    action,
    number: pull.number,
    pull_request: await pullWithCounts(hub, pull),
    ...more,
    repository: repositoryShape(hub, pull.base.repository),
    sender: userShape(hub, sender),
  }
}

/** `issue_comment`: created, edited, deleted. */
export function issueCommentPayload(
  hub: Hub,
  { repository, comment, action }: { repository: Repository; comment: Comment; action: string },
) {
  return {
    action,
    issue: issueShape(hub, repository, comment.number),
    comment: commentShape(hub, repository, comment),
    repository: repositoryShape(hub, repository),
    sender: userShape(hub, comment.author),
  }
}

/** `check_run`: rerequested, requested_action … */
export function checkRunPayload(
  hub: Hub,
  {
    repository,
    check,
    action,
    sender,
  }: { repository: Repository; check: CheckRun; action: string; sender: string },
) {
  return {
    action,
    check_run: checkRunShape(hub, repository, check),
    repository: repositoryShape(hub, repository),
    sender: userShape(hub, sender),
  }
}

/** In a push, the owner has a name and times are seconds. */
function eventRepository(hub: Hub, repository: Repository) {
  const shape = repositoryShape(hub, repository)
  return {
    ...shape,
    url: shape.html_url,
    owner: {
      name: repository.owner,
      email: `${repository.owner}@users.noreply.github.com`,
      ...shape.owner,
    },
    master_branch: repository.defaultBranch,
  }
}

/** A commit of a push, with the paths that it touched against its first parent; a rename is both removed and added. */
async function pushedCommit(hub: Hub, repository: Repository, commit: Commit) {
  const [parent] = commit.parents
  const ends = parent === undefined ? ['--root', commit.sha] : [parent, commit.sha]
  const options = ['-r', '-z', '--no-commit-id', '--no-renames', '--name-status']
  const tokens = (await git(repository.dir, ['diff-tree', ...options, ...ends])).split('\0')
  const touched: Record<string, string[]> = { A: [], D: [], M: [] }
  for (let i = 0; i + 1 < tokens.length; i += 2) {
    const kind = tokens[i] === 'T' ? 'M' : tokens[i]!
    touched[kind]?.push(tokens[i + 1]!)
  }
  const person = ({ name, email }: Commit['author']) => ({ name, email, username: name })
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${htmlUrl(hub, repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: touched['A'],
    removed: touched['D'],
    modified: touched['M'],
  }
}
