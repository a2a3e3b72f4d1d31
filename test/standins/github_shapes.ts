/**
 * GitHub's own shapes, for answers and events alike: user, repository, commit, file, pull request.
 *
 * Names and types are those of GitHub's OpenAPI description; what nobody here reads is left out.
 */
import type { components } from '@octokit/openapi-types'
import type { Change, Commit } from './github_git.ts'
import { fullName, type Hub, htmlUrl, type Pull, type Repository, repositoryUrl } from './github_hub.ts'

type Schemas = components['schemas']

/** A user, by login; the number follows from the login. */
export function userShape(hub: Hub, login: string) {
  const url = `${hub.url}/users/${login}`
  const id = [...login].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 90_000_000, 7) + 1_000
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${new URL(hub.url).origin}/avatars/${login}`,
    gravatar_id: '',
    url,
    html_url: `${new URL(hub.url).origin}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  } satisfies Schemas['simple-user']
}

/** A repository, with the addresses that lead on. */
export function repositoryShape(hub: Hub, repository: Repository) {
  const url = repositoryUrl(hub, repository)
  const html = htmlUrl(hub, repository)
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName(repository),
    private: false,
    owner: userShape(hub, repository.owner),
    html_url: html,
    description: null,
    fork: repository.parent !== undefined,
    url,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issues_url: `${url}/issues{/number}`,
    pulls_url: `${url}/pulls{/number}`,
    statuses_url: `${url}/statuses/{sha}`,
    trees_url: `${url}/git/trees{/sha}`,
    clone_url: `${html}.git`,
    default_branch: repository.defaultBranch,
    archived: false,
    disabled: false,
    visibility: 'public',
  } satisfies Partial<Schemas['minimal-repository']>
}

/** A commit, as lists and compares have it. */
export function commitShape(hub: Hub, repository: Repository, commit: Commit) {
  const url = repositoryUrl(hub, repository)
  const html = htmlUrl(hub, repository)
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha.slice(0, 12)}`,
    commit: {
      url: `${url}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      comment_count: 0,
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: userShape(hub, commit.author.name),
    committer: userShape(hub, commit.committer.name),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
  } satisfies Partial<Schemas['commit']>
}

/** A changed file, as compares and pull requests have it, without its patch. */
export function fileShape(
  hub: Hub,
  repository: Repository,
  { change, ref }: { change: Change; ref: string },
) {
  const path = change.path.split('/').map(encodeURIComponent).join('/')
  return {
    sha: change.sha,
    filename: change.path,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${htmlUrl(hub, repository)}/blob/${ref}/${path}`,
    raw_url: `${htmlUrl(hub, repository)}/raw/${ref}/${path}`,
    contents_url: `${repositoryUrl(hub, repository)}/contents/${path}?ref=${ref}`,
    ...(change.previous === undefined ? {} : { previous_filename: change.previous }),
  } satisfies Partial<Schemas['diff-entry']>
}

/** A pull request, as lists, answers and events have it; counts are added where they are known. */
export function pullShape(hub: Hub, pull: Pull) {
  const { repository } = pull.base
  const [url, html] = [repositoryUrl(hub, repository), htmlUrl(hub, repository)]
  const closedAt = pull.state === 'closed' ? pull.createdAt : null
  return {
    url: `${url}/pulls/${pull.number}`,
    id: pull.id,
    node_id: `PR_${pull.id}`,
    html_url: `${html}/pull/${pull.number}`,
    diff_url: `${html}/pull/${pull.number}.diff`,
    patch_url: `${html}/pull/${pull.number}.patch`,
    issue_url: `${url}/issues/${pull.number}`,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(hub, pull.author),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.createdAt,
    closed_at: closedAt,
    merged_at: pull.mergedSha === undefined ? null : closedAt,
    merge_commit_sha: pull.mergedSha ?? null,
    draft: pull.draft,
    commits_url: `${url}/pulls/${pull.number}/commits`,
    review_comments_url: `${url}/pulls/${pull.number}/comments`,
    comments_url: `${url}/issues/${pull.number}/comments`,
    statuses_url: `${url}/statuses/${pull.head.sha}`,
    head: endShape(hub, { ...pull.head, owner: pull.head.repository?.owner ?? pull.author }),
    base: {
      ...endShape(hub, { ...pull.base, owner: repository.owner }),
      repo: repositoryShape(hub, repository),
    },
    author_association: association(hub, repository, pull.author),
    merged: pull.mergedSha !== undefined,
    mergeable: pull.state === 'open' ? true : null,
    maintainer_can_modify: pull.head.repository !== repository,
  } satisfies Partial<Omit<Schemas['pull-request'], 'head' | 'base'>> & { head: unknown; base: unknown }
}

/** What somebody may do: the owner everything, anybody may read, more by `permit`. */
export function permission(hub: Hub, repository: Repository, login: string): string {
  if (login.toLowerCase() === repository.owner.toLowerCase()) return 'admin'
  return hub.permissions.get(`${fullName(repository)}:${login}`.toLowerCase()) ?? 'read'
}

/** How somebody stands to a repository, in the word that events and comments carry. */
export function association(hub: Hub, repository: Repository, login: string): Schemas['author-association'] {
  if (login.toLowerCase() === repository.owner.toLowerCase()) return 'OWNER'
  return ['admin', 'maintain', 'write'].includes(permission(hub, repository, login)) ? 'COLLABORATOR' : 'NONE'
}

function endShape(
  hub: Hub,
  {
    repository,
    branch,
    sha,
    owner,
  }: { repository: Repository | undefined; branch: string; sha: string; owner: string },
) {
  return {
    label: `${owner}:${branch}`,
    ref: branch,
    sha,
    user: userShape(hub, owner),
    repo: repository === undefined ? null : repositoryShape(hub, repository),
  }
}
