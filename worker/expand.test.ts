import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { jobStatus } from '../shared/status.ts'
import { deliver } from '../test/crew.ts'
import { type Expanding, openExpanding, source } from '../test/expanding.ts'
import { pullRequestPayload } from '../test/standins/github_payloads.ts'

setDefaultTimeout(60_000)

let ground: Expanding
beforeAll(async () => {
  ground = await openExpanding()
})
afterAll(() => ground.close())

describe('expand', () => {
  test('puts one task for each data source of a file that was pushed to the default branch', async () => {
    const repo = await ground.repository({ 'sources/us/ca/old.json': source('city') })
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const text = source('city', 'county')
    const after = await ground.hub.commit(repo, { files: { 'sources/us/ca/oakville.json': text } })

    const { job, names } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(names).toEqual([
      'sources/us/ca/oakville.json addresses/city',
      'sources/us/ca/oakville.json addresses/county',
    ])
    const tasks = await ground.db.sql`
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
    const [merged] = await ground.db.sql`select is_merged from jobs where id = ${job.id}`
    expect(merged).toEqual({ is_merged: true })
  })

  test('compares a branch, new or old, with where it left the default branch', async () => {
    const repo = await ground.repository({ 'sources/us/ca/old.json': source('city') })
    const first = await ground.hub.commit(repo, {
      branch: 'more',
      files: { 'sources/us/ca/one.json': source('city') },
    })
    await ground.hub.commit(repo, { files: { 'sources/us/ca/elsewhere.json': source('city') } })
    const second = await ground.hub.commit(repo, {
      branch: 'more',
      files: { 'sources/us/ca/two.json': source('city') },
    })

    const isNew = await ground.expanded(await ground.push(repo, { after: first, branch: 'more' }))
    const isOld = await ground.expanded(
      await ground.push(repo, { before: first, after: second, branch: 'more' }),
    )

    expect(isNew.names).toEqual(['sources/us/ca/one.json addresses/city'])
    expect(isOld.names).toEqual([
      'sources/us/ca/one.json addresses/city',
      'sources/us/ca/two.json addresses/city',
    ])
    const [merged] = await ground.db.sql`select is_merged from jobs where id = ${isOld.job.id}`
    expect(merged).toEqual({ is_merged: false })
  })

  test('takes everything from the first push of a repository', async () => {
    const repo = await ground.hub.repository({
      name: 'fresh',
      files: { 'sources/a.json': source('city'), 'b.json': '{}' },
    })
    const after = await ground.hub.commit(repo, { files: { 'sources/de/c.json': source('city') } })

    const { names } = await ground.expanded(await ground.push(repo, { after }))

    expect(names).toEqual(['sources/a.json addresses/city', 'sources/de/c.json addresses/city'])
  })

  test('looks at a pull request, from a branch or from a fork', async () => {
    const repo = await ground.repository({ 'sources/us/ca/old.json': source('city') })
    await ground.hub.commit(repo, { branch: 'near', files: { 'sources/us/ca/near.json': source('city') } })
    const fork = await ground.hub.fork(repo, 'contributor')
    ground.hub.permit(repo, 'contributor', 'write')
    await ground.hub.commit(fork, { branch: 'far', files: { 'sources/us/ca/far.json': source('city') } })
    const near = await ground.hub.openPull(repo, { branch: 'near' })
    const far = await ground.hub.openPull(repo, { branch: 'far', head: fork })
    const event = async (pull: typeof near) =>
      deliver(
        ground.db.sql,
        'pull_request',
        await pullRequestPayload(ground.hub.hub, pull, { action: 'opened' }),
      )

    const [fromBranch, fromFork] = [
      await ground.expanded(await event(near)),
      await ground.expanded(await event(far)),
    ]

    expect(fromBranch.names).toEqual(['sources/us/ca/near.json addresses/city'])
    expect(fromFork.names).toEqual(['sources/us/ca/far.json addresses/city'])
    expect(fromFork.job).toMatchObject({ owner: 'openaddresses', pullNumber: 2, commitSha: far.head.sha })
  })

  test('still finds the files of a fork that was deleted meanwhile', async () => {
    const repo = await ground.repository()
    const fork = await ground.hub.fork(repo, 'leaver')
    ground.hub.permit(repo, 'leaver', 'write')
    await ground.hub.commit(fork, { branch: 'far', files: { 'sources/us/ca/far.json': source('city') } })
    const pull = await ground.hub.openPull(repo, { branch: 'far', head: fork })
    const payload = await pullRequestPayload(ground.hub.hub, pull, { action: 'opened' })
    ground.hub.remove(fork)

    const { names } = await ground.expanded(await deliver(ground.db.sql, 'pull_request', payload))

    expect(names).toEqual(['sources/us/ca/far.json addresses/city'])
  })

  test('looks at JSON files below sources/ only, and not at what was removed', async () => {
    const repo = await ground.repository({
      'sources/gone.json': source('city'),
      'sources/kept.json': source('city'),
    })
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await ground.hub.commit(repo, {
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

    const { names } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(names).toEqual(['sources/us/ny/münchen & co.json addresses/city'])
  })

  test('ends a job in which no source was touched, well', async () => {
    const repo = await ground.repository()
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await ground.hub.commit(repo, { files: { 'notes.md': 'y' } })

    const { job, sources } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(job).toMatchObject({ status: true, endedAt: expect.any(Date) })
    expect(jobStatus(job, sources)).toEqual({ state: 'success', description: 'Nothing to check' })
  })

  test('turns files that are no sources into verdicts at once, beside those that are', async () => {
    const repo = await ground.repository()
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await ground.hub.commit(repo, {
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

    const { job, sources, names } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(names.slice(-2)).toEqual([
      'sources/h_good.json addresses/city',
      'sources/i_name.json addresses/ci\ufffdty',
    ])
    expect(
      sources.slice(0, 6).map(({ sourcePath, status, problem }) => [sourcePath, status, problem]),
    ).toEqual(
      ['a_comma', 'b_latin1', 'c_empty', 'd_list', 'e_zeros', 'f_bare'].map((name) => [
        `sources/${name}.json`,
        false,
        'source-invalid',
      ]),
    )
    for (const { problemDetail } of sources.slice(0, 6)) expect(problemDetail?.length).toBeGreaterThan(10)
    const [{ notes }] = await ground.db.sql<[{ notes: string }]>`
      select notes::text from jobs where id = ${job.id}`
    expect(notes).toContain('sources/g_link.json is a symbolic link, and no source: it was left alone')
    expect(sources[6]).toMatchObject({ status: null, runId: null })
    expect(job).toMatchObject({ status: false, endedAt: null })
    expect(jobStatus(job, sources).state).toBe('failure')
  })

  test('never ends a push of bad files green', async () => {
    const repo = await ground.repository()
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await ground.hub.commit(repo, { files: { 'sources/bad.json': '{' } })

    const { job } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(job).toMatchObject({ status: false, endedAt: expect.any(Date) })
  })

  test('finds each of 301 files, more than a compare lists', async () => {
    const repo = await ground.repository({ 'sources/old.json': source('city') })
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const paths = Array.from(
      { length: 301 },
      (_, i) => `sources/us/tx/town_${String(i).padStart(3, '0')}.json`,
    )
    const files = Object.fromEntries(paths.map((path) => [path, source('city')]))
    const after = await ground.hub.commit(repo, { files: { ...files, 'sources/old.json': null } })

    const { names } = await ground.expanded(await ground.push(repo, { before, after }), 40_000)

    expect(names.toSorted()).toEqual(paths.map((path) => `${path} addresses/city`))
  })
})
