/** `machine enqueue-sources` as a command. */
import { connect, explain } from '../shared/db/sql.ts'
import { counted } from '../shared/text.ts'
import type { Command } from './cli.ts'
import { type Enqueued, enqueueSources } from './enqueue_sources.ts'
import { processEnv, readConfig } from './env.ts'
import { github } from './io/github.ts'
import { githubArchive } from './io/github_archive.ts'
import { checkPostgres } from './loops.ts'
import { readOptions } from './options.ts'
import { movingLine } from './system/moving_line.ts'

const USAGE = `Usage: machine enqueue-sources [options]

Makes a set of all sources of a repository, and ends: the set goes by itself from then on, behind every pull request
(machine control, or machine dequeue, releases it bit by bit; machine work does it). A second set of the same repository
is not begun while one goes. machine set shows, pauses, resumes and cancels sets.

  --owner OWNER        owner of the repository (openaddresses)
  --repository NAME    name of the repository (openaddresses)
  --ref BRANCH         another branch than the default one; its results are current nowhere
  --anyway             begin, although a set of this repository goes
  --rerun              run every source, also where a recent good result of the same file could be reused
  --dry-run            look what there is, and make no set
  --json               write what came of it as one line of JSON

Exits with 0 when the set is there, 1 when it is not (no such repository, GitHub away, or a set that goes already), 2
when it was called wrongly. Needs DATABASE_URL, and a GITHUB_TOKEN that may read the repository.`

export const enqueueSourcesCommand: Command = {
  name: 'enqueue-sources',
  summary: 'Make a set: run every source of a repository, bit by bit',
  usage: USAGE,
  async run(argv) {
    const options = readOptions(argv, {
      owner: { type: 'string', default: 'openaddresses' },
      repository: { type: 'string', default: 'openaddresses' },
      ref: { type: 'string' },
      anyway: { type: 'boolean' },
      rerun: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    })
    const config = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(config.databaseUrl)
    const sql = connect(config.databaseUrl, { max: 1, name: 'machine enqueue-sources' })
    const line = movingLine(process.stderr)
    const access = { token: config.githubToken, apiUrl: config.githubApiUrl }
    const began = performance.now()
    try {
      const enqueued = await enqueueSources(
        { sql, github: github(access), archive: githubArchive(access), tell: line.tell },
        {
          repository: { owner: options.owner, name: options.repository },
          ref: options.ref,
          anyway: options.anyway,
          rerun: options.rerun,
          dryRun: options['dry-run'],
        },
      )
      line.clear()
      const seconds = (performance.now() - began) / 1000
      process.stdout.write(
        `${options.json ? JSON.stringify({ ...enqueued, seconds: Number(seconds.toFixed(2)) }) : said(enqueued, seconds)}\n`,
      )
      return enqueued.outcome === 'not twice' ? 1 : 0
    } catch (error) {
      line.clear()
      throw isOfPostgres(error) ? new Error(explain(error, config.databaseUrl), { cause: error }) : error
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

/** What came of it, in a sentence or two. */
function said({ outcome, set, owner, repository, commit, ...counts }: Enqueued, seconds: number): string {
  if (outcome === 'not twice')
    return `set ${set} of ${owner}/${repository} still goes; nothing was begun (--anyway begins another)`
  const broken = counts.broken === 0 ? '' : `, ${counted(counts.broken, 'file')} broken`
  const what = `${counted(counts.sources, 'data source')} in ${counted(counts.files, 'file')}${broken}`
  const where = `${owner}/${repository} at ${commit?.slice(0, 7)}`
  if (outcome === 'looked') return `${where} has ${what}; no set was made`
  return `set ${set}: ${what}, of ${where}, in ${seconds.toFixed(1)} s`
}

function isOfPostgres(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: unknown }
  return name === 'PostgresError' || (typeof code === 'string' && /^CONNECT|^ECONN|^CONNECTION/.test(code))
}
