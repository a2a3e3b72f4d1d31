/** `/problems`: every way in which a run can end without being good, with an anchor for each code. */
import type { Context } from 'hono'
import type { ProblemKind } from '../../shared/problem_kind.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { FAULTS, passing, RETRIES } from '../../shared/problem_words.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'

/** Answer with the table of problems. */
export function problemsPage(c: Context): Response | Promise<Response> {
  const facts = Object.entries<ProblemKind>(PROBLEMS).map(([code, kind]) => ({ code, ...kind }))
  return answer(c, { facts, view: () => <ProblemsView /> })
}

function ProblemsView() {
  const rows = Object.entries<ProblemKind>(PROBLEMS)
  return (
    <Layout title="Problems" json="/problems.json">
      <h1>What can be wrong with a run</h1>
      <p class="lead">
        A code never changes its meaning. It is the same on pages, in checks, in JSON and in metrics.
      </p>
      {Object.entries(FAULTS).map(([fault, heading]) => (
        <section>
          <h2>{heading}</h2>
          {rows
            .filter(([, kind]) => kind.fault === fault)
            .map(([code, kind]) => (
              <section id={code}>
                <h3>
                  <a href={`#${code}`}>
                    <code>{code}</code>
                  </a>
                </h3>
                <p>
                  <strong>{kind.sentence}.</strong> {kind.advice}
                </p>
                <p class="quiet">
                  {passing(kind)} {RETRIES[kind.retry]}
                </p>
              </section>
            ))}
        </section>
      ))}
    </Layout>
  )
}
