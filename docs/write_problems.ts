/**
 * `docs/problems.md`, made of the table of problems: `npx bun docs/write_problems.ts` writes it, a test keeps it true.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProblemKind } from '../shared/problem_kind.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import { FAULTS, passing, RETRIES } from '../shared/problem_words.ts'

const OPENING = `# Problems

Every way in which a run can end without being good. The code never changes its meaning; the sentence is followed by what
was found. Both are the same in the state of a run, on its page, in the check on GitHub, in JSON and in \`/metrics\`.

*Made of shared/problem_table.ts by docs/write_problems.ts.*
`

/** The page as text. */
export function problemsMarkdown(): string {
  const rows = Object.entries<ProblemKind>(PROBLEMS)
  const parts = Object.entries(FAULTS).map(([fault, heading]) => {
    const own = rows.filter(([, kind]) => kind.fault === fault)
    return `## ${heading}\n\n${own.map(([code, kind]) => section(code, kind)).join('\n')}`
  })
  return `${OPENING}\n${parts.join('\n')}`
}

function section(code: string, kind: ProblemKind): string {
  const was = kind.was === null ? '' : `\nThe original's "source problem": *${kind.was}*.\n`
  return `### ${code}

**${kind.sentence}.** ${kind.advice}

${passing(kind)} ${RETRIES[kind.retry]}
${was}`
}

// Node 20 does not know import.meta.main.
if (import.meta.main) await writeFile(join(import.meta.dirname, 'problems.md'), problemsMarkdown())
