/**
 * Postgres: the connection every function of this floor takes first.
 *
 * `ISql`, because a transaction is not a `Sql` and every function works inside one too.
 */
import postgres from 'postgres'

/** A pool of connections. */
export type Sql = postgres.Sql
/** A pool or a transaction. */
export type ISql = postgres.ISql

/** Postgres did not answer within this long: say so rather than hang. */
const CONNECT_SECONDS_MAX = 10

/** Postgres was away: look again after this long at most; the driver's own pauses grow to 20 s, and statements wait for them. */
const RETRY_SECONDS_MAX = 1

/** How a pool is opened. */
export interface ConnectOptions {
  /** Connections at most; the edge needs few, a loop one or two. */
  readonly max?: number
  /** Shown in pg_stat_activity. */
  readonly name?: string
  /** False behind a transaction pooler that cannot keep prepared statements. */
  readonly prepare?: boolean
  /** How long to wait for a connection. */
  readonly connectSeconds?: number
}

/**
 * Open a pool. Nothing is connected until the first statement.
 *
 * @param url  `postgres://user:password@host:port/database`
 */
export function connect(
  url: string,
  { max = 4, name = 'machine', prepare = true, connectSeconds = CONNECT_SECONDS_MAX }: ConnectOptions = {},
): Sql {
  return postgres(url, {
    max,
    prepare,
    connect_timeout: connectSeconds,
    backoff: (tries: number) => Math.min(2 ** tries / 100, RETRY_SECONDS_MAX),
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: name },
  })
}

/** One clear line for an error of the connection or of Postgres, without the password in the address. */
export function explain(error: unknown, url: string): string {
  const { host, pathname } = new URL(url)
  const isLate = (error as { code?: unknown } | undefined)?.code === 'CONNECT_TIMEOUT'
  const said = error instanceof Error ? error.message || error.name : String(error)
  const message = isLate ? 'no answer' : said
  return `Postgres at ${host}${pathname}: ${message}`
}

/** SQLSTATE classes that say nothing against a statement: no connection, no room, a deadlock, a server that stops or starts. */
const PASSING = ['08', '40', '53', '57']

/** Whether the same statement may well succeed later, because it was never tried or was broken off. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof postgres.PostgresError)) return true
  return PASSING.includes(error.code.slice(0, 2))
}

/** Text and JSON as Postgres can hold them: NUL and halves of surrogate pairs become U+FFFD. */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\u{FFFD}') as T
  if (Array.isArray(value)) return value.map(storable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [storable(key), storable(held)])) as T
}
