/** The verdict on a run, on its page: what it was compared with, field by field, and what follows from it. */
import type { Run } from '../../shared/db/runs.ts'
import type { RunVerdict } from '../../shared/db/verdicts.ts'
import { grouped, percent } from '../../shared/text.ts'
import type { Field } from '../../shared/verdict_fields.ts'
import { baseOf } from './words.tsx'

export interface VerdictProps {
  readonly run: Pick<Run, 'id' | 'sourcePath' | 'layer' | 'name' | 'result'>
  readonly verdict: RunVerdict | null
}

/** Sides of the box are degrees, not counts. */
const SIDES: readonly string[] = ['west', 'south', 'east', 'north']

/** What was decided, and the numbers; nothing for a run about which nothing was. */
export function VerdictPart({ run, verdict }: VerdictProps) {
  if (verdict === null) return null
  const { against, reasons, fields } = verdict
  return (
    <section>
      <h2>{verdict.verdict === 'hold' ? 'Why it is held' : 'Compared'}</h2>
      {reasons.length > 0 && (
        <ul class="reasons">
          {reasons.map(({ sentence }) => (
            <li>
              <bdi>{sentence}</bdi>
            </li>
          ))}
        </ul>
      )}
      {verdict.verdict === 'hold' && <Outcome run={run} verdict={verdict} />}
      {against === null ? (
        <p class="quiet">There was no accepted run before it: nothing to compare with.</p>
      ) : (
        <>
          <p>
            Against <a href={`/runs/${against}`}>run {against}</a>, the last accepted one.
            <Difference diff={run.result?.diff} />
          </p>
          {fields.length > 0 && <Fields fields={fields} />}
        </>
      )}
    </section>
  )
}

/** What became of a hold, or how to lift it. */
function Outcome({ run, verdict }: { readonly run: VerdictProps['run']; readonly verdict: RunVerdict }) {
  const { acceptedAt, acceptedBy, acceptedWhy, supersededBy } = verdict
  if (acceptedAt !== null) {
    return (
      <p>
        Accepted by <bdi>{acceptedBy}</bdi> on {acceptedAt.toISOString().slice(0, 10)}:{' '}
        <bdi>{acceptedWhy}</bdi>
      </p>
    )
  }
  if (supersededBy !== null) {
    return (
      <p>
        Nobody needs to look at it any more: <a href={`/runs/${supersededBy}`}>run {supersededBy}</a> was
        fine.
      </p>
    )
  }
  return (
    <>
      <p>
        Nothing of it is published, and what was good before stays current. If its numbers are right, whoever
        runs this Machine accepts it:
      </p>
      <p>
        <code>machine accept {run.id} --who NAME --why REASON</code>
      </p>
      <p class="quiet">
        A later run of <bdi>{baseOf(run.sourcePath)}</bdi> that is fine makes this one superfluous.
      </p>
    </>
  )
}

function Difference({ diff }: { readonly diff: NonNullable<Run['result']>['diff'] }) {
  if (!diff) return null
  const { added, removed, moved, edited, unchanged } = diff
  return (
    <>
      {' '}
      Rows: {grouped(added)} added, {grouped(removed)} removed, {grouped(moved)} moved, {grouped(edited)}{' '}
      edited, {grouped(unchanged)} unchanged.
    </>
  )
}

function Fields({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <section class="wide" tabindex={0} aria-label="Numbers, field by field">
      <table>
        <thead>
          <tr>
            {['Field', 'Before', 'Now', 'Change'].map((title) => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr>
              <th scope="row">{field.field}</th>
              <td>{number(field, field.before)}</td>
              <td>{number(field, field.now)}</td>
              <td>{changeText(field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function number({ field }: Field, value: number | null): string {
  if (value === null) return '–'
  return SIDES.includes(field) ? value.toFixed(4) : grouped(value)
}

function changeText({ field, change }: Field): string {
  if (change === null) return ''
  const sign = change < 0 ? '−' : '+'
  if (change === 0) return 'none'
  return SIDES.includes(field)
    ? `${sign}${Math.abs(change).toFixed(4)}°`
    : `${sign}${percent(Math.abs(change))}`
}
