/**
 * `npm start`: the whole machine on this computer, and one push that goes through it.
 *
 * A stand-in for GitHub serves examples/; its push event is signed and sent to the real hook. What then
 * happens is shown here as it happens, and on the job's page. With `--once` it ends when the job has
 * settled, with 0 when every data source ended as `expected.json` says.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readJob, readJobSources } from '../shared/db/jobs.ts'
import { connect } from '../shared/db/sql.ts'
import { type Examples, serveExamples } from '../test/standins/serve_examples.ts'
import { processEnv, readConfig } from '../worker/env.ts'
import { sleep } from '../worker/system/drain.ts'
import { exitCode, stopSignal } from '../worker/system/stop_signal.ts'
import { type Up, up } from '../worker/up.ts'
import { portOf, untilTold } from '../worker/up_command.ts'
import { type Expected, surprises } from './expected.ts'
import { picture, table } from './picture.ts'

/** Slow enough to be watched, quick enough not to wait for. */
const DRIP_BYTES_PER_SECOND = 60_000

/** How often the terminal is drawn. */
const LOOK_PAUSE_MS = 200

/** A job of examples/ that takes longer is stuck. */
const ONCE_MS_MAX = 5 * 60_000

const USAGE = `Usage: npm start -- [options]

Runs the whole machine on this computer and plays one push of examples/ through it.

  --once                  end when the job has settled: 0 when all ended as expected, 1 otherwise
  --port PORT             port of the pages (8000, or another when that is taken; 0 for any)
  --postgres-port PORT    port of its own Postgres (any)
  --folder FOLDER         where database and files are kept (.machine)
  --drip BYTES            bytes a second that the example server sends (${DRIP_BYTES_PER_SECOND}; 0 for full speed)
  --log                   show the log of every part too`

process.exit(await play(process.argv.slice(2)))

/** @returns the exit code */
async function play(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === undefined) return 2
  if (options.help) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }

  const stop = stopSignal(false)
  const say = (line: string) => process.stdout.write(`${line}\n`)
  let machine: Up | undefined
  let examples: Examples | undefined
  try {
    say('Starting Postgres, the edge, and the loops …')
    examples = await serveExamples({ dripBytesPerSecond: options.drip })
    machine = await up({
      config: readConfig(environmentOf(examples.addresses.github), []),
      folder: options.folder,
      ...portOf('port', options.port),
      ...portOf('postgresPort', options.postgresPort),
      log: (line) => {
        if (options.log || !line.startsWith('edge:')) say(`  ${line}`)
      },
    })
    const jobId = await push(examples, machine)
    say(`\nOne push of examples/ is on its way. Watch it at\n\n    ${machine.url}/jobs/${jobId}\n`)

    const code = await watchJob(machine, jobId, { signal: stop.signal, say })
    if (options.once || stop.signal.aborted)
      return stop.signal.aborted ? (options.once ? exitCode(stop.signal) : 0) : code
    say(`\nThe machine goes on at ${machine.url}. Ctrl-C stops it.`)
    await Promise.race([machine.failed, untilTold(stop.signal)])
    return 0
  } catch (error) {
    process.stderr.write(`machine: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await machine?.stop()
    await examples?.close()
    stop.release()
  }
}

function readOptions(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        once: { type: 'boolean', default: false },
        port: { type: 'string' },
        'postgres-port': { type: 'string' },
        folder: { type: 'string', default: '.machine' },
        drip: { type: 'string', default: `${DRIP_BYTES_PER_SECOND}` },
        log: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const drip = Number(values.drip)
    if (!Number.isFinite(drip) || drip < 0)
      throw new Error(`expected bytes a second after --drip, got "${values.drip}"`)
    return { ...values, drip, postgresPort: values['postgres-port'] }
  } catch (error) {
    process.stderr.write(`machine: ${(error as Error).message}\n\n${USAGE}\n`)
    return undefined
  }
}

/** The stand-in instead of GitHub, its data servers allowed, and real work at each start. */
function environmentOf(githubUrl: string): Record<string, string | undefined> {
  return {
    ...processEnv(),
    GITHUB_API_URL: githubUrl,
    GITHUB_TOKEN: 'stand-in',
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    RUN_REUSE_DAYS: '0',
  }
}

/** Deliver the push to the hook, as GitHub does. Gives the job that was made of it. */
async function push(examples: Examples, { url, webhookSecret }: Up): Promise<string> {
  const { status, body } = await examples.pushPlay({ hook: `${url}/hook`, secret: webhookSecret })
  if (status !== 202) throw new Error(`the hook answered ${status}: ${body}`)
  return (JSON.parse(body) as { readonly id: string }).id
}

/** Show a job until it has settled and GitHub has heard. Gives 0 when it ended as expected. */
async function watchJob(
  { databaseUrl, failed }: Up,
  jobId: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<number> {
  const sql = connect(databaseUrl, { max: 1, name: 'machine play' })
  const drawn = picture(process.stdout)
  const giveUpAt = performance.now() + ONCE_MS_MAX
  try {
    while (!signal.aborted) {
      const [job, sources] = [await readJob(sql, jobId), await readJobSources(sql, jobId)]
      drawn.show(sources)
      if (job?.endedAt) {
        drawn.end()
        say(`\n${table(sources)}\n`)
        const wrong = surprises(await readExpected(), sources)
        for (const line of wrong) say(`unexpected: ${line}`)
        if (wrong.length === 0) say('Everything ended as it should: what is red here is red on purpose.')
        return wrong.length === 0 ? 0 : 1
      }
      if (performance.now() > giveUpAt)
        throw new Error(`job ${jobId} has not settled after ${ONCE_MS_MAX / 60_000} minutes`)
      await Promise.race([sleep(LOOK_PAUSE_MS, signal), failed])
    }
    return 1
  } finally {
    drawn.end()
    await sql.end({ timeout: 1 })
  }
}

async function readExpected(): Promise<Expected[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'expected.json'), 'utf8')) as Expected[]
}
