import { describe, expect, test } from 'bun:test'
import { readEvent } from './event.ts'
import { AFTER, NONE, REPOSITORY, PUSH, PULL } from './event_cases.ts'

const COMMENT = {
  action: 'created',
  issue: { number: 7, pull_request: { url: 'https://api.github.com/repos/oa/openaddresses/pulls/7' } },
  comment: { id: 12, body: 'Thanks\n/retest us/ca' },
  repository: REPOSITORY,
  sender: { login: 'eve', type: 'User' },
}
const CHECK = {
  action: 'rerequested',
  check_run: { external_id: 'job-1', head_sha: AFTER },
  repository: REPOSITORY,
  sender: { login: 'eve' },
}

describe('something is asked for by', () => {
  const at = { repository: { owner: 'oa', name: 'openaddresses' }, repositoryId: 77, defaultBranch: 'main' }
  const suite = { action: 'rerequested', check_suite: { head_sha: AFTER }, repository: REPOSITORY }
  const said = { what: 'comment', pullNumber: 7, commentId: 12, body: COMMENT.comment.body, before: '' }
  const cases: [name: string, event: string, payload: unknown, understood: string, ask: object][] = [
    [
      'a command in a comment',
      'issue_comment',
      COMMENT,
      'eve asked for retest in pull request 7',
      { ...said, login: 'eve' },
    ],
    [
      'a command that came into a comment later, by who put it there',
      'issue_comment',
      {
        ...COMMENT,
        action: 'edited',
        changes: { body: { from: 'Thanks' } },
        sender: { login: 'mod', type: 'User' },
      },
      'mod asked for retest in pull request 7',
      { ...said, before: 'Thanks', login: 'mod' },
    ],
    [
      'the button of a check',
      'check_run',
      CHECK,
      `eve asked for the check run of bbbbbbb again`,
      { what: 'rerequested', jobId: 'job-1', commitSha: AFTER, login: 'eve' },
    ],
    [
      'the button of all checks, by who is gone meanwhile',
      'check_suite',
      suite,
      `ghost asked for the check suite of bbbbbbb again`,
      { what: 'rerequested', jobId: null, commitSha: AFTER, login: 'ghost' },
    ],
    [
      'a pull request that was closed',
      'pull_request',
      { ...PULL, action: 'closed' },
      'ann closed pull request 7',
      { what: 'closed', pullNumber: 7 },
    ],
    [
      'a pull request that was merged',
      'pull_request',
      { ...PULL, action: 'closed', pull_request: { ...PULL.pull_request, merged: true } },
      'ann merged pull request 7',
      { what: 'closed', pullNumber: 7 },
    ],
    [
      'a branch that was deleted',
      'push',
      { ...PUSH, ref: 'refs/heads/x', after: NONE },
      'ann deleted x',
      { what: 'deleted', ref: 'refs/heads/x' },
    ],
  ]
  for (const [name, event, payload, understood, ask] of cases) {
    test(name, () => {
      expect(readEvent(event, payload)).toEqual({ kind: 'ask', ...at, understood, ask } as never)
    })
  }
})

describe('nothing is asked for by', () => {
  const bot = { login: 'helper[bot]', type: 'Bot' }
  const ours = { id: 12, body: '/ok-to-test\n\n<!-- machine:reply:1 -->' }
  const cases: [name: string, event: string, payload: unknown, what: string][] = [
    [
      'a comment that was deleted',
      'issue_comment',
      { ...COMMENT, action: 'deleted' },
      'a comment that was deleted',
    ],
    [
      'a comment on an issue',
      'issue_comment',
      { ...COMMENT, issue: { number: 7 } },
      'a comment that is not on a pull request',
    ],
    ['a comment by a bot', 'issue_comment', { ...COMMENT, sender: bot }, 'a comment by a bot'],
    ['a comment of our own', 'issue_comment', { ...COMMENT, comment: ours }, 'a comment of our own'],
    [
      'a comment of plain words',
      'issue_comment',
      { ...COMMENT, comment: { id: 1, body: 'please retest' } },
      'a comment without a command that is new',
    ],
    [
      'an edited comment of which nobody tells what it was',
      'issue_comment',
      { ...COMMENT, action: 'edited' },
      'a comment without a command that is new',
    ],
    ['a check that was made', 'check_run', { ...CHECK, action: 'created' }, 'a check run that was created'],
    [
      'a suite that is done',
      'check_suite',
      { ...CHECK, action: 'completed' },
      'a check suite that was completed',
    ],
    ['a review', 'pull_request_review', {}, 'the event pull_request_review'],
    ['a star', 'star', {}, 'the event star'],
    ['a status', 'status', {}, 'the event status'],
  ]
  for (const [name, event, payload, what] of cases) {
    test(name, () => {
      expect(readEvent(event, payload)).toEqual({ kind: 'ignored', why: `nothing follows from ${what}` })
    })
  }
})
