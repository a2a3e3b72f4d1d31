/** `machine sum-up-data`: the hourly count of the catalogue, which the front page shows. */
import { connect } from '../shared/db/sql.ts'
import { readSums, sumUp } from '../shared/db/sums.ts'
import { grouped } from '../shared/text.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { readOptions } from './options.ts'

const USAGE = `Usage: machine sum-up-data [--dry-run] [--json]

Counts the data sources, those that work, those that are lost, and the rows of the current data, and marks the runs whose data is
current. One transaction: when it is killed, the last count stays.

  --dry-run   show the last count, and make none
  --json      facts as JSON

Exits with 0 when it is counted, 1 when it could not be. Needs DATABASE_URL.`

export const sumUpDataCommand: Command = {
  name: 'sum-up-data',
  summary: 'Count the catalogue, for the front page',
  usage: USAGE,
  async run(argv) {
    const options = readOptions(argv, { 'dry-run': { type: 'boolean' }, json: { type: 'boolean' } })
    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(databaseUrl)
    const sql = connect(databaseUrl, { max: 1, name: 'machine sum-up-data' })
    try {
      const changed = options['dry-run'] ? 0 : await sumUp(sql)
      const sums = await readSums(sql)
      if (options.json) process.stdout.write(`${JSON.stringify({ ...sums, changed })}\n`)
      else if (sums === undefined) process.stdout.write('nothing was ever counted\n')
      else
        process.stdout.write(
          `${grouped(sums.sources)} data sources: ${grouped(sums.working)} work, ${grouped(sums.lost)} of them are lost; ` +
            `${grouped(sums.rows)} rows; ${grouped(changed)} marks changed\n`,
        )
      return 0
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}
