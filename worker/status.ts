/** `machine status`: queues, workers, dead items, outbox and schedule in a terminal. */
import { createColors } from 'picocolors'
import { readStatus } from '../shared/db/operators.ts'
import { connect } from '../shared/db/sql.ts'
import { type MachineStatus, type Section, statusSections, statusWarnings } from '../shared/machine_status.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { readOptions } from './options.ts'

/** A cell is cut here; the page and --json have all of it. */
const CELL_CHARS_MAX = 60

const USAGE = `Usage: machine status [--json]

Says what waits in which queue and lane and for how long, which loops are there and what they do since when, what is
dead, what GitHub has yet to hear, and how everything on the schedule ended last.

  --json   facts as JSON

Exits with 0 when nothing is wrong, 1 when something is: it is said in the last lines. Needs DATABASE_URL.`

export const statusCommand: Command = {
  name: 'status',
  summary: 'Queues, workers, dead items, outbox, schedule: the whole at a glance',
  usage: USAGE,
  async run(argv) {
    const { json } = readOptions(argv, { json: { type: 'boolean' } })
    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(databaseUrl)
    const sql = connect(databaseUrl, { max: 4, name: 'machine status' })
    try {
      const status = await readStatus(sql)
      const warnings = statusWarnings(status, new Date())
      process.stdout.write(
        json ? `${JSON.stringify({ ...status, warnings }, null, 2)}\n` : text(status, warnings),
      )
      return warnings.length === 0 ? 0 : 1
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

function text(status: MachineStatus, warnings: readonly string[]): string {
  const pc = createColors(process.stdout.isTTY === true)
  const parts = statusSections(status, new Date()).map(
    (section) =>
      `${pc.bold(section.title)}\n${table(section)
        .map((line) => `  ${line}\n`)
        .join('')}`,
  )
  const last =
    warnings.length === 0
      ? pc.green('nothing is wrong')
      : warnings.map((line) => pc.red(`! ${line}`)).join('\n')
  return `${parts.join('\n')}\n${last}\n`
}

function table({ columns, rows, empty }: Section): string[] {
  if (rows.length === 0) return [empty]
  const cells = [columns, ...rows.map((row) => row.map(({ text }) => printable(text)))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  return cells.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Strangers name sources, and errors quote servers: nothing of that may steer the terminal. */
function printable(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
  return plain.length <= CELL_CHARS_MAX ? plain : `${plain.slice(0, CELL_CHARS_MAX - 1)}…`
}
