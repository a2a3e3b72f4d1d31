import { describe, expect, test } from 'bun:test'
import { mayApprove, maySteer, type Permit, permitFor } from './approval.ts'
import type { Rules } from './repositories.ts'

describe('a pull request', () => {
  type Case = [trust: Rules['trust'], association: string, isOwnBranch: boolean, isApproved: boolean, Permit]
  const cases: Case[] = [
    ['approval', 'OWNER', false, false, 'now'],
    ['approval', 'MEMBER', false, false, 'now'],
    ['approval', 'COLLABORATOR', false, false, 'now'],
    ['approval', 'CONTRIBUTOR', false, false, 'after approval'],
    ['approval', 'FIRST_TIME_CONTRIBUTOR', false, false, 'after approval'],
    ['approval', 'FIRST_TIMER', false, false, 'after approval'],
    ['approval', 'MANNEQUIN', false, false, 'after approval'],
    ['approval', 'NONE', false, false, 'after approval'],
    ['approval', 'A_NEW_WORD', false, false, 'after approval'],
    ['approval', 'NONE', true, false, 'now'],
    ['approval', 'NONE', false, true, 'now'],
    ['open', 'NONE', false, false, 'now'],
    ['members', 'NONE', false, false, 'never'],
    ['members', 'NONE', false, true, 'never'],
    ['members', 'MEMBER', false, false, 'now'],
    ['members', 'NONE', true, false, 'now'],
  ]
  for (const [trust, association, isOwnBranch, isApproved, permit] of cases) {
    const how = `${isOwnBranch ? ', own branch' : ''}${isApproved ? ', approved' : ''}`
    test(`under ${trust} by ${association}${how} runs ${permit}`, () => {
      expect(permitFor({ trust }, { association, isOwnBranch, isApproved })).toBe(permit)
    })
  }
})

test('who may write may say yes for others; who may triage, or is the author, may have it run again', () => {
  const words = ['admin', 'maintain', 'write', 'triage', 'read', 'none', '']

  expect(words.filter(mayApprove)).toEqual(['admin', 'maintain', 'write'])
  expect(words.filter((word) => maySteer(word, { isAuthor: false }))).toEqual([
    'admin',
    'maintain',
    'write',
    'triage',
  ])
  expect(words.every((word) => maySteer(word, { isAuthor: true }))).toBe(true)
})
