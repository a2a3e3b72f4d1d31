/** Pushes: to the default branch, to others, forced, deleted, and of what is no branch. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { git, NO_SHA } from '../standins/github_git.ts'
import { pushPayload } from '../standins/github_payloads.ts'
import { beginRepository, type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

const ONE = sourceOf({ city: 'N' })
const TWO = sourceOf({ city: 'N', county: 'N' })

let ground: Ground

beforeAll(async () => {
  ground = await openGround()
})

afterAll(() => ground.close())

const begin = (files: Record<string, string> = {}) => beginRepository(ground, files)

describe.concurrent('a push to the default branch', () => {
  test('of one commit runs what it touched, and is merged', async () => {
    const { repo, first } = await begin({ 'sources/a.json': ONE })
    const after = await ground.hub.commit(repo, { files: { 'sources/b.json': TWO } })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect(job.runs).toEqual(['sources/b.json addresses/city', 'sources/b.json addresses/county'])
    expect(job.isMerged).toBe(true)
  })

  test('of several commits runs what all of them touched together', async () => {
    const { repo, first } = await begin({ 'sources/a.json': ONE })
    await ground.hub.commit(repo, { files: { 'sources/b.json': ONE, 'sources/c.json': ONE } })
    const after = await ground.hub.commit(repo, {
      files: { 'sources/c.json': null, 'sources/a.json': sourceOf({ city: 'M' }) },
    })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect(job.runs).toEqual(['sources/a.json addresses/city', 'sources/b.json addresses/city'])
  })

  test('without a source is nothing to check, and ends well', async () => {
    const { repo, first } = await begin()
    const after = await ground.hub.commit(repo, { files: { 'README.md': 'y' } })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect([job.runs, job.fails, job.status, job.isOver]).toEqual([[], [], true, true])
  })

  test('of an empty commit ends well', async () => {
    const { repo, first } = await begin()
    const after = await ground.hub.commit(repo, { files: {} })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect([job.runs, job.status]).toEqual([[], true])
  })

  test('that is the first of a repository runs everything', async () => {
    const { repo, first } = await begin({ 'sources/a.json': ONE, 'sources/x/b.json': ONE })

    const job = await ground.seen((await ground.heardPush(repo, { after: first })).jobId)

    expect(job.runs).toEqual(['sources/a.json addresses/city', 'sources/x/b.json addresses/city'])
  })

  test('tells the catalogue what came, moved and went', async () => {
    const { repo, first } = await begin({
      'sources/a.json': TWO,
      'sources/b.json': sourceOf({ x: 'X', y: 'Y' }),
      'sources/c.json': sourceOf({ c: 'C' }),
    })
    await ground.seen((await ground.heardPush(repo, { after: first })).jobId)
    const after = await ground.hub.commit(repo, {
      files: {
        'sources/a.json': null,
        'sources/moved/a.json': TWO,
        'sources/b.json': sourceOf({ x: 'X' }),
        'sources/c.json': null,
      },
    })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect(job.runs).toEqual(['sources/moved/a.json addresses/city', 'sources/moved/a.json addresses/county'])
    const known = await ground.db.sql`
      select source_path || ' ' || name as source, removed_at is not null as gone, to_jsonb(formerly) as formerly
      from data_sources where repository = ${repo.name} order by source_path, name`
    expect([...known]).toEqual([
      { source: 'sources/a.json city', gone: true, formerly: [] },
      { source: 'sources/a.json county', gone: true, formerly: [] },
      { source: 'sources/b.json x', gone: false, formerly: [] },
      { source: 'sources/b.json y', gone: true, formerly: [] },
      { source: 'sources/c.json c', gone: true, formerly: [] },
      { source: 'sources/moved/a.json city', gone: false, formerly: ['sources/a.json'] },
      { source: 'sources/moved/a.json county', gone: false, formerly: ['sources/a.json'] },
    ])
  })

  test('of a broken file takes no data from the world', async () => {
    const { repo, first } = await begin({ 'sources/a.json': ONE })
    await ground.seen((await ground.heardPush(repo, { after: first })).jobId)
    const after = await ground.hub.commit(repo, { files: { 'sources/a.json': '{' } })

    const job = await ground.seen((await ground.heardPush(repo, { before: first, after })).jobId)

    expect([job.fails, job.status]).toEqual([['sources/a.json source-invalid'], false])
    const known = await ground.db.sql`
      select source_path, removed_at from data_sources where repository = ${repo.name}`
    expect([...known]).toEqual([{ source_path: 'sources/a.json', removed_at: null }])
  })

  test('that is forced to an unrelated commit asks again whether the old ones are merged', async () => {
    const { repo, first } = await begin()
    const second = await ground.hub.commit(repo, { files: { 'sources/a.json': ONE } })
    const old = await ground.seen((await ground.heardPush(repo, { before: first, after: second })).jobId)
    const third = await ground.hub.commit(repo, { from: first, files: { 'sources/b.json': ONE } })
    await ground.hub.moveBranch(repo, 'main', third)

    const job = await ground.seen((await ground.heardPush(repo, { before: second, after: third })).jobId)

    expect(job.runs).toEqual(['sources/b.json addresses/city'])
    const [now] = await ground.db.sql`select is_merged from jobs where id = ${old.id}`
    expect([old.isMerged, now]).toEqual([true, { is_merged: null }])
  })

  test('that came twice is one job', async () => {
    const { repo, first } = await begin()
    const after = await ground.hub.commit(repo, { files: { 'sources/a.json': ONE } })
    const ref = 'refs/heads/main'
    const payload = await pushPayload(ground.hub.hub, repo, { ref, before: first, after })

    const one = await ground.hear('push', payload)
    const two = await ground.hear('push', payload, one.delivery)
    await ground.seen(one.jobId)

    expect([two.jobId, two.created]).toEqual([one.jobId, false])
    expect((await ground.jobsOf(repo)).map(({ runs }) => runs)).toEqual([['sources/a.json addresses/city']])
  })
})

describe.concurrent('a push to another branch', () => {
  test('of a commit that was there, and judged, before is a push of its own', async () => {
    const { repo } = await begin()
    const tip = await ground.hub.commit(repo, { branch: 'more', files: { 'README.md': 'z' } })
    const first = await ground.seen((await ground.heardPush(repo, { branch: 'more', after: tip })).jobId)

    const again = await ground.heardPush(repo, { branch: 'more', after: tip })

    expect([first.isOver, again.created]).toEqual([true, true])
  })

  test('that is new is compared with where it left the default branch', async () => {
    const { repo } = await begin({ 'sources/a.json': ONE })
    const tip = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/b.json': ONE } })
    await ground.hub.commit(repo, { files: { 'sources/elsewhere.json': ONE } })

    const job = await ground.seen((await ground.heardPush(repo, { branch: 'more', after: tip })).jobId)

    expect([job.runs, job.isMerged]).toEqual([['sources/b.json addresses/city'], false])
  })

  test('includes what older commits of the branch brought, but not what they took back', async () => {
    const { repo } = await begin({ 'sources/a.json': ONE })
    await ground.hub.commit(repo, { branch: 'more', files: { 'sources/b.json': ONE, 'sources/c.json': ONE } })
    const second = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/c.json': null } })
    const third = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/d.json': ONE } })

    const job = await ground.seen(
      (await ground.heardPush(repo, { branch: 'more', before: second, after: third })).jobId,
    )

    expect(job.runs).toEqual(['sources/b.json addresses/city', 'sources/d.json addresses/city'])
  })

  test('that stands where the default branch stands is merged, and has nothing to check', async () => {
    const { repo, first } = await begin({ 'sources/a.json': ONE })
    await ground.hub.moveBranch(repo, 'same', first)

    const job = await ground.seen((await ground.heardPush(repo, { branch: 'same', after: first })).jobId)

    expect([job.runs, job.status, job.isMerged]).toEqual([[], true, true])
  })

  test('that is forced back takes the place of the job before', async () => {
    const { repo } = await begin()
    const one = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/a.json': ONE } })
    const two = await ground.hub.commit(repo, { branch: 'more', files: { 'sources/b.json': ONE } })
    const old = await ground.seen((await ground.heardPush(repo, { branch: 'more', after: two })).jobId)
    await ground.hub.moveBranch(repo, 'more', one)

    const job = await ground.seen(
      (await ground.heardPush(repo, { branch: 'more', before: two, after: one })).jobId,
    )

    expect(job.runs).toEqual(['sources/a.json addresses/city'])
    expect(await ground.seen(old.id)).toMatchObject({
      status: false,
      isOver: true,
      problem: 'superseded',
      supersededBy: job.id,
    })
  })

  test('whose name has slashes and signs is a branch too', async () => {
    const { repo } = await begin()
    const branch = 'fix/öäü+100%#1'
    const tip = await ground.hub.commit(repo, { branch, files: { 'sources/a.json': ONE } })

    const job = await ground.seen((await ground.heardPush(repo, { branch, after: tip })).jobId)

    expect(job.runs).toEqual(['sources/a.json addresses/city'])
  })

  test('of a history that has nothing in common runs all that differs', async () => {
    const { repo } = await begin({ 'sources/a.json': ONE })
    const other = await ground.hub.repository({ name: `orphan_of_${repo.name}` })
    await ground.hub.commit(other, { files: { 'sources/a.json': ONE, 'sources/b.json': ONE } })
    await git(repo.dir, ['fetch', '--quiet', other.dir, 'main:refs/heads/orphan'])
    const tip = await git(repo.dir, ['rev-parse', 'refs/heads/orphan'])

    const job = await ground.seen((await ground.heardPush(repo, { branch: 'orphan', after: tip })).jobId)

    expect(job.runs).toEqual(['sources/b.json addresses/city'])
  })

  test('that is deleted stops what goes on there', async () => {
    const { repo } = await begin()
    const tip = await ground.hub.commit(repo, { branch: 'gone', files: { 'sources/a.json': ONE } })
    const job = await ground.seen((await ground.heardPush(repo, { branch: 'gone', after: tip })).jobId)
    await ground.hub.deleteBranch(repo, 'gone')

    const deleted = await ground.heardPush(repo, { branch: 'gone', before: tip, after: NO_SHA })

    expect((await ground.decided(deleted.delivery)).decided).toBe('stopped, because the branch was deleted')
    expect(await ground.seen(job.id)).toMatchObject({
      problem: 'cancelled',
      detail: 'the branch was deleted',
    })
    expect(deleted.jobId).toBeNull()
  })

  test('that is deleted after its commits were merged stops nothing', async () => {
    const { repo, first } = await begin()
    const tip = await ground.hub.commit(repo, { branch: 'done', files: { 'sources/a.json': ONE } })
    const job = await ground.seen((await ground.heardPush(repo, { branch: 'done', after: tip })).jobId)
    await ground.hub.moveBranch(repo, 'main', tip)
    await ground.heardPush(repo, { before: first, after: tip })
    await ground.hub.deleteBranch(repo, 'done')

    const deleted = await ground.heardPush(repo, { branch: 'done', before: tip, after: NO_SHA })

    expect((await ground.decided(deleted.delivery)).decided).toBe('its commits are merged')
    expect((await ground.seen(job.id)).problem).toBeNull()
  })

  test('that is deleted and made again at once stops nothing', async () => {
    const { repo } = await begin()
    const tip = await ground.hub.commit(repo, { branch: 'back', files: { 'sources/a.json': ONE } })
    const job = await ground.seen((await ground.heardPush(repo, { branch: 'back', after: tip })).jobId)

    const deleted = await ground.heardPush(repo, { branch: 'back', before: tip, after: NO_SHA })

    expect((await ground.decided(deleted.delivery)).decided).toBe('it is there again')
    expect((await ground.seen(job.id)).isOver).toBe(false)
  })
})

describe.concurrent('nothing follows from a push of', () => {
  const cases: [name: string, ref: string][] = [
    ['a tag', 'refs/tags/v1'],
    ['a note', 'refs/notes/commits'],
    ['a pull request ref', 'refs/pull/7/head'],
  ]
  for (const [name, ref] of cases) {
    test(name, async () => {
      const { repo, first } = await begin()

      const heard = await ground.heardPush(repo, { ref, after: first })

      expect([heard.jobId, heard.ignored]).toEqual([null, `${ref} is not a branch`])
    })
  }
})
