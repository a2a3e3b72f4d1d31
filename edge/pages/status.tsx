/** `/status`: queues, workers, dead items, outbox and schedule, for operators. */
import type { Context } from 'hono'
import { readStatus } from '../../shared/db/operators.ts'
import {
  type MachineStatus,
  type Section,
  statusSections,
  statusWarnings,
} from '../../shared/machine_status.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'

/** A longer cell may break into lines. */
const LONG_CHARS = 40

/** Answer with the whole at a glance. */
export async function statusPage(c: Context, { sql }: Doors): Promise<Response> {
  const status = await readStatus(sql)
  const now = new Date()
  const warnings = statusWarnings(status, now)
  return answer(c, {
    facts: { ...status, warnings },
    view: () => <StatusView status={status} warnings={warnings} now={now} />,
  })
}

interface StatusProps {
  readonly status: MachineStatus
  readonly warnings: readonly string[]
  readonly now: Date
}

function StatusView({ status, warnings, now }: StatusProps) {
  return (
    <Layout title="Status" json="/status.json">
      <h1>Status</h1>
      {warnings.length === 0 ? (
        <p class="lead">Nothing is wrong.</p>
      ) : (
        <div class="problem">
          {warnings.map((line) => (
            <p class="what">
              <bdi>{line}</bdi>
            </p>
          ))}
        </div>
      )}
      {statusSections(status, now).map((section) => (
        <SectionView section={section} />
      ))}
    </Layout>
  )
}

function SectionView({ section: { title, columns, rows, empty } }: { readonly section: Section }) {
  return (
    <section>
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="quiet">{empty}</p>
      ) : (
        <section class="wide" tabindex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  {row.map(({ text, href }) => (
                    <td class={text.length > LONG_CHARS ? 'long' : undefined}>
                      {href === undefined ? <bdi>{text}</bdi> : <a href={href}>{text}</a>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  )
}
