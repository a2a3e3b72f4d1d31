/**
 * The environment of the edge: read here only, once, with one error for all that is wrong.
 *
 * `process.env` and `node:fs` are there on Bun, Node and Deno alike.
 */
import { readFileSync } from 'node:fs'
import { readRepositories, type Repositories } from '../shared/repositories.ts'

/** Everything the edge is set by. */
export interface EdgeConfig {
  readonly databaseUrl: string
  readonly webhookSecrets: readonly string[]
  readonly rejectNewJobs: boolean
  /** The repositories that are ours; undefined takes all. */
  readonly repositories: Repositories
  /** Where people find the pages, without a last slash. */
  readonly baseUrl: string
  readonly host: string
  readonly port: number
  /** Files of runs: a folder that we serve, or an address that we send people to. */
  readonly files: { readonly folder: string } | { readonly url: string }
}

type Env = Readonly<Record<string, string | undefined>>

/** As much of `process` as the edge uses, on all three runtimes. */
const { process } = globalThis as unknown as {
  readonly process: { readonly env: Env; readonly exit: (code: number) => never }
}

/** The configuration; without a good one, one clear line and the end. */
export function configOrExit(): EdgeConfig {
  try {
    return readEdgeConfig(process.env)
  } catch (error) {
    console.error(`edge: ${error instanceof Error ? error.message : String(error)}`)
    return process.exit(1)
  }
}

/**
 * Read the configuration of the edge.
 *
 * @throws {Error} that names every variable that is missing or wrong
 */
export function readEdgeConfig(env: Env): EdgeConfig {
  const faults: string[] = []
  const databaseUrl = env['DATABASE_URL'] ?? ''
  if (databaseUrl === '') faults.push('DATABASE_URL is not set')
  else if (!URL.canParse(databaseUrl)) faults.push('DATABASE_URL is not an address; expected postgres://…')

  const port = Number(env['PORT'] ?? 8000)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push(`PORT is "${env['PORT']}"; expected a port`)

  const baseUrl = (env['MACHINE_BASE_URL'] ?? `http://localhost:${port}`).replace(/\/$/, '')
  if (!/^https?:\/\//.test(baseUrl))
    faults.push(`MACHINE_BASE_URL is "${baseUrl}"; expected http://… or https://…`)

  const repositories = repositoriesOf(env['REPOSITORIES']?.trim() ?? '', faults)
  if (faults.length > 0) throw new Error(faults.join('; '))
  return {
    databaseUrl,
    webhookSecrets: (env['WEBHOOK_SECRETS'] ?? '')
      .split(',')
      .map((secret) => secret.trim())
      .filter(Boolean),
    repositories,
    rejectNewJobs: /^(yes|true|1)$/i.test(env['REJECT_NEW_JOBS'] ?? ''),
    baseUrl,
    host: env['HOST'] ?? '0.0.0.0',
    port,
    files: filesOf(env),
  }
}

/** JSON in the variable itself, or in the file that it names. */
function repositoriesOf(value: string, faults: string[]): Repositories {
  try {
    return readRepositories(value === '' || value.startsWith('{') ? value : readFileSync(value, 'utf8'))
  } catch (error) {
    faults.push(`REPOSITORIES: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function filesOf(env: Env): EdgeConfig['files'] {
  const bucket = env['AWS_S3_BUCKET']
  const url = env['AWS_S3_PUBLIC_URL'] || (bucket ? `https://s3.amazonaws.com/${bucket}` : '')
  return url === '' ? { folder: env['STORAGE_DIR'] ?? '.machine/storage' } : { url: url.replace(/\/$/, '') }
}
