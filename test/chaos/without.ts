/** Guarantees that chaos can be run without, to show that it would see them gone. */
import type { Sql } from '../../shared/db/sql.ts'

interface Guarantee {
  /** Function, what stands in it, and what is put there instead. */
  readonly changes: readonly (readonly [name: string, from: string, to: string])[]
  readonly sql?: string
}

/** What can be taken out, by name. */
export const GUARANTEES: Readonly<Record<string, Guarantee>> = {
  /** Whoever had a task may end it, beat for it and hand it in, although another has it. */
  fence: {
    changes: [
      ['queue.finish', ' and attempt = _attempt and lease_until is not null', ''],
      ['queue.extend', ' and i.attempt = ours.attempt and i.worker_id is not null', ''],
    ],
  },
  /** The index, and the look before it: the table itself is asked last. */
  index: {
    changes: [['machine.settle', ' and status is null and abandoned_at is null', '']],
    sql: 'drop index runs_one_result',
  },
  /** A sweep follows a restart at once. */
  guard: { changes: [['queue.sweep', 'queue.uptime() < _grace', 'false']] },
}

/** Take one out of this database. */
export async function takeOut(sql: Sql, name: string): Promise<void> {
  const guarantee = GUARANTEES[name]
  if (guarantee === undefined)
    throw new Error(`nothing is called "${name}"; there are ${Object.keys(GUARANTEES).join(', ')}`)
  await sql.unsafe(guarantee.sql ?? '')
  for (const [called, from, to] of guarantee.changes) {
    const [row] = await sql<
      [{ definition: string }]
    >`select pg_get_functiondef(${called}::text::regproc) as definition`
    if (!row.definition.includes(from)) throw new Error(`${called} has no "${from}" to take out`)
    await sql.unsafe(row.definition.replaceAll(from, to))
  }
}
