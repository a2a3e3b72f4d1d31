/** `/schedule`: what is started when, what came of it last, and what is late. */
import type { Context } from 'hono'
import { listSchedule, type Scheduled } from '../../shared/db/schedule.ts'
import { duration } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'
import { Mark, markOfEntry } from './marks.tsx'
import { Ago } from './words.tsx'

/** Answer with the schedule. */
export async function schedulePage(c: Context, { sql }: Doors): Promise<Response> {
  const entries = await listSchedule(sql)
  return answer(c, { facts: { entries }, view: () => <ScheduleView entries={entries} now={new Date()} /> })
}

function ScheduleView({ entries, now }: { readonly entries: readonly Scheduled[]; readonly now: Date }) {
  return (
    <Layout title="Schedule" json="/schedule.json">
      <h1>Schedule</h1>
      <p class="lead">What is started by itself, when, and what came of it last.</p>
      {entries.length === 0 ? (
        <p class="empty">
          Nothing is scheduled. <code>machine schedule defaults</code> puts the usual times.
        </p>
      ) : (
        <ul class="list">
          {entries.map((entry) => (
            <Entry entry={entry} now={now} />
          ))}
        </ul>
      )}
    </Layout>
  )
}

function Entry({ entry, now }: { readonly entry: Scheduled; readonly now: Date }) {
  const { name, cron, zone, command, outcome, detail, failures } = entry
  return (
    <li class="job" id={name}>
      <div class="row">
        <span class="title">{name}</span> <Mark {...markOfEntry(entry)} />
      </div>
      <p class="note">
        <code>{cron}</code> {zone} · <code>machine {command}</code>
      </p>
      <p class="note">
        <Now entry={entry} now={now} />
      </p>
      {detail !== null && outcome !== 'done' && outcome !== null && (
        <div class="problem">
          <p class="what">
            {SENTENCES[outcome]}
            {failures > 1 && `, ${failures} times in a row`}.
          </p>
          {detail.split('\n').map((line) => (
            <p class="advice">{line}</p>
          ))}
        </div>
      )}
    </li>
  )
}

const SENTENCES = {
  failed: 'It failed',
  overran: 'It ran longer than it may, and was ended',
  lost: 'Its scheduler was not heard of any more',
  stopped: 'It was stopped with its scheduler, and starts again',
} as const

/** `Next start 2026-11-27 21:00 UTC · last 2 days ago, took 8.1 s`. */
function Now({ entry, now }: { readonly entry: Scheduled; readonly now: Date }) {
  const { state, nextStart, lastStart, lastEnd, tookSeconds, runningSeconds, overdueSeconds, hoursMax } =
    entry
  if (state === 'running' && lastStart !== null)
    return (
      <>
        Runs for {duration(runningSeconds)}
        {hoursMax !== null && <> of {duration(hoursMax * 3_600)} at most</>}
      </>
    )
  return (
    <>
      {nextStart === null ? 'No next start' : <>Next start {timeText(nextStart)}</>}
      {overdueSeconds > 0 && <>, {duration(overdueSeconds)} late</>}
      {lastStart !== null && (
        <>
          {' '}
          · last <Ago at={lastEnd ?? lastStart} now={now} />
          {tookSeconds !== null && tookSeconds >= 0 && <>, took {duration(tookSeconds)}</>}
        </>
      )}
    </>
  )
}

function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
