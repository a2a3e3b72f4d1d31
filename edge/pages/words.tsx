/** Small pieces that several pages say. */
import { type ProblemCode, sentence } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'

/** A state in a word, a sign and a colour: any one of them is enough. */
export function Verdict({ status, isOpen }: { readonly status: boolean | null; readonly isOpen: boolean }) {
  if (status === true) return <span class="state good">✓ good</span>
  if (status === false) return <span class="state bad">✗ failed</span>
  return <span class="state open">{isOpen ? '… running' : '… open'}</span>
}

export interface CommitProps {
  readonly job: {
    readonly owner: string
    readonly repository: string
    readonly commitSha: string
    readonly ref: string | null
    readonly pullNumber: number | null
  }
}

/** Where a job comes from, linked to GitHub. */
export function Commit({ job: { owner, repository, commitSha, ref, pullNumber } }: CommitProps) {
  const home = `https://github.com/${owner}/${repository}`
  return (
    <>
      {owner}/{repository}{' '}
      {pullNumber === null ? (
        ref !== null && <>branch {ref.replace('refs/heads/', '')}</>
      ) : (
        <a href={`${home}/pull/${pullNumber}`}>pull request {pullNumber}</a>
      )}{' '}
      at{' '}
      <a href={`${home}/commit/${commitSha}`}>
        <code>{commitSha.slice(0, 7)}</code>
      </a>
    </>
  )
}

/** What is wrong, and what its reader can do. */
export function ProblemText({
  code,
  detail,
}: {
  readonly code: ProblemCode
  readonly detail: string | null
}) {
  return (
    <div class="problem">
      <p>{sentence({ code, detail: detail ?? '' })}</p>
      <p class="quiet">
        {PROBLEMS[code]?.advice} <code>{code}</code>
      </p>
    </div>
  )
}

/** `us/ca/berkeley` of `sources/us/ca/berkeley.json`. */
export function baseOf(sourcePath: string): string {
  return sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
}
