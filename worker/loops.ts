/**
 * The loops as commands: each startable alone, several at once, any number of times.
 *
 * Told to stop (SIGTERM, Ctrl-C) a loop finishes or gives back what it holds, and ends with 0.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { isMigrated } from '../shared/db/migrations.ts'
import { connect, explain, type Sql } from '../shared/db/sql.ts'
import { wakeOn } from '../shared/db/wake.ts'
import { VERDICT_RULES } from '../shared/verdict.ts'
import type { Command } from './cli.ts'
import { dequeue } from './dequeue.ts'
import { type Config, processEnv, readConfig } from './env.ts'
import { expand } from './expand.ts'
import { cloudwatch } from './io/cloudwatch.ts'
import { github } from './io/github.ts'
import { ec2Metadata, metadataUrl } from './io/ec2_metadata.ts'
import { openStorage } from './io/storage.ts'
import { noticeSignal } from './notice.ts'
import { readOptions } from './options.ts'
import { bePresent } from './presence.ts'
import { reconcile } from './reconcile.ts'
import { report } from './report.ts'
import { type Confinement, confinement, confinementText, UNCONFINED } from './system/confine.ts'
import { type Log, logger } from './system/log.ts'
import { stopSignal } from './system/stop_signal.ts'
import { work } from './work.ts'

/** A loop needs one connection for its deed, one to beat, one to listen, and one to spare. */
const CONNECTIONS = 4

/** A loop says that it is there twice a beat, and this often at least. */
const PRESENCE_SECONDS_MAX = 30

/** A loop: one of the four that move work from an event to a verdict. */
export type LoopName = 'expand' | 'reconcile' | 'work' | 'dequeue' | 'report'

export interface LoopOptions {
  readonly signal: AbortSignal
  readonly log?: Log
  /** Files and folders that no run may see, besides those that the configuration names. */
  readonly hidden?: readonly string[]
}

/** Run one loop until told to stop. */
export async function runLoop(
  name: LoopName,
  config: Config,
  { signal, log = logger(name), hidden = [] }: LoopOptions,
): Promise<void> {
  const sql = connect(config.databaseUrl, { max: CONNECTIONS, name: `machine ${name}` })
  // New with each start: a name that comes again would let a dead worker look alive.
  const worker = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`
  const announced = { worker, loop: name, workerClass: config.workerClass, version: manifest.version }
  const presence = bePresent(sql, announced, {
    pauseSeconds: Math.min(PRESENCE_SECONDS_MAX, config.beatSeconds / 2),
    log,
  })
  try {
    await LOOPS[name](config, { sql, worker, log, hidden, drained: presence.drained }, signal)
  } finally {
    await presence.end()
    await sql.end({ timeout: 2 })
  }
}

/** Say at once when Postgres cannot be reached, or is not ready; afterwards loops wait for it to come back. */
export async function checkPostgres(url: string): Promise<void> {
  const sql = connect(url, { max: 1, connectSeconds: 5 })
  try {
    if (!(await isMigrated(sql))) throw new Error('it has not been migrated; run: machine migrate')
  } catch (error) {
    throw new Error(explain(error, url), { cause: error })
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** What every loop gets. */
interface Own {
  readonly sql: Sql
  readonly worker: string
  readonly log: Log
  /** Aborts when it is to take nothing more. */
  readonly drained: AbortSignal
  readonly hidden: readonly string[]
}

const LOOPS: Record<LoopName, (config: Config, own: Own, signal: AbortSignal) => Promise<void>> = {
  expand(config, own, signal) {
    const { leaseSeconds } = config
    return expand(
      {
        ...own,
        github: gitHubOf(config),
        repositories: config.repositories,
        leaseSeconds,
        wait: wakeOn(own.sql, ['events']),
      },
      signal,
    )
  },

  reconcile(config, own, signal) {
    const { repositories, reconcileSeconds: pauseSeconds } = config
    return reconcile({ ...own, github: gitHubOf(config), repositories, pauseSeconds }, signal)
  },

  async work(config, own, signal) {
    const url = metadataUrl(config.ec2MetadataUrl)
    const { log } = own
    const going = url === undefined ? [] : [await noticeSignal(ec2Metadata(url), { log, signal })]
    await work(
      {
        ...own,
        storage: openStorage(config),
        version: manifest.version,
        leaseSeconds: config.leaseSeconds,
        beatSeconds: config.beatSeconds,
        timeoutSeconds: config.runTimeoutHours * 3_600,
        timeoutMaxSeconds: config.runTimeoutMaxHours * 3_600,
        stallSeconds: config.runStallMinutes * 60,
        memoryMb: config.runMemoryMb,
        storagePatienceSeconds: config.storagePatienceSeconds,
        workerClass: config.workerClass,
        reuseDays: config.runReuseDays,
        verdictRules: { ...VERDICT_RULES, rowsFellMax: config.holdRowsFell },
        laneMax: config.workerMaxLane,
        allowPrivate: config.allowPrivateAddresses,
        confined: await confinementOf(config, own),
        hostManners: config.hostManners,
        wait: wakeOn(own.sql, ['tasks']),
      },
      AbortSignal.any([signal, ...going]),
    )
    // Started again on a computer that goes it would only look, and end, and be started again.
    if (going.some(({ aborted }) => aborted)) await untilAborted(signal)
  },

  dequeue(config, own, signal) {
    const { awsCloudwatchNs: namespace, awsRegion: region } = config
    return dequeue(
      {
        ...own,
        metrics: cloudwatch({ namespace, region, log: own.log }),
        leaseSeconds: config.leaseSeconds,
        sweepSeconds: config.sweepSeconds,
        dripTarget: config.dripTarget,
        wait: wakeOn(own.sql, ['done', 'due']),
      },
      signal,
    )
  },

  report(config, own, signal) {
    return report(
      {
        ...own,
        github: gitHubOf(config),
        baseUrl: config.machineBaseUrl,
        context: config.githubStatusContext,
        gagged: config.gagGithubStatus,
        wait: wakeOn(own.sql, ['outbox']),
      },
      signal,
    )
  },
}

/** Settles when a signal has aborted. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What holds the runs of this computer; the log says it. */
async function confinementOf(
  { unconfinedRuns, storageDir }: Config,
  { hidden, log }: Own,
): Promise<Confinement> {
  const secret = ['.env', join(import.meta.dirname, '../.env'), storageDir, ...hidden]
  const confined = unconfinedRuns
    ? UNCONFINED
    : await confinement({ hidden: [...new Set(secret.map((path) => resolve(path)))] })
  log(confinementText(confined))
  return confined
}

function gitHubOf(config: Config) {
  return github({ token: config.githubToken, apiUrl: config.githubApiUrl })
}

function loopCommand(
  name: LoopName | 'control',
  loops: readonly LoopName[],
  { summary, about }: { summary: string; about: string },
): Command {
  return {
    name,
    summary,
    usage: `Usage: machine ${name}\n\n${about}\n\nRuns until it is told to stop (SIGTERM or Ctrl-C); then it finishes or gives back what it holds.\nReads its settings from the environment: see .env.example.`,
    async run(argv) {
      readOptions(argv, {})
      const config = readConfig(processEnv(), ['DATABASE_URL'])
      await checkPostgres(config.databaseUrl)
      const stop = stopSignal(false)
      await Promise.all(loops.map((loop) => runLoop(loop, config, { signal: stop.signal })))
      stop.release()
      return 0
    },
  }
}

export const expandCommand = loopCommand('expand', ['expand'], {
  summary: 'events → tasks: look into what a push or pull request touched',
  about: 'Takes GitHub events, asks GitHub what changed, and puts one task for each data source that did.',
})

export const reconcileCommand = loopCommand('reconcile', ['reconcile'], {
  summary: 'GitHub against jobs: find events that never came',
  about: 'Looks at open pull requests and branches every few minutes, and makes the jobs that are missing.',
})

export const workCommand = loopCommand('work', ['work'], {
  summary: 'tasks → done: run one data source after another',
  about: 'Takes tasks, runs each as a child process, publishes what it leaves, and hands in the result.',
})

export const dequeueCommand = loopCommand('dequeue', ['dequeue'], {
  summary: 'done, due, heartbeats → runs and jobs; lost leases; metrics',
  about: 'Recognises what is done or overdue, sweeps lost leases, drips batches, and sends the metrics.',
})

export const reportCommand = loopCommand('report', ['report'], {
  summary: 'jobs → GitHub: say the verdict',
  about: 'Posts the present truth of each job that changed as a commit status.',
})

export const controlCommand = loopCommand('control', ['expand', 'reconcile', 'dequeue', 'report'], {
  summary: 'expand, reconcile, dequeue and report in one process',
  about: 'Everything but the edge and the work: what a small installation runs once.',
})
