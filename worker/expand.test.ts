import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Job, type JobSource, readJob, readJobSources } from '../shared/db/jobs.ts'
import { wakeOn } from '../shared/db/wake.ts'
import { jobStatus } from '../shared/status.ts'
import { deliver, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { type GitHub, startGitHub } from '../test/standins/github.ts'
import type { Repository } from '../test/standins/github_hub.ts'
import { pullRequestPayload, pushPayload } from '../test/standins/github_payloads.ts'
import { expand } from './expand.ts'
import { github } from './io/github.ts'

setDefaultTimeout(60_000)

const NO_SHA = '0'.repeat(40)

let db: TestDatabase
let hub: GitHub
let loops: Promise<unknown>
const told = new AbortController()
const log: string[] = []

beforeAll(async () => {
  db = await testDatabase()
  hub = await startGitHub()
  loops = Promise.all([startLoop('ann'), startLoop('bob'), startLoop('eve')])
})

afterAll(async () => {
  told.abort()
  await loops
  await hub.close()
  await db.drop()
})

function startLoop(worker: string, signal = told.signal): Promise<void> {
  const adapter = github({ token: 'secret', apiUrl: hub.url, callMs: 700 })
  const wait = wakeOn(db.sql, ['events'])
  return expand(
    { sql: db.sql, github: adapter, worker, leaseSeconds: 30, log: (line) => log.push(line), wait },
    signal,
  )
}

function source(...names: string[]): string {
  return JSON.stringify({ schema: 2, coverage: {}, layers: { addresses: names.map((name) => ({ name })) } })
}

let made = 0
async function repository(files: Record<string, string> = {}): Promise<Repository> {
  made += 1
  return hub.repository({ name: `sources${made}`, files: { 'README.md': 'Sources\n', ...files } })
}

/** Push a commit to a branch, as GitHub tells of it. */
async function push(
  repo: Repository,
  given: { before?: string; after: string; branch?: string },
): Promise<string> {
  const { before = NO_SHA, after, branch = 'main' } = given
  const payload = await pushPayload(hub.hub, repo, { ref: `refs/heads/${branch}`, before, after })
  return deliver(db.sql, 'push', payload)
}

interface Expanded {
  readonly job: Job
  readonly sources: JobSource[]
  /** `path layer/name`, in order. */
  readonly names: string[]
}

async function expanded(id: string, ms = 20_000): Promise<Expanded> {
  const job = await until(`job ${id} to be expanded`, ms, async () => {
    const job = await readJob(db.sql, id)
    return job?.expandedAt || job?.endedAt ? job : undefined
  })
  const sources = await readJobSources(db.sql, id)
  return {
    job,
    sources,
    names: sources.map(({ sourcePath, layer, name }) => `${sourcePath} ${layer}/${name}`),
  }
}

describe('expand', () => {
  test('puts one task for each data source of a file that was pushed to the default branch', async () => {
    const repo = await repository({ 'sources/us/ca/old.json': source('city') })
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const text = source('city', 'county')
    const after = await hub.commit(repo, { files: { 'sources/us/ca/oakville.json': text } })

    const { job, names } = await expanded(await push(repo, { before, after }))

    expect(names).toEqual([
      'sources/us/ca/oakville.json addresses/city',
      'sources/us/ca/oakville.json addresses/county',
    ])
    const tasks = await db.sql`
      select lane, group_key, data - 'content_b64' as data, convert_from(decode(data->>'content_b64', 'base64'), 'utf8') as text
      from queue.items where q_name = 'tasks' and data->>'job_id' = ${job.id} order by order_at`
    expect([...tasks]).toEqual(
      ['city', 'county'].map((layersource) => ({
        lane: 1,
        group_key: `job/${job.id}`,
        text,
        data: {
          job_id: job.id,
          set_id: null,
          name: 'sources/us/ca/oakville.json',
          layer: 'addresses',
          layersource,
          file_id: new Bun.CryptoHasher('sha1').update(`blob ${text.length}\0${text}`).digest('hex'),
          commit_sha: after,
          render_preview: true,
          rerun: false,
        },
      })),
    )
    const [merged] = await db.sql`select is_merged from jobs where id = ${job.id}`
    expect(merged).toEqual({ is_merged: true })
  })

  test('compares a branch, new or old, with where it left the default branch', async () => {
    const repo = await repository({ 'sources/us/ca/old.json': source('city') })
    const first = await hub.commit(repo, {
      branch: 'more',
      files: { 'sources/us/ca/one.json': source('city') },
    })
    await hub.commit(repo, { files: { 'sources/us/ca/elsewhere.json': source('city') } })
    const second = await hub.commit(repo, {
      branch: 'more',
      files: { 'sources/us/ca/two.json': source('city') },
    })

    const isNew = await expanded(await push(repo, { after: first, branch: 'more' }))
    const isOld = await expanded(await push(repo, { before: first, after: second, branch: 'more' }))

    expect(isNew.names).toEqual(['sources/us/ca/one.json addresses/city'])
    expect(isOld.names).toEqual([
      'sources/us/ca/one.json addresses/city',
      'sources/us/ca/two.json addresses/city',
    ])
    const [merged] = await db.sql`select is_merged from jobs where id = ${isOld.job.id}`
    expect(merged).toEqual({ is_merged: false })
  })

  test('takes everything from the first push of a repository', async () => {
    const repo = await hub.repository({
      name: 'fresh',
      files: { 'sources/a.json': source('city'), 'b.json': '{}' },
    })
    const after = await hub.commit(repo, { files: { 'sources/de/c.json': source('city') } })

    const { names } = await expanded(await push(repo, { after }))

    expect(names).toEqual(['sources/a.json addresses/city', 'sources/de/c.json addresses/city'])
  })

  test('looks at a pull request, from a branch or from a fork', async () => {
    const repo = await repository({ 'sources/us/ca/old.json': source('city') })
    await hub.commit(repo, { branch: 'near', files: { 'sources/us/ca/near.json': source('city') } })
    const fork = await hub.fork(repo, 'contributor')
    await hub.commit(fork, { branch: 'far', files: { 'sources/us/ca/far.json': source('city') } })
    const near = await hub.openPull(repo, { branch: 'near' })
    const far = await hub.openPull(repo, { branch: 'far', head: fork })
    const event = async (pull: typeof near) =>
      deliver(db.sql, 'pull_request', await pullRequestPayload(hub.hub, pull, { action: 'opened' }))

    const [fromBranch, fromFork] = [await expanded(await event(near)), await expanded(await event(far))]

    expect(fromBranch.names).toEqual(['sources/us/ca/near.json addresses/city'])
    expect(fromFork.names).toEqual(['sources/us/ca/far.json addresses/city'])
    expect(fromFork.job).toMatchObject({ owner: 'openaddresses', pullNumber: 2, commitSha: far.head.sha })
  })

  test('still finds the files of a fork that was deleted meanwhile', async () => {
    const repo = await repository()
    const fork = await hub.fork(repo, 'leaver')
    await hub.commit(fork, { branch: 'far', files: { 'sources/us/ca/far.json': source('city') } })
    const pull = await hub.openPull(repo, { branch: 'far', head: fork })
    const payload = await pullRequestPayload(hub.hub, pull, { action: 'opened' })
    hub.remove(fork)

    const { names } = await expanded(await deliver(db.sql, 'pull_request', payload))

    expect(names).toEqual(['sources/us/ca/far.json addresses/city'])
  })

  test('looks at JSON files below sources/ only, and not at what was removed', async () => {
    const repo = await repository({
      'sources/gone.json': source('city'),
      'sources/kept.json': source('city'),
    })
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await hub.commit(repo, {
      files: {
        'sources/gone.json': null,
        'sources/us/ny/münchen & co.json': source('city'),
        'sources/README.md': '#',
        'sources/us/ca.json.bak': source('city'),
        'summary/us/ca.json': source('city'),
        'x/sources/us.json': source('city'),
        'package.json': '{}',
      },
    })

    const { names } = await expanded(await push(repo, { before, after }))

    expect(names).toEqual(['sources/us/ny/münchen & co.json addresses/city'])
  })

  test('ends a job in which no source was touched, well', async () => {
    const repo = await repository()
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await hub.commit(repo, { files: { 'notes.md': 'y' } })

    const { job, sources } = await expanded(await push(repo, { before, after }))

    expect(job).toMatchObject({ status: true, endedAt: expect.any(Date) })
    expect(jobStatus(job, sources)).toEqual({ state: 'success', description: 'Nothing to check' })
  })

  test('turns files that are no sources into verdicts at once, beside those that are', async () => {
    const repo = await repository()
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await hub.commit(repo, {
      files: {
        'sources/a_comma.json': '{"schema": 2,}',
        'sources/b_latin1.json': Buffer.from('{"schema": 2, "note": "Gr\xfcn"}', 'latin1'),
        'sources/c_empty.json': '',
        'sources/d_list.json': '[]',
        'sources/e_zeros.json': Buffer.from('{"a": "\0"}\0'),
        'sources/f_bare.json': '{"schema": 2, "layers": {}}',
        'sources/g_link.json': { link: '../nowhere.json' },
        'sources/h_good.json': source('city'),
        'sources/i_name.json': source('ci\0ty'),
      },
    })

    const { job, sources, names } = await expanded(await push(repo, { before, after }))

    expect(names.slice(-2)).toEqual([
      'sources/h_good.json addresses/city',
      'sources/i_name.json addresses/ci\ufffdty',
    ])
    expect(
      sources.slice(0, 7).map(({ sourcePath, status, problem }) => [sourcePath, status, problem]),
    ).toEqual(
      ['a_comma', 'b_latin1', 'c_empty', 'd_list', 'e_zeros', 'f_bare', 'g_link'].map((name) => [
        `sources/${name}.json`,
        false,
        'source-invalid',
      ]),
    )
    for (const { problemDetail } of sources.slice(0, 7)) expect(problemDetail?.length).toBeGreaterThan(10)
    expect(sources[6]?.problemDetail).toBe('it is a link, or a folder, or not there any more')
    expect(sources[7]).toMatchObject({ status: null, runId: null })
    expect(job).toMatchObject({ status: false, endedAt: null })
    expect(jobStatus(job, sources).state).toBe('failure')
  })

  test('never ends a push of bad files green', async () => {
    const repo = await repository()
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await hub.commit(repo, { files: { 'sources/bad.json': '{' } })

    const { job } = await expanded(await push(repo, { before, after }))

    expect(job).toMatchObject({ status: false, endedAt: expect.any(Date) })
  })

  test('finds each of 301 files, more than a compare lists', async () => {
    const repo = await repository({ 'sources/old.json': source('city') })
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const paths = Array.from(
      { length: 301 },
      (_, i) => `sources/us/tx/town_${String(i).padStart(3, '0')}.json`,
    )
    const files = Object.fromEntries(paths.map((path) => [path, source('city')]))
    const after = await hub.commit(repo, { files: { ...files, 'sources/old.json': null } })

    const { names } = await expanded(await push(repo, { before, after }), 40_000)

    expect(names.toSorted()).toEqual(paths.map((path) => `${path} addresses/city`))
  })
})

describe('when GitHub fails', () => {
  const rateLimit = {
    status: 403,
    headers: { 'retry-after': '77' },
    json: { message: 'secondary rate limit' },
  }

  test('the event is tried again, later or as GitHub asks, and after the last failure the job says why', async () => {
    const cases = [
      [await repository(), { status: 502 }, /502/],
      [await repository(), { hang: true }, /no answer within 700 ms/],
      [await repository(), rateLimit, /secondary rate limit/],
    ] as const
    const ids: string[] = []
    for (const [repo, trouble] of cases) {
      const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
      const after = await hub.commit(repo, { files: { 'sources/a.json': source('city') } })
      hub.misbehave({ path: new RegExp(`/${repo.name}/`), times: 1_000, ...trouble })
      ids.push(await push(repo, { before, after }))
    }

    const waiting = await until('a failure of each', 30_000, async () => {
      const rows = await db.sql<{ failures: number; wait: number; last_error: string }[]>`
        select failures, extract(epoch from schedule_at - clock_timestamp())::float8 as wait, last_error
        from queue.items where data->>'job_id' in ${db.sql(ids)} and failures > 0 order by enqueued_at`
      return rows.length === 3 && rows
    })
    expect(waiting.map(({ failures }) => failures)).toEqual([1, 1, 1])
    expect(waiting[2]?.wait).toBeWithin(60, 77.5)
    for (const [at, [, , pattern]] of cases.entries()) expect(waiting[at]?.last_error).toMatch(pattern)

    await db.sql`update queue.items set failures = 9, schedule_at = null where data->>'job_id' in ${db.sql(ids)}`
    for (const [at, [, , pattern]] of cases.entries()) {
      const { job, sources } = await expanded(ids[at] ?? '', 30_000)
      expect(job).toMatchObject({ status: false, problem: 'internal', endedAt: expect.any(Date) })
      expect(job.problemDetail).toMatch(pattern)
      expect(jobStatus(job, sources).state).toBe('error')
    }
    const [dead] = await db.sql`select count(*)::int from queue.dead where data->>'job_id' in ${db.sql(ids)}`
    expect(dead).toEqual({ count: 3 })
  })

  test('one bad minute costs nothing', async () => {
    const repo = await repository()
    const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await hub.commit(repo, { files: { 'sources/a.json': source('city') } })
    hub.misbehave({ path: new RegExp(`/${repo.name}/compare/`), status: 500 })
    hub.misbehave({ path: new RegExp(`/${repo.name}/contents/`), cut: true })

    const { names } = await expanded(await push(repo, { before, after }))

    expect(names).toEqual(['sources/a.json addresses/city'])
  })
})

test('expand that is told to stop gives the event back at once, and the next one takes it', async () => {
  told.abort()
  await loops
  const repo = await repository()
  const before = await hub.commit(repo, { files: { 'notes.md': 'x' } })
  const after = await hub.commit(repo, { files: { 'sources/a.json': source('city') } })
  hub.misbehave({ path: new RegExp(`/${repo.name}/`), times: 1_000, hang: true })
  const own = new AbortController()
  const loop = startLoop('kim', own.signal)
  const id = await push(repo, { before, after })
  await until('the call that hangs', 5_000, () =>
    hub.calls.some(({ path }) => path.includes(`/${repo.name}/`)),
  )
  const began = performance.now()

  own.abort()
  await loop

  expect(performance.now() - began).toBeLessThan(6_000)
  const [item] = await db.sql`
    select dequeued_at, failures, schedule_at <= now() as ready from queue.items where data->>'job_id' = ${id}`
  expect(item).toMatchObject({ dequeued_at: null })
})
