import { describe, expect, test } from 'bun:test'
import { readEvent } from './event.ts'
import { BEFORE, AFTER, NONE, PUSH, PULL } from './event_cases.ts'

describe('a push', () => {
  test('to the default branch is compared with what was there before', () => {
    expect(readEvent('push', PUSH)).toEqual({
      kind: 'job',
      event: 'push',
      repositoryId: 77,
      understood: 'ann pushed to main',
      baseRef: null,
      author: 'ann',
      repository: { owner: 'oa', name: 'openaddresses' },
      headRepository: { owner: 'oa', name: 'openaddresses' },
      commitSha: AFTER,
      baseSha: BEFORE,
      defaultBranch: 'main',
      ref: 'refs/heads/main',
      isDefaultBranch: true,
      pullNumber: null,
      statusUrl: `https://api.github.com/repos/oa/openaddresses/statuses/${AFTER}`,
      commentsUrl: null,
    })
  })

  test('to another branch is compared with where it left the default branch', () => {
    const event = readEvent('push', { ...PUSH, ref: 'refs/heads/more' })

    expect(event).toMatchObject({ ref: 'refs/heads/more', baseSha: null, isDefaultBranch: false })
  })

  test('that is the first has nothing to be compared with', () => {
    expect(readEvent('push', { ...PUSH, before: NONE })).toMatchObject({
      baseSha: null,
      isDefaultBranch: true,
    })
  })

  test('may name the owner as older payloads did, and have no address for statuses', () => {
    const repository = { name: 'openaddresses', owner: { name: 'oa' }, default_branch: 'main' }

    expect(readEvent('push', { ...PUSH, repository })).toMatchObject({
      repository: { owner: 'oa', name: 'openaddresses' },
      statusUrl: null,
    })
  })
})

describe('a pull request', () => {
  const deeds = [
    ['opened', 'opened'],
    ['reopened', 'reopened'],
    ['synchronize', 'pushed to'],
    ['ready_for_review', 'asked for a review of'],
  ] as const
  for (const [action, deed] of deeds) {
    test(`that was ${action} makes a job where it was asked for, of files in its fork`, () => {
      expect(readEvent('pull_request', { ...PULL, action })).toEqual({
        kind: 'job',
        event: 'pull_request',
        repositoryId: 77,
        understood: `ann ${deed} pull request 7`,
        baseRef: 'main',
        author: 'ann',
        repository: { owner: 'oa', name: 'openaddresses' },
        headRepository: { owner: 'ann', name: 'my-fork' },
        commitSha: AFTER,
        baseSha: BEFORE,
        defaultBranch: 'main',
        ref: null,
        isDefaultBranch: false,
        pullNumber: 7,
        statusUrl: `https://api.github.com/repos/oa/openaddresses/statuses/${AFTER}`,
        commentsUrl: 'https://api.github.com/repos/oa/openaddresses/issues/7/comments',
      })
    })
  }

  test('whose fork was deleted is read where it was asked for', () => {
    const pull_request = { ...PULL.pull_request, head: { sha: AFTER, repo: null } }

    expect(readEvent('pull_request', { ...PULL, pull_request })).toMatchObject({
      headRepository: { owner: 'oa', name: 'openaddresses' },
    })
  })
})

describe('nothing follows from', () => {
  const cases: [name: string, event: string, payload: unknown, why: string][] = [
    ['a ping', 'ping', { zen: '…' }, 'nothing follows from the event ping'],
    ['a tag', 'push', { ...PUSH, ref: 'refs/tags/v1' }, 'refs/tags/v1 is not a branch'],
    [
      'a label',
      'pull_request',
      { ...PULL, action: 'labeled' },
      'nothing follows from a pull request that was labeled',
    ],
    [
      'another title',
      'pull_request',
      { ...PULL, action: 'edited', changes: { title: { from: 'x' } } },
      'nothing follows from a pull request that was edited in its words only',
    ],
  ]
  for (const [name, event, payload, why] of cases) {
    test(name, () => {
      expect(readEvent(event, payload)).toEqual({ kind: 'ignored', why })
    })
  }
})

describe('what is missing or odd is named:', () => {
  const cases: [name: string, event: string, payload: unknown, message: string][] = [
    ['a list', 'push', [], 'expected the payload to be an object'],
    ['nothing', 'push', null, 'expected the payload to be an object'],
    ['no ref', 'push', { ...PUSH, ref: undefined }, 'expected "ref" to be a text'],
    ['an empty ref', 'push', { ...PUSH, ref: '' }, 'expected "ref" to be a text'],
    ['no repository', 'push', { ...PUSH, repository: null }, 'expected "repository" to be an object'],
    [
      'a commit that is none',
      'push',
      { ...PUSH, after: '../../etc' },
      'expected "after" to be a commit, got "../../etc"',
    ],
    ['no action', 'pull_request', { ...PULL, action: null }, 'expected "action" to be a text'],
    [
      'half a number',
      'pull_request',
      { ...PULL, number: 1.5 },
      'expected "number" to be that of a pull request, got 1.5',
    ],
    [
      'a number as text',
      'pull_request',
      { ...PULL, number: '7' },
      'expected "number" to be that of a pull request, got "7"',
    ],
    [
      'a number that no database keeps',
      'pull_request',
      { ...PULL, number: 3e9 },
      'expected "number" to be that of a pull request, got 3000000000',
    ],
  ]
  for (const [name, event, payload, message] of cases) {
    test(name, () => {
      expect(() => readEvent(event, payload)).toThrow(new TypeError(message))
    })
  }
})
