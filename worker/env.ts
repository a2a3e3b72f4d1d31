/**
 * Environment → Config: read once, checked at once, one error for all that is wrong.
 *
 * A variable of the environment wins over the same one in `.env`. Secrets never come out of a Config
 * by accident: what prints it shows dots.
 */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'

/** Everything that is set from outside. */
export interface Config {
  readonly databaseUrl: string
  readonly webhookSecrets: readonly string[]
  readonly githubToken: string | undefined
  readonly githubApiUrl: string
  readonly githubStatusContext: string
  readonly gagGithubStatus: boolean
  readonly rejectNewJobs: boolean
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
  readonly workerMaxLane: number
  readonly allowPrivateAddresses: boolean
}

/** The environment is not as it should be; every fault is in the message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Names whose values are shown to nobody. */
const SECRETS = ['databaseUrl', 'webhookSecrets', 'githubToken', 'mapboxKey'] as const

type Env = Readonly<Record<string, string | undefined>>

/**
 * Read the configuration.
 *
 * @param needs  variables that the command cannot do without
 * @throws {ConfigError} that names every variable that is missing or wrong
 */
export function readConfig(env: Env, needs: readonly string[]): Config {
  const faults: string[] = needs.filter((name) => !env[name]).map((name) => `${name} is not set`)
  const read = reader(env, faults)

  const leaseSeconds = read.number('LEASE_SECONDS', 300, { min: 1 })
  const beatSeconds = read.number('BEAT_SECONDS', Math.min(60, leaseSeconds / 5), { min: 0.1 })
  if (beatSeconds >= leaseSeconds)
    faults.push(`BEAT_SECONDS is ${beatSeconds}; expected less than LEASE_SECONDS, ${leaseSeconds}`)
  const config: Config = {
    databaseUrl: read.url('DATABASE_URL', '', ['postgres:', 'postgresql:']),
    webhookSecrets: (env['WEBHOOK_SECRETS'] ?? '')
      .split(',')
      .map((secret) => secret.trim())
      .filter(Boolean),
    githubToken: read.text('GITHUB_TOKEN'),
    githubApiUrl: read.url('GITHUB_API_URL', 'https://api.github.com', ['http:', 'https:']),
    githubStatusContext: read.text('GITHUB_STATUS_CONTEXT') ?? 'openaddresses/hooked',
    gagGithubStatus: read.flag('GAG_GITHUB_STATUS'),
    rejectNewJobs: read.flag('REJECT_NEW_JOBS'),
    machineBaseUrl: read.url('MACHINE_BASE_URL', 'http://localhost:8000', ['http:', 'https:']),
    awsS3Bucket: read.text('AWS_S3_BUCKET'),
    awsS3PublicUrl: read.url('AWS_S3_PUBLIC_URL', '', ['http:', 'https:']) || undefined,
    awsEndpointUrlS3: read.url('AWS_ENDPOINT_URL_S3', '', ['http:', 'https:']) || undefined,
    awsRegion: read.text('AWS_REGION') ?? read.text('AWS_DEFAULT_REGION') ?? 'us-east-1',
    storageDir: read.text('STORAGE_DIR') ?? '.machine/storage',
    awsCloudwatchNs: read.text('AWS_CLOUDWATCH_NS'),
    mapboxKey: read.text('MAPBOX_KEY'),
    leaseSeconds,
    beatSeconds,
    sweepSeconds: read.number('SWEEP_SECONDS', 30, { min: 0.1 }),
    runTimeoutHours: read.number('RUN_TIMEOUT_HOURS', 12, { min: 0.0001, max: 500 }),
    runReuseDays: read.number('RUN_REUSE_DAYS', 10, { min: 0 }),
    workerMaxLane: read.number('WORKER_MAX_LANE', 32_767, { min: 1, max: 32_767 }),
    allowPrivateAddresses: read.flag('ALLOW_PRIVATE_ADDRESSES'),
  }
  if (faults.length > 0) throw new ConfigError(faults.join('; '))
  return veiled(config)
}

/** The environment of this process over the file `.env` of the folder it was started in. */
export function processEnv(): Env {
  return { ...readDotEnv('.env'), ...process.env }
}

function readDotEnv(file: string): Env {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return {}
  }
  const lines = text.split('\n').map((line) => /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line))
  return Object.fromEntries(
    lines.flatMap((match) =>
      match?.[1] === undefined ? [] : [[match[1], (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')]],
    ),
  )
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
      { min, max = Number.POSITIVE_INFINITY }: { min: number; max?: number },
    ): number {
      const value = text(name)
      if (value === undefined) return fallback
      const number = Number(value)
      if (Number.isFinite(number) && number >= min && number <= max) return number
      const limits = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`
      faults.push(`${name} is "${value}"; expected a number, ${limits}`)
      return fallback
    },

    /** An address without a last slash. Its value is not shown: it may hold a password. */
    url(name: string, fallback: string, protocols: readonly string[]): string {
      const value = text(name) ?? fallback
      if (value === '') return value
      const protocol = URL.canParse(value) ? new URL(value).protocol : undefined
      if (protocol === undefined || !protocols.includes(protocol)) {
        faults.push(
          `${name} is not an address; expected one that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
        )
      }
      return value.replace(/\/$/, '')
    },
  }
}

/** A Config that shows dots for its secrets when it is printed or turned into JSON. */
function veiled(config: Config): Config {
  const shown = { ...config, ...Object.fromEntries(SECRETS.map((name) => [name, '•••'])) }
  Object.defineProperty(config, 'toJSON', { value: () => shown })
  Object.defineProperty(config, inspect.custom, { value: () => shown })
  return config
}
