/**
 * The contract as a program, for Node and Deno: `contract_program.ts <database>`.
 *
 * Writes one line of JSON for each sentence, with what was wrong or null. The database is migrated, and
 * nobody else's.
 */
import process from 'node:process'
import { connect } from '../../shared/db/sql.ts'
import { CONTRACT } from './contract.ts'
import { clear } from './world.ts'

/** A line that it writes. */
export interface Verdict {
  readonly sentence: string
  readonly wrong: string | null
}

const sql = connect(process.argv[2] ?? '', { max: 10, name: 'contract' })
for (const [sentence, check] of CONTRACT) {
  await clear(sql)
  const wrong = await check(sql).then(
    () => null,
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  )
  console.log(JSON.stringify({ sentence, wrong } satisfies Verdict))
}
await sql.end({ timeout: 1 })
