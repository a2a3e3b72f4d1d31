/**
 * The stage of chaos: Postgres, storage of S3, GitHub and a server of data, each on this computer only, and the
 * processes of Machine between them.
 *
 * Half of the workers reach Postgres by a line that can be cut; the others, control and edge reach it directly.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFauxqs } from 'fauxqs'
import { connect } from '../../shared/db/sql.ts'
import { migrate } from '../../worker/migrate.ts'
import { freePort, startPostgres } from '../../worker/system/postgres_server.ts'
import { type Program, selfCommand, start } from '../../worker/system/spawn.ts'
import { machine } from '../crew.ts'
import { startLine } from '../line.ts'
import { startGitHub } from '../standins/github.ts'
import { startWeb } from '../standins/web.ts'
import { TRIAL_CSV } from '../trial.ts'

/** A lease of this crew: short, so that what is lost is found within a short run. */
export const LEASE_SECONDS = 4

/** What a healthy worker sends within a lease. */
const BEAT_SECONDS = 0.5

const ROOT = join(import.meta.dirname, '../..')

export const SECRET = 'chaos'

/** Who is there, and which way each reaches Postgres. */
const ROLES = [
  { role: 'work', isOnLine: false },
  { role: 'work', isOnLine: false },
  { role: 'work', isOnLine: true },
  { role: 'work', isOnLine: true },
  { role: 'control', isOnLine: false },
  { role: 'control', isOnLine: false },
  { role: 'edge', isOnLine: false },
] as const

/** A place in the crew, and who fills it now. */
export interface Post {
  readonly role: (typeof ROLES)[number]['role']
  readonly isOnLine: boolean
  program: Program
}

export type Stage = Awaited<ReturnType<typeof openStage>>

/** Open it all; `close` ends every process that was started, by its number. */
export async function openStage() {
  const closings: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closing of closings.splice(0).reverse()) await closing().catch(() => {})
  }
  try {
    return await fill(closings, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function fill(closings: (() => Promise<unknown>)[], close: () => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'machine-chaos-'))
  closings.push(() => rm(folder, { recursive: true, force: true }))
  // Postgres runs as somebody else where we are root; in a closed folder it would keep its data away from here.
  await chmod(folder, 0o755)
  const port = await freePort()
  // Durable as delivered: what is shown is that a crash loses nothing.
  const startDatabase = () => startPostgres(join(folder, 'postgres'), { port, log: () => {} })
  let postgres = await startDatabase()
  closings.push(() => postgres.stop('immediate'))
  const sql = connect(postgres.url, { max: 4, name: 'chaos' })
  closings.push(() => sql.end({ timeout: 1 }))
  await migrate(sql)

  await writeFile(join(folder, 'fast.csv'), TRIAL_CSV)
  await writeFile(join(folder, 'slow.csv'), TRIAL_CSV)
  const web = await startWeb({ folder })
  closings.push(() => web.close())
  web.behaves('/slow.csv', { dripBytesPerSecond: 40 })
  const github = await startGitHub()
  closings.push(() => github.close())
  const s3 = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  closings.push(() => s3.stop())
  s3.createBucket('machine')
  const s3Line = await startLine(Number(new URL(s3.address).port))
  closings.push(() => s3Line.close())
  const databaseLine = await startLine(port)
  closings.push(() => databaseLine.close())
  const edgePort = await freePort()
  const posts: Post[] = []
  closings.push(() => Promise.all(posts.map(({ program }) => end(program))))

  function hire({ role, isOnLine }: Pick<Post, 'role' | 'isOnLine'>): Program {
    const database = new URL(postgres.url)
    if (isOnLine) database.port = `${databaseLine.port}`
    const env = {
      DATABASE_URL: database.href,
      GITHUB_API_URL: github.url,
      WEBHOOK_SECRETS: SECRET,
      AWS_S3_BUCKET: 'machine',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${s3Line.port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ALLOW_PRIVATE_ADDRESSES: 'yes',
      RUN_REUSE_DAYS: '0',
      LEASE_SECONDS: `${LEASE_SECONDS}`,
      BEAT_SECONDS: `${BEAT_SECONDS}`,
      SWEEP_SECONDS: '0.5',
      HOST: '127.0.0.1',
      PORT: `${edgePort}`,
    }
    if (role !== 'edge') return machine([role], { env })
    const [command, ...words] = selfCommand(join(ROOT, 'edge/bun.ts'))
    return start(command, words, { env, cwd: ROOT })
  }
  for (const place of ROLES) posts.push({ ...place, program: hire(place) })

  return {
    folder,
    sql,
    web,
    github,
    s3,
    s3Line,
    databaseLine,
    posts,
    hookUrl: `http://127.0.0.1:${edgePort}/hook`,
    hire,
    /** Postgres is gone at once, for so long. */
    async outage(wait: () => Promise<void>): Promise<void> {
      await postgres.stop('immediate')
      await wait()
      postgres = await startDatabase()
    },
    close,
  }
}

/** End a process that may be stopped in its tracks. */
async function end(program: Program): Promise<void> {
  program.kill('SIGCONT')
  await program.stop()
}
