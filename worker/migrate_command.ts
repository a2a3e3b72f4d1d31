/** `machine migrate` as a command. */
import { connect, explain } from '../shared/db/sql.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { migrate } from './migrate.ts'
import { readOptions } from './options.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the database to what this code needs',
  usage: `Usage: machine migrate

Runs the migrations that have not run yet and makes all functions and views again, in one transaction.
Safe to run twice, and by two at once. What needs an extension that this Postgres has not (PostGIS, for the
numbers of coverage) is left out, saying so, and tried again by the next migrate. Needs DATABASE_URL.`,
  async run(argv) {
    readOptions(argv, {})
    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    const sql = connect(databaseUrl, { max: 1, name: 'machine migrate' })
    try {
      const { ran, skipped, functions, views } = await migrate(sql)
      const said = ran.length === 0 ? 'no new migrations' : `ran ${ran.join(', ')}`
      process.stdout.write(`${said}; ${functions} files of functions and ${views} views made again\n`)
      for (const { name, why } of skipped) process.stdout.write(`left out ${name}: ${why}\n`)
      return 0
    } catch (error) {
      throw new Error(explain(error, databaseUrl), { cause: error })
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}
