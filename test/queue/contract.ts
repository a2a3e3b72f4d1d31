/**
 * The contract of the queue: every guarantee is a sentence, and each is shown on a real Postgres.
 *
 * Neutral to the runtime (node:assert and postgres.js only): the same table is run on Bun, Node and Deno,
 * and on each Postgres there is.
 */
import { ITEMS } from './contract_items.ts'
import { JOBS } from './contract_jobs.ts'
import { LEASES } from './contract_leases.ts'
import { OPERATORS } from './contract_operators.ts'
import { OUTBOX } from './contract_outbox.ts'
import { REUSE } from './contract_reuse.ts'
import { RUNS } from './contract_runs.ts'
import { SETS } from './contract_sets.ts'
import { SETTLING } from './contract_settling.ts'
import { VERDICTS } from './contract_verdicts.ts'
import { WORKERS } from './contract_workers.ts'
import type { Sentence } from './world.ts'

/** All of it. */
export const CONTRACT: readonly Sentence[] = [
  ...ITEMS,
  ...LEASES,
  ...RUNS,
  ...REUSE,
  ...SETTLING,
  ...JOBS,
  ...SETS,
  ...OUTBOX,
  ...VERDICTS,
  ...WORKERS,
  ...OPERATORS,
]
