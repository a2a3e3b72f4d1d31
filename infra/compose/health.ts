/**
 * Whether the loops of this container are alive: `bun infra/compose/health.ts expand dequeue report`.
 *
 * Loops have no door to knock at. But each asks Postgres again and again, for something to do or to keep
 * what it holds, and Postgres knows from which address and when: a loop that hangs falls silent there.
 */
import { connect } from '../../shared/db/sql.ts'
import { processEnv, readConfig } from '../../worker/env.ts'

/** A loop with nothing to do asks each second; one at work beats. So many beats missed are a silence. */
const BEATS_MISSED_MAX = 3

/** Seconds since each program at this address last said something to Postgres. */
const SILENCES = `
  select application_name as name, min(extract(epoch from clock_timestamp() - state_change))::float8 as seconds
  from pg_stat_activity
  where client_addr = inet_client_addr() and state_change is not null
  group by application_name`

const loops = process.argv.slice(2)
const { databaseUrl, beatSeconds } = readConfig(processEnv(), ['DATABASE_URL'])
const sql = connect(databaseUrl, { max: 1, name: 'machine health' })
try {
  const rows = await sql.unsafe<{ name: string; seconds: number }[]>(SILENCES)
  const silences = new Map(rows.map(({ name, seconds }) => [name, seconds]))
  const silent = loops.filter(
    (loop) => (silences.get(`machine ${loop}`) ?? Number.POSITIVE_INFINITY) > BEATS_MISSED_MAX * beatSeconds,
  )
  console.log(
    loops.map((loop) => `${loop}: ${silences.get(`machine ${loop}`) ?? 'not connected'}`).join(', '),
  )
  process.exitCode = silent.length === 0 && loops.length > 0 ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await sql.end({ timeout: 1 })
}
