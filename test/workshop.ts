/** A workshop for tests of workers: a database, a server of data, a storage, and `machine` processes that are hired. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJobSources } from '../shared/db/jobs.ts'
import type { Sql } from '../shared/db/sql.ts'
import { type Member, type MemberOptions, machine, makeJob, processesWith, until } from './crew.ts'
import { testDatabase } from './postgres.ts'
import { startWeb, type Web } from './standins/web.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'

/** A job of one source, and the name of its data on the server. */
export interface Slow {
  readonly id: string
  readonly path: string
  readonly name: string
}

/** How the server gives the data, and what else the source says. */
export interface Manners {
  readonly dripBytesPerSecond?: number
  /** It never answers. */
  readonly hang?: boolean
  readonly content?: string | Buffer
  /** Added to the data source. */
  readonly tags?: object
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>

/** Open a workshop of its own. */
export async function openWorkshop() {
  const db = await testDatabase()
  const served = await mkdtemp(join(tmpdir(), 'machine-served-'))
  const storage = await mkdtemp(join(tmpdir(), 'machine-storage-'))
  const web: Web = await startWeb({ folder: served })
  const { sql } = db
  let members: Member[] = []
  let made = 0
  // A name of its own: others who run tests beside us look for their own processes by the path of their source.
  const town = `town_${crypto.randomUUID().slice(0, 8)}`

  const environment = {
    DATABASE_URL: db.url,
    STORAGE_DIR: storage,
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    RUN_REUSE_DAYS: '0',
    LEASE_SECONDS: '3',
    BEAT_SECONDS: '0.3',
    SWEEP_SECONDS: '0.5',
  }

  /** A member of the crew, with short leases. */
  function hire(command: string, env: Record<string, string> = {}, options: MemberOptions = {}): Member {
    const member = machine([command], {
      env: { ...environment, ...env },
      ...options,
    })
    members.push(member)
    return member
  }

  /** A job of one source whose data comes as it may, slowly, or not at all. */
  async function slowJob({ hang, content = TRIAL_CSV, tags = {}, ...manners }: Manners): Promise<Slow> {
    made += 1
    const name = `data${made}.csv`
    await writeFile(join(served, name), content)
    if (hang) web.misbehave({ path: `/${name}`, times: 100, hang: true })
    else web.behaves(`/${name}`, manners)
    const path = `sources/us/ca/${town}_${made}.json`
    const id = await makeJob(sql, { [path]: trialSource({ data: `${web.url}/${name}`, ...tags }) })
    return { id, path, name }
  }

  function asks(name: string): number {
    return web.calls.filter(({ path }) => path === `/${name}`).length
  }

  return {
    ...db,
    web,
    storage,
    served,
    town,
    environment,
    hire,
    slowJob,
    /** Settles when the child has asked for its data. Gives its process. */
    async childAt({ path, name }: Slow, after = 0): Promise<number> {
      await until(`the download of ${name}`, 15_000, () => asks(name) > after)
      return until('the child', 5_000, () => processesWith('process-one', path)[0])
    },
    /** The child that works on a source, once it is there. */
    childOf(path: string): Promise<number> {
      return until('the child', 15_000, () => processesWith('process-one', path)[0])
    },
    /** Every attempt at the one source of a job, in order. */
    attempts(id: string) {
      return attemptsOf(sql, id)
    },
    untilSettled(id: string) {
      return until(`job ${id}`, 30_000, async () => {
        const [source] = await readJobSources(sql, id)
        return source?.status !== null && source
      })
    },
    /** What failed is not to wait for its time. */
    async hurry(): Promise<void> {
      await sql`update queue.items set schedule_at = null where q_name = 'tasks'`
    },
    /** Everybody goes home, and nothing waits any more. */
    async tidy(): Promise<void> {
      await Promise.all(members.map((member) => member.stop()))
      members = []
      await sql`delete from queue.items`
      await sql`delete from workers`
    },
    async close(): Promise<void> {
      await web.close()
      await rm(served, { recursive: true })
      await rm(storage, { recursive: true })
      await db.drop()
    },
  }
}

async function attemptsOf(sql: Sql, id: string) {
  return sql<{ id: number; status: boolean | null; problem: string | null; abandoned_why: string | null }[]>`
    select id, status, problem, abandoned_why from runs where job_id = ${id} order by attempt`
}
