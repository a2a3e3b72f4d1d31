/**
 * `npm start`: the whole machine on this computer, and one push that goes through it.
 *
 * A stand-in for GitHub serves examples/; its push event is signed and sent to the real hook. What then
 * happens is shown here as it happens, and on the job's page. With `--once` it ends when the job has
 * settled, with 0 when every data source ended as `expected.json` says.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJob, readJobSources } from '../shared/db/jobs.ts'
import { connect } from '../shared/db/sql.ts'
import { type Examples, serveExamples } from '../test/standins/serve_examples.ts'
import { processEnv, readConfig } from '../worker/env.ts'
import { sleep } from '../worker/system/drain.ts'
import { portOf, readOptions, UsageError } from '../worker/options.ts'
import { appendTo, logger } from '../worker/system/log.ts'
import { isFree } from '../worker/system/postgres_server.ts'
import { exitCode, stopSignal } from '../worker/system/stop_signal.ts'
import { type Up, UP_DEFAULTS, up } from '../worker/up.ts'
import { untilTold } from '../worker/up_command.ts'
import { type Expected, surprises } from './expected.ts'
import { picture, table } from './picture.ts'

/** Slow enough to be watched, quick enough not to wait for. */
const DRIP_BYTES_PER_SECOND = 60_000

/** How often the terminal is drawn. */
const LOOK_PAUSE_MS = 200

/** A job of examples/ that takes longer is stuck. */
const ONCE_MS_MAX = 5 * 60_000

/** The file of the folder that remembers where the examples are served. */
const EXAMPLES_PORT = 'examples.port'

/** A verdict waits for nothing. */
const HEARD_MS_MAX = 20_000

const USAGE = `Usage: npm start -- [options]

Runs the whole machine on this computer and plays one push of examples/ through it.

  --once                  end when the job has settled: 0 when all ended as expected, 1 otherwise
  --port PORT             port of the pages (8000, or another when that is taken; 0 for any)
  --postgres-port PORT    port of its own Postgres (any)
  --folder FOLDER         where database and files are kept (.machine)
  --drip BYTES            bytes a second that the example server sends (${DRIP_BYTES_PER_SECOND}; 0 for full speed)
  --log                   show the log of every part too, which otherwise goes to FOLDER/machine.log only`

process.exit(await play(process.argv.slice(2)))

/** @returns the exit code */
async function play(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const options = understood(argv)
  if (options === undefined) return 2

  const { folder, log: isLoud } = options
  const stop = stopSignal(false)
  const say = (line: string) => process.stdout.write(`${line}\n`)
  const logPath = join(folder, 'machine.log')
  let machine: Up | undefined
  let examples: Examples | undefined
  try {
    say(`Starting Postgres, the edge, and the loops …${isLoud ? '' : ` (their log: ${logPath})`}`)
    examples = await serveExamples({ port: await portOfLastTime(folder), dripBytesPerSecond: options.drip })
    machine = await up({
      config: readConfig(environmentOf(examples.addresses.github), []),
      folder,
      ...options.ports,
      say: (line) => say(`  ${line}`),
      logOf: (who) => logger(who, loudly(appendTo(logPath), isLoud)),
    })
    await writeFile(join(folder, EXAMPLES_PORT), `${examples.port}\n`)
    const jobId = await push(examples, machine)
    say(`\nOne push of examples/ is on its way. Watch it at\n\n    ${machine.url}/jobs/${jobId}\n`)

    const code = await watchJob(machine, jobId, { signal: stop.signal, say })
    if (!stop.signal.aborted) await tellHeard(examples, jobId, { signal: stop.signal, say })
    if (options.once) return stop.signal.aborted ? exitCode(stop.signal) : code
    if (!stop.signal.aborted) say(`\nThe machine goes on at ${machine.url}. Ctrl-C stops it.`)
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

/** What a command line asks for; undefined, and said, when it is none. */
function understood(argv: readonly string[]) {
  try {
    const {
      drip: speed,
      port,
      'postgres-port': postgresPort,
      ...rest
    } = readOptions(argv, {
      once: { type: 'boolean' },
      port: { type: 'string' },
      'postgres-port': { type: 'string' },
      folder: { type: 'string', default: '.machine' },
      drip: { type: 'string', default: `${DRIP_BYTES_PER_SECOND}` },
      log: { type: 'boolean' },
    })
    const drip = Number(speed)
    if (!Number.isFinite(drip) || drip < 0)
      throw new UsageError(`expected bytes a second after --drip, got "${speed}"`)
    return { ...rest, drip, ports: { ...portOf('port', port), ...portOf('postgresPort', postgresPort) } }
  } catch (error) {
    process.stderr.write(`machine: ${(error as Error).message}\nTry: npm start -- --help\n`)
    return undefined
  }
}

/** Writes a line to the log, and to the terminal too where that is wanted. */
function loudly(write: (text: string) => void, isLoud: boolean): (text: string) => void {
  return (text) => {
    write(text)
    if (isLoud) process.stderr.write(text)
  }
}

/**
 * Where the examples were served last time, if that is free: at the same address their commits are the
 * same, and what was interrupted finds its data again.
 */
async function portOfLastTime(folder: string): Promise<number> {
  const port = Number(await readFile(join(folder, EXAMPLES_PORT), 'utf8').catch(() => 0)) || 0
  return port !== 0 && (await isFree(port)) ? port : 0
}

/** The stand-in instead of GitHub, its data servers allowed, and real work at each start. */
function environmentOf(githubUrl: string): Record<string, string | undefined> {
  return {
    ...UP_DEFAULTS,
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

/** Show a job until it has settled. Gives 0 when it ended as expected. */
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

/** Wait until the stand-in has heard the verdict on its commit, and say what it heard. */
async function tellHeard(
  { github, repository, addresses }: Examples,
  jobId: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<void> {
  const giveUpAt = performance.now() + HEARD_MS_MAX
  while (!signal.aborted) {
    const heard = github
      .statuses(repository, addresses.after)
      .findLast(({ target_url }) => target_url?.endsWith(jobId))
    // While data sources are open, a description says how many are done.
    if (heard !== undefined && heard.state !== 'pending' && !heard.description?.endsWith(' done)'))
      return say(`GitHub heard of the commit: ${heard.state}: ${heard.description}`)
    if (performance.now() > giveUpAt) throw new Error('GitHub has not heard the verdict')
    await sleep(LOOK_PAUSE_MS, signal)
  }
}

async function readExpected(): Promise<Expected[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, 'expected.json'), 'utf8')) as Expected[]
}
