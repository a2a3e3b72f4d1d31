/**
 * Approval: who may make Machine work, and who may say so for others.
 *
 * A run costs hours of a worker and goes wherever its source points to. So the pull request of somebody who is not known
 * waits until somebody with write access has looked at it. Facts come from GitHub's API, never from a payload.
 */
import type { Rules } from './repositories.ts'

/** What is asked about a pull request. */
export interface Asker {
  /** GitHub's word for how the author stands to the repository. */
  readonly association: string
  /** The head is a branch of the repository itself: who put it there may write. */
  readonly isOwnBranch: boolean
  /** Somebody with write access said `/ok-to-test` before. */
  readonly isApproved: boolean
}

/** Whether a pull request may run: now, after a word of somebody who may write, or not at all. */
export type Permit = 'now' | 'after approval' | 'never'

/** Associations of those who belong to a repository. CONTRIBUTOR is not among them: one merged commit makes one. */
const KNOWN = ['OWNER', 'MEMBER', 'COLLABORATOR']

/** Words of GitHub's permission API for those who may push. */
const WRITERS = ['admin', 'maintain', 'write']

/** Whether a pull request may run. */
export function permitFor({ trust }: Pick<Rules, 'trust'>, asker: Asker): Permit {
  if (trust === 'open' || asker.isOwnBranch || KNOWN.includes(asker.association)) return 'now'
  if (trust === 'members') return 'never'
  return asker.isApproved ? 'now' : 'after approval'
}

/** Whether somebody may say yes for others: to a newcomer's pull request, or to held data. */
export function mayApprove(permission: string): boolean {
  return WRITERS.includes(permission)
}

/** Whether somebody may have a pull request run again, or stopped: its author may, and those who care for the repository. */
export function maySteer(permission: string, { isAuthor }: { readonly isAuthor: boolean }): boolean {
  return isAuthor || mayApprove(permission) || permission === 'triage'
}

/** What the check of a waiting pull request says. */
export function waitSentence(author: string): string {
  return `${author} has not contributed here as a member yet: somebody with write access looks at the change and comments /ok-to-test, then it runs`
}

/** What the check says where nobody can let it run. */
export function neverSentence(author: string): string {
  return `${author} is not a member of this repository, and only pull requests of members run here`
}
