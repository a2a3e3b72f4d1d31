/** Comments that ask for work: who may, what comes of it, and what is answered. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { begin, EYES, RUNS, said } from './conversation.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround } from './ground.ts'

setDefaultTimeout(60_000)

const NOT_YOU =
  'only the author of this pull request, and those who care for this repository, can ask for that.'

let ground: Ground

beforeAll(async () => {
  ground = await openGround()
})

afterAll(() => ground.close())

describe.concurrent('/retest', () => {
  const forms = ['/retest', 'Thank you!\n/machine ReTest', 'Re-run this, please', 'rerun this please']
  for (const form of forms) {
    test(`as ${JSON.stringify(form)} runs everything again, without what was before`, async () => {
      const begun = await begin(ground)
      await endJob(ground, begun.job.id)

      const { jobId, replies, decided } = await said(ground, begun, 'openaddresses', form)
      const again = await ground.seen(jobId)

      expect([decided, replies]).toEqual(['done', [EYES, 'reaction +1']])
      expect([again.id === begun.job.id, again.runs, again.commit]).toEqual([false, RUNS, begun.job.commit])
      const tasks = await ground.db.sql`
        select distinct data->'rerun' as rerun from queue.items where q_name = 'tasks' and data->>'job_id' = ${again.id}`
      const [row] = await ground.db.sql`select rerun, asked_by from jobs where id = ${again.id}`
      expect([[...tasks], { ...row }]).toEqual([
        [{ rerun: true }],
        { rerun: true, asked_by: 'openaddresses' },
      ])
    })
  }

  test('of one source keeps the results of the others', async () => {
    const begun = await begin(ground)
    await endJob(ground, begun.job.id, { 'sources/b.json': 'download-server-error' })

    const { jobId } = await said(ground, begun, 'writer', '/retest b')
    const again = await ground.seen(jobId)
    await endJob(ground, again.id)

    expect([again.runs, again.follows]).toEqual([
      ['sources/b.json addresses/town'],
      ['sources/a.json addresses/city'],
    ])
    expect((await ground.seen(jobId)).status).toBe(true)
  })

  test('of one source does not turn green what failed in another', async () => {
    const begun = await begin(ground)
    await endJob(ground, begun.job.id, { 'sources/a.json': 'no-such-column' })

    const { jobId } = await said(ground, begun, 'writer', '/retest b')
    await ground.seen(jobId)
    await endJob(ground, jobId!)

    expect((await ground.seen(jobId)).status).toBe(false)
  })

  test('of one source while the others still run lets none of them fall', async () => {
    const begun = await begin(ground)

    const { jobId } = await said(ground, begun, 'writer', '/retest b')

    expect((await ground.seen(jobId)).runs).toEqual(RUNS)
    expect((await ground.seen(begun.job.id)).supersededBy).toBe(jobId)
  })

  test('of a source that is not in the pull request is answered, whatever it is called', async () => {
    const begun = await begin(ground)

    const { replies, decided } = await said(ground, begun, 'writer', '/retest us/ca `x`|<b>@all')

    expect(decided).toBe(
      'this pull request does not change `us/ca`, `x`|<b>@all`.'.replace('`x`|<b>@all`', '`x???b??all`'),
    )
    expect(replies).toEqual([EYES, `answer @writer ${decided}`])
  })

  type Asker = [who: string, permission: string, replies: string[]]
  const askers: Asker[] = [
    ['passer_by', 'read', [EYES, NOT_YOU]],
    ['nobody', 'none', [EYES, NOT_YOU]],
    ['triager', 'triage', [EYES, '+1']],
    ['writer', 'write', [EYES, '+1']],
  ]
  for (const [who, permission, [, last]] of askers) {
    test(`by somebody who may ${permission} ${last === '+1' ? 'is done' : 'is answered'}`, async () => {
      const begun = await begin(ground)
      ground.hub.permit(begun.repo, who, permission)

      const { replies } = await said(ground, begun, who, '/retest')

      const mention = /^[a-z\d-]+$/i.test(who) ? `@${who} ` : ''
      expect(replies).toEqual([EYES, last === '+1' ? 'reaction +1' : `answer ${mention}${last}`])
    })
  }

  test('several in one comment are one job', async () => {
    const begun = await begin(ground)

    const { jobId } = await said(ground, begun, 'writer', '/retest a\n/retest b\n/retest a')

    expect((await ground.jobsOf(begun.repo)).map(({ id }) => id)).toEqual([begun.job.id, jobId!])
    expect((await ground.seen(jobId)).runs).toEqual(RUNS)
  })

  test('of a closed pull request is answered', async () => {
    const begun = await begin(ground)
    ground.hub.closePull(begun.pull)

    const { decided } = await said(ground, begun, 'writer', '/retest')

    expect(decided).toBe('this pull request is closed: nothing of it runs again.')
  })

  test('finds the head whose event was lost', async () => {
    const begun = await begin(ground)
    const head = await ground.hub.commit(begun.repo, { branch: 'more', files: { 'sources/c.json': '{' } })

    const { jobId } = await said(ground, begun, 'writer', '/retest')

    expect(await ground.seen(jobId)).toMatchObject({
      commit: head,
      runs: RUNS,
      fails: ['sources/c.json source-invalid'],
    })
  })
})

describe.concurrent('/cancel', () => {
  test('stops what goes on', async () => {
    const begun = await begin(ground)

    const { replies, jobId } = await said(ground, begun, 'writer', '/cancel')

    expect([replies, jobId]).toEqual([[EYES, 'reaction +1'], begun.job.id])
    expect(await ground.seen(begun.job.id)).toMatchObject({
      status: false,
      problem: 'cancelled',
      detail: 'writer cancelled it in a comment',
    })
  })

  test('of nothing is answered', async () => {
    const begun = await begin(ground)
    await endJob(ground, begun.job.id)

    expect((await said(ground, begun, 'writer', '/cancel')).replies).toEqual([
      EYES,
      'answer @writer nothing is running.',
    ])
  })

  test('then /retest begins anew', async () => {
    const begun = await begin(ground)
    await said(ground, begun, 'writer', '/cancel')

    const { jobId } = await said(ground, begun, 'writer', '/retest')

    expect((await ground.seen(jobId)).runs).toEqual(RUNS)
  })

  test('by a passer-by is answered', async () => {
    const begun = await begin(ground)

    expect((await said(ground, begun, 'passer', '/cancel')).replies).toEqual([
      EYES,
      `answer @passer ${NOT_YOU}`,
    ])
    expect((await ground.seen(begun.job.id)).isOver).toBe(false)
  })
})
