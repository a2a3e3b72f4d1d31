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

/** How a pool is opened. */
export interface ConnectOptions {
  /** Connections at most; the edge needs few, a loop one or two. */
  readonly max?: number
  /** Shown in pg_stat_activity. */
  readonly name?: string
  /** False behind a transaction pooler that cannot keep prepared statements. */
  readonly prepare?: boolean
}

/**
 * Open a pool. Nothing is connected until the first statement.
 *
 * @param url  `postgres://user:password@host:port/database`
 */
export function connect(
  url: string,
  { max = 4, name = 'machine', prepare = true }: ConnectOptions = {},
): Sql {
  return postgres(url, {
    max,
    prepare,
    connect_timeout: CONNECT_SECONDS_MAX,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: name },
  })
}

/** One clear line for an error of the connection or of Postgres, without the password in the address. */
export function explain(error: unknown, url: string): string {
  const { host, pathname } = new URL(url)
  const message = error instanceof Error ? error.message || error.name : String(error)
  return `Postgres at ${host}${pathname}: ${message}`
}
