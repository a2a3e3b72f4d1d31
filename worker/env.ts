/**
 * Environment → Config: read once, checked at once, one error for all that is wrong.
 *
 * A variable of the environment wins over the same one in `.env`. Secrets never come out of a Config
 * by accident: what prints it shows dots.
 */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import type { Repositories } from '../shared/repositories.ts'
import { VERDICT_RULES } from '../shared/verdict.ts'
import { repositoriesFrom } from './repositories_file.ts'
import { type HostManners, readManners } from './download/manners.ts'

/** Everything that is set from outside. */
export interface Config {
  readonly databaseUrl: string
  readonly webhookSecrets: readonly string[]
  readonly githubToken: string | undefined
  readonly githubApiUrl: string
  readonly githubStatusContext: string
  readonly gagGithubStatus: boolean
  readonly rejectNewJobs: boolean
  /** The repositories that are ours, each with its rules; undefined takes all. */
  readonly repositories: Repositories
  /** How often each repository is looked at for events that were lost. */
  readonly reconcileSeconds: number
  /** Where the pages are, without a last slash. */
  readonly machineBaseUrl: string
  readonly awsS3Bucket: string | undefined
  readonly awsS3PublicUrl: string | undefined
  readonly awsEndpointUrlS3: string | undefined
  readonly awsRegion: string
  readonly storageDir: string
  readonly awsCloudwatchNs: string | undefined
  readonly mapboxKey: string | undefined
  readonly leaseSeconds: number
  readonly beatSeconds: number
  readonly sweepSeconds: number
  readonly runTimeoutHours: number
  readonly runReuseDays: number
  /** A run with so many fewer rows than the last accepted one is held; a share from 0 to 1. */
  readonly holdRowsFell: number
  readonly workerMaxLane: number
  /** How big this worker is: it takes tasks of its class and of smaller ones. */
  readonly workerClass: number
  /** The most a source may ask for with its "timeout". */
  readonly runTimeoutMaxHours: number
  /** A run without progress for so long is ended. */
  readonly runStallMinutes: number
  /** A run may take so much memory, with its programs; 0 for nine tenths of the computer's. */
  readonly runMemoryMb: number
  /** Files that cannot be stored are tried again for so long. */
  readonly storagePatienceSeconds: number
  /** Where EC2 says that an instance is to go; undefined asks only where this is an instance of EC2. */
  readonly ec2MetadataUrl: string | undefined
  readonly dripTarget: number
  readonly allowPrivateAddresses: boolean
  /** Runs are not confined, for computers on which that stands in the way. */
  readonly unconfinedRuns: boolean
  /** How to treat the ESRI servers of some hosts. */
  readonly hostManners: HostManners
}

/** The environment is not as it should be; every fault is in the message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** What a command may say that it cannot do without. */
export type Needed =
  | 'DATABASE_URL'
  | 'WEBHOOK_SECRETS'
  | 'GITHUB_TOKEN'
  | 'AWS_S3_BUCKET'
  | 'AWS_CLOUDWATCH_NS'
  | 'MAPBOX_KEY'

/** Names whose values are shown to nobody. */
const SECRETS: readonly (keyof Config)[] = ['databaseUrl', 'webhookSecrets', 'githubToken', 'mapboxKey']

/** Protocols of the web. */
const WEB = ['http:', 'https:']

type Env = Readonly<Record<string, string | undefined>>

/**
 * Read the configuration.
 *
 * @param needs  variables that the command cannot do without
 * @throws {ConfigError} that names every variable that is missing or wrong
 */
export function readConfig(env: Env, needs: readonly Needed[]): Config {
  const faults: string[] = needs.filter((name) => !env[name]?.trim()).map((name) => `${name} is not set`)
  const read = reader(env, faults)

  const leaseSeconds = read.number('LEASE_SECONDS', 300, { min: 1 })
  const beatSeconds = read.number('BEAT_SECONDS', Math.min(60, leaseSeconds / 5), { min: 0.1 })
  if (beatSeconds >= leaseSeconds)
    faults.push(`BEAT_SECONDS is ${beatSeconds}; expected less than LEASE_SECONDS, ${leaseSeconds}`)
  const config: Config = {
    databaseUrl: read.url('DATABASE_URL', '', { protocols: ['postgres:', 'postgresql:'], isSecret: true }),
    webhookSecrets: (env['WEBHOOK_SECRETS'] ?? '')
      .split(',')
      .map((secret) => secret.trim())
      .filter(Boolean),
    githubToken: read.text('GITHUB_TOKEN'),
    githubApiUrl: read.url('GITHUB_API_URL', 'https://api.github.com'),
    githubStatusContext: read.text('GITHUB_STATUS_CONTEXT') ?? 'openaddresses/hooked',
    gagGithubStatus: read.flag('GAG_GITHUB_STATUS'),
    rejectNewJobs: read.flag('REJECT_NEW_JOBS'),
    repositories: repositoriesFrom(read.text('REPOSITORIES'), faults),
    reconcileSeconds: read.number('RECONCILE_SECONDS', 300, { min: 1 }),
    machineBaseUrl: read.url('MACHINE_BASE_URL', 'http://localhost:8000'),
    awsS3Bucket: read.text('AWS_S3_BUCKET'),
    awsS3PublicUrl: read.url('AWS_S3_PUBLIC_URL', '') || undefined,
    awsEndpointUrlS3: read.url('AWS_ENDPOINT_URL_S3', '') || undefined,
    awsRegion: read.text('AWS_REGION') ?? read.text('AWS_DEFAULT_REGION') ?? 'us-east-1',
    storageDir: read.text('STORAGE_DIR') ?? '.machine/storage',
    awsCloudwatchNs: read.text('AWS_CLOUDWATCH_NS'),
    mapboxKey: read.text('MAPBOX_KEY'),
    leaseSeconds,
    beatSeconds,
    sweepSeconds: read.number('SWEEP_SECONDS', 30, { min: 0.1 }),
    runTimeoutHours: read.number('RUN_TIMEOUT_HOURS', 12, { min: 0.0001, max: 500 }),
    holdRowsFell: read.number('HOLD_ROWS_FELL', VERDICT_RULES.rowsFellMax, { min: 0, max: 1 }),
    runReuseDays: read.number('RUN_REUSE_DAYS', 10, { min: 0 }),
    workerMaxLane: read.number('WORKER_MAX_LANE', 32_767, { min: 1, max: 32_767, step: 1 }),
    workerClass: read.number('WORKER_CLASS', 1, { min: 1, max: 99, step: 1 }),
    runTimeoutMaxHours: read.number('RUN_TIMEOUT_MAX_HOURS', 48, { min: 0.0001, max: 500 }),
    runStallMinutes: read.number('RUN_STALL_MINUTES', 60, { min: 0.001 }),
    runMemoryMb: read.number('RUN_MEMORY_MB', 0, { min: 0 }),
    storagePatienceSeconds: read.number('STORAGE_PATIENCE_SECONDS', 1_800, { min: 0 }),
    ec2MetadataUrl: read.url('EC2_METADATA_URL', '') || undefined,
    dripTarget: read.number('DRIP_TARGET', 1, { min: 1, max: 10000, step: 1 }),
    allowPrivateAddresses: read.flag('ALLOW_PRIVATE_ADDRESSES'),
    unconfinedRuns: read.flag('UNCONFINED_RUNS'),
    hostManners: mannersFrom(read.text('HOST_MANNERS'), faults),
  }
  if (faults.length > 0) throw new ConfigError(faults.join('; '))
  return veiled(config)
}

/** The environment of this process over the file `.env` of the folder it was started in, if there is one. */
export function processEnv(file = '.env'): Env {
  return { ...readDotEnv(file), ...process.env }
}

/** The key of the base map of previews, for those who have one; no command needs it. */
export function protomapsKey(env: Env): { readonly protomapsKey?: string } {
  const key = env['PROTOMAPS_KEY']?.trim()
  return key ? { protomapsKey: key } : {}
}

/** How to treat the ESRI servers of some hosts, for a run by itself. */
export function hostManners(env: Env): HostManners {
  const faults: string[] = []
  const manners = mannersFrom(env['HOST_MANNERS']?.trim() || undefined, faults)
  if (faults.length > 0) throw new ConfigError(faults.join('; '))
  return manners
}

function mannersFrom(text: string | undefined, faults: string[]): HostManners {
  try {
    return text === undefined ? {} : readManners(text)
  } catch (error) {
    faults.push(`HOST_MANNERS: ${(error as Error).message}`)
    return {}
  }
}

/** Other servers than those of Mapbox, for those who play it; no command needs them. */
export function mapboxPlaces(env: Env): { readonly apiUrl?: string; readonly s3Url?: string } {
  const [apiUrl, s3Url] = [env['MAPBOX_API_URL']?.trim(), env['MAPBOX_S3_URL']?.trim()]
  return { ...(apiUrl ? { apiUrl } : {}), ...(s3Url ? { s3Url } : {}) }
}

function readDotEnv(file: string): Env {
  try {
    return parseDotEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Read `NAME=value` lines. Quotes around a value are taken off, a comment begins with ` #`, and nothing
 * is put into a value: a secret may hold a `$`.
 */
export function parseDotEnv(text: string): Env {
  const line =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|(.*?))[ \t]*(?:[ \t]#.*)?\r?$/gm
  const found = [...text.matchAll(line)].map(([, name = '', double, single, bare]) => {
    const value = double ?? single ?? bare ?? ''
    return [name, value.startsWith('#') && bare !== undefined ? '' : value] as const
  })
  return Object.fromEntries(found)
}

/** Readers of one variable each; what is wrong goes to the list of faults. */
function reader(env: Env, faults: string[]) {
  const text = (name: string) => env[name]?.trim() || undefined

  return {
    text,

    flag(name: string): boolean {
      const value = text(name)?.toLowerCase()
      if (value === undefined || ['no', 'false', '0'].includes(value)) return false
      if (['yes', 'true', '1'].includes(value)) return true
      faults.push(`${name} is "${value}"; expected yes or no`)
      return false
    },

    number(
      name: string,
      fallback: number,
      { min, max = Number.POSITIVE_INFINITY, step = 0 }: Limits,
    ): number {
      const value = text(name)
      if (value === undefined) return fallback
      const number = Number(value)
      const isWithin = Number.isFinite(number) && number >= min && number <= max
      if (isWithin && (step === 0 || number % step === 0)) return number
      const limits = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`
      faults.push(`${name} is "${value}"; expected a ${step === 1 ? 'whole ' : ''}number, ${limits}`)
      return fallback
    },

    /** An address, without a last slash. */
    url(name: string, fallback: string, { protocols = WEB, isSecret = false }: Addresses = {}): string {
      const value = text(name) ?? fallback
      if (value === '') return value
      const protocol = URL.canParse(value) ? new URL(value).protocol : ''
      if (!protocols.includes(protocol)) {
        const expected = protocols.map((one) => `${one}//…`).join(' or ')
        faults.push(`${name} is ${isSecret ? 'no such address' : `"${value}"`}; expected ${expected}`)
      }
      return value.replace(/\/$/, '')
    },
  }
}

interface Limits {
  readonly min: number
  readonly max?: number
  /** 1 for whole numbers. */
  readonly step?: number
}

interface Addresses {
  readonly protocols?: readonly string[]
  /** The address holds a password: it is not shown when it is wrong. */
  readonly isSecret?: boolean
}

/** A Config that shows dots for its secrets when it is printed or turned into JSON, and so does a copy of it. */
function veiled(config: Config): Config {
  function shown(this: Config): object {
    const entries = Object.entries(this).filter(([name]) => name !== 'toJSON')
    return Object.fromEntries(
      entries.map(([name, value]) => [name, isSecret(name) && value !== undefined ? '•••' : value]),
    )
  }
  // These stand open, not hidden, so that `{ ...config, port }` takes them along.
  return Object.assign(config, { toJSON: shown, [inspect.custom]: shown })
}

function isSecret(name: string): boolean {
  return SECRETS.some((secret) => secret === name)
}
