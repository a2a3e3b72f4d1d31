/** Comments with which somebody says yes for others: /ok-to-test and /accept. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { issueCommentPayload } from '../standins/github_payloads.ts'
import { begin, EYES, RUNS, said, rulesWith } from './conversation.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround, sourceOf } from './ground.ts'

setDefaultTimeout(60_000)

let ground: Ground

beforeAll(async () => {
  ground = await openGround({ repositories: rulesWith('openaddresses/only_members', { trust: 'members' }) })
})

afterAll(() => ground.close())

describe.concurrent('/ok-to-test', () => {
  test('lets a newcomer run, now and with every later commit', async () => {
    const begun = await begin(ground, 'newcomer')
    expect([begun.job.waitsFor, begun.job.runs]).toEqual(['approval', []])

    const { replies, jobId } = await said(ground, begun, 'writer', '/ok-to-test')
    await ground.hub.commit(begun.pull.head.repository!, {
      branch: 'more',
      files: { 'sources/c.json': sourceOf({ c: 'C' }) },
    })
    const first = await ground.seen(jobId)
    const later = await ground.seen((await ground.heardPull(begun.pull, 'synchronize')).jobId)

    expect([replies, jobId]).toEqual([[EYES, 'reaction +1'], begun.job.id])
    expect(first.commit === begun.job.commit).toBe(true)
    expect(later.runs).toEqual([...RUNS, 'sources/c.json addresses/c'])
  })

  for (const [who, permission] of [
    ['passer', 'read'],
    ['triager', 'triage'],
  ] as const) {
    test(`by somebody who may ${permission} only is answered, and nothing runs`, async () => {
      const begun = await begin(ground, 'newcomer')
      ground.hub.permit(begun.repo, who, permission)

      const { replies } = await said(ground, begun, who, '/ok-to-test')

      expect(replies).toEqual([EYES, `answer @${who} \`/ok-to-test\` needs write access to this repository.`])
      expect((await ground.seen(begun.job.id)).waitsFor).toBe('approval')
    })
  }

  test('by the newcomer is answered', async () => {
    const begun = await begin(ground, 'newcomer')

    const { decided } = await said(ground, begun, begun.pull.author, '/ok-to-test')

    expect(decided).toBe('`/ok-to-test` needs write access to this repository.')
  })

  test('where only members may run is answered', async () => {
    const begun = await begin(ground, 'newcomer', 'only_members')

    const { decided } = await said(ground, begun, 'writer', '/ok-to-test')

    expect(decided).toBe('only pull requests of members run here, so there is nothing to approve.')
  })

  test('is what /retest of a waiting pull request asks for', async () => {
    const begun = await begin(ground, 'newcomer')

    const { decided } = await said(ground, begun, begun.pull.author, '/retest')

    expect(decided).toBe('this pull request waits for `/ok-to-test` by somebody with write access.')
    expect((await ground.seen(begun.job.id)).waitsFor).toBe('approval')
  })

  test('and /retest in one comment are both done', async () => {
    const begun = await begin(ground, 'newcomer')

    const { replies } = await said(ground, begun, 'writer', '/ok-to-test')

    expect(replies).toEqual([EYES, 'reaction +1'])
    expect((await said(ground, begun, 'writer', '/retest')).decided).toBe('done')
  })

  test('is not believed of the payload: who says so there is looked up at GitHub', async () => {
    const begun = await begin(ground, 'newcomer')
    const comment = ground.say(begun.repo, begun.pull.number, 'faker', '/ok-to-test')
    const payload = issueCommentPayload(ground.hub.hub, {
      repository: begun.repo,
      comment,
      action: 'created',
    })
    const forged = { ...payload, comment: { ...payload.comment, author_association: 'OWNER' } }

    const { delivery } = await ground.hear('issue_comment', forged)

    expect((await ground.decided(delivery)).decided).toBe(
      '`/ok-to-test` needs write access to this repository.',
    )
  })
})

describe.concurrent('/accept', () => {
  test('of a source of which nothing is held is answered', async () => {
    const begun = await begin(ground)
    await endJob(ground, begun.job.id)

    const { replies } = await said(ground, begun, 'writer', '/accept a sources/b.json')

    expect(replies).toEqual([EYES, 'answer @writer nothing is held for `a`, `b`.'])
  })

  test('without a source is answered', async () => {
    expect((await said(ground, await begin(ground), 'writer', '/accept')).decided).toBe(
      'name the sources whose data is to be accepted: `/accept us/ca/berkeley`.',
    )
  })

  test('by the author alone is answered', async () => {
    const begun = await begin(ground, 'newcomer')

    expect((await said(ground, begun, begun.pull.author, '/accept a')).decided).toBe(
      '`/accept` needs write access to this repository.',
    )
  })

  test('takes what is held, with the name and the reason', async () => {
    const begun = await begin(ground)
    await endJob(ground, begun.job.id, { 'sources/a.json': 'regression-held' })
    await ground.db.sql`
      insert into verdicts (run_id, verdict, reasons, fields, datetime)
      select id, 'hold', '[{"code": "rows"}]', '[]', now()
      from runs where job_id = ${begun.job.id} and problem = 'regression-held'`

    const { replies } = await said(ground, begun, 'writer', '/accept a')

    expect(replies).toEqual([EYES, 'reaction +1'])
    expect((await ground.seen(begun.job.id)).status).toBe(true)
    const [audit] = await ground.db.sql`select who, what, why from audit where who = 'writer'`
    expect({ ...audit }).toEqual({
      who: 'writer',
      what: 'accept',
      why: `/accept in pull request ${begun.pull.number}`,
    })
  })
})
