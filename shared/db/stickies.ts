/** The one comment of each pull request: on loan to one reporter at a time. */
import { type ISql, storable } from './sql.ts'

/** Of which pull request. */
export interface StickyKey {
  readonly repositoryKey: string
  readonly pullNumber: number
}

/** The comment, on loan. */
export interface Sticky extends StickyKey {
  readonly attempt: number
  /** Null before it is known. */
  readonly commentId: number | null
  readonly digest: string | null
}

/** Undefined when somebody else has it, a later job wrote it, or GitHub takes no comments there. */
export async function claimSticky(
  sql: ISql,
  { repositoryKey, pullNumber }: StickyKey,
  { sequence, seconds }: { readonly sequence: number; readonly seconds: number },
): Promise<Sticky | undefined> {
  const [sticky] = await sql<Sticky[]>`
    select repository_key as "repositoryKey", pull_number as "pullNumber", attempt,
      comment_id::float8 as "commentId", digest
    from machine.claim_sticky(${repositoryKey}, ${pullNumber}, ${sequence}, make_interval(secs => ${seconds}))`
  return sticky
}

/** Whether another reporter has the comment just now, so that it is worth coming again. */
export async function isStickyHeld(sql: ISql, { repositoryKey, pullNumber }: StickyKey): Promise<boolean> {
  const [row] = await sql<[{ held: boolean }]>`
    select exists (select from stickies where repository_key = ${repositoryKey} and pull_number = ${pullNumber}
      and refused is null and lease_until > queue.clock()) as held`
  return row.held
}

/** Give it back, with what is new of it. */
export async function leaveSticky(
  sql: ISql,
  { repositoryKey, pullNumber, attempt }: Sticky,
  now: {
    readonly comment_id?: number | null
    readonly sequence?: number
    readonly digest?: string
    readonly refused?: string
  },
): Promise<void> {
  await sql`
    select machine.leave_sticky(${repositoryKey}, ${pullNumber}, ${attempt}, ${sql.json(storable(now) as never)})`
}
