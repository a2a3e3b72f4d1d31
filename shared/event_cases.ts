/** What GitHub sends, as far as tests of events need it. */

export const BEFORE = 'a'.repeat(40)
export const AFTER = 'b'.repeat(40)
export const NONE = '0'.repeat(40)

export const REPOSITORY = {
  id: 77,
  name: 'openaddresses',
  owner: { login: 'oa' },
  default_branch: 'main',
  statuses_url: 'https://api.github.com/repos/oa/openaddresses/statuses/{sha}',
}
export const PUSH = {
  ref: 'refs/heads/main',
  before: BEFORE,
  after: AFTER,
  repository: REPOSITORY,
  sender: { login: 'ann', type: 'User' },
}
export const PULL = {
  action: 'opened',
  number: 7,
  sender: { login: 'ann', type: 'User' },
  repository: REPOSITORY,
  pull_request: {
    user: { login: 'ann' },
    statuses_url: `https://api.github.com/repos/oa/openaddresses/statuses/${AFTER}`,
    comments_url: 'https://api.github.com/repos/oa/openaddresses/issues/7/comments',
    base: { sha: BEFORE, ref: 'main', repo: REPOSITORY },
    head: { sha: AFTER, repo: { name: 'my-fork', owner: { login: 'ann' } } },
  },
}
