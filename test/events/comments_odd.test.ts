/** Comments that are odd, that ask for help, or that are buttons of a check. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { issueCommentPayload } from '../standins/github_payloads.ts'
import { repositoryShape } from '../standins/github_shapes.ts'
import { begin, EYES, FILES, RUNS, said, rulesWith } from './conversation.ts'
import { endJob } from './ended.ts'
import { type Ground, openGround } from './ground.ts'

setDefaultTimeout(60_000)

const HELP =
  '`/retest [source…]` runs this pull request, or some of its sources, again; `/cancel` stops what is running; ' +
  '`/ok-to-test` lets the pull request of a newcomer run (needs write access); ' +
  '`/accept source…` accepts the data of held sources (needs write access); `/help` says this.'
let ground: Ground

beforeAll(async () => {
  ground = await openGround({ repositories: rulesWith('openaddresses/silent', { silent: true }) })
})

afterAll(() => ground.close())

describe.concurrent('a comment', () => {
  test('that asks for help is helped', async () => {
    expect((await said(ground, await begin(ground), 'passer', '/help')).replies).toEqual([
      EYES,
      `answer @passer ${HELP}`,
    ])
  })

  test('with a word that we do not know is helped too', async () => {
    expect((await said(ground, await begin(ground), 'passer', '/machine dance')).decided).toBe(
      `I do not know \`/machine dance\`. ${HELP}`,
    )
  })

  test('that is edited asks for what is new in it only', async () => {
    const begun = await begin(ground)
    const comment = ground.say(begun.repo, begun.pull.number, 'writer', '/retest\n/help')

    const same = await ground.heardComment(comment, begun.repo, { action: 'edited', from: '/help\n/retest' })
    const more = await ground.heardComment(comment, begun.repo, { action: 'edited', from: '/help' })

    expect(same.ignored).toBe('nothing follows from a comment without a command that is new')
    expect((await ground.decided(more.delivery)).decided).toBe('done')
  })

  test('on a pull request that is gone, or of a repository that is gone, ends well', async () => {
    const begun = await begin(ground)
    const comment = ground.say(begun.repo, begun.pull.number, 'writer', '/retest')
    ground.hub.hub.pulls.splice(ground.hub.hub.pulls.indexOf(begun.pull), 1)
    const payload = issueCommentPayload(ground.hub.hub, {
      repository: begun.repo,
      comment,
      action: 'created',
    })
    const issue = { number: begun.pull.number, pull_request: {} }

    const { delivery } = await ground.hear('issue_comment', { ...payload, issue })

    expect((await ground.decided(delivery)).decided).toBe('the pull request is gone')
  })

  test('that came twice is answered once', async () => {
    const begun = await begin(ground)
    const comment = ground.say(begun.repo, begun.pull.number, 'writer', '/retest')
    const { delivery } = await ground.heardComment(comment, begun.repo)
    const payload = issueCommentPayload(ground.hub.hub, {
      repository: begun.repo,
      comment,
      action: 'created',
    })

    await ground.hear('issue_comment', payload, delivery)
    await ground.decided(delivery)

    expect(await ground.replies(comment)).toEqual([EYES, 'reaction +1'])
    expect(await ground.jobsOf(begun.repo)).toHaveLength(2)
  })

  test('in a silent repository is obeyed and not answered', async () => {
    const begun = await begin(ground, 'owner', 'silent')

    const { decided, replies } = await said(ground, begun, 'writer', '/cancel')

    expect([decided, replies]).toEqual(['done', []])
  })

  test('where GitHub does not tell who may do what is answered so', async () => {
    const begun = await begin(ground)
    const path = new RegExp(`/${begun.repo.name}/collaborators/`)
    ground.hub.misbehave({ path, times: 9, status: 403, json: { message: 'Must have push access' } })

    const { decided } = await said(ground, begun, 'writer', '/ok-to-test')

    expect(decided).toStartWith('GitHub does not tell me what you may do here')
  })
})

describe.concurrent('the button of a check', () => {
  type Case = [name: string, sender: string, permission: string, decided: string]
  const cases: Case[] = [
    ['by somebody with write access', 'writer', 'write', 'it runs again'],
    ['by a passer-by', 'passer', 'read', 'passer may only read here'],
  ]
  for (const [name, sender, permission, decided] of cases) {
    test(`${name}: ${decided}`, async () => {
      const begun = await begin(ground)
      ground.hub.permit(begun.repo, sender, permission)
      const heard = await ground.heardCheck(begun.repo, {
        jobId: begun.job.id,
        sha: begun.job.commit,
        sender,
      })

      const what = await ground.decided(heard.delivery)

      expect(what.decided).toBe(decided)
      expect((await ground.jobsOf(begun.repo)).length).toBe(decided === 'it runs again' ? 2 : 1)
    })
  }

  test('of a check that is not ours does nothing', async () => {
    const begun = await begin(ground)
    const heard = await ground.heardCheck(begun.repo, { jobId: 'x', sha: 'c'.repeat(40), sender: 'writer' })

    expect((await ground.decided(heard.delivery)).decided).toBe('no job of ours judged that commit')
  })

  test('of a whole suite runs its job again, also of a push', async () => {
    const begun = await begin(ground)
    const after = await ground.hub.commit(begun.repo, { branch: 'alone', files: FILES })
    const job = await ground.seen((await ground.heardPush(begun.repo, { branch: 'alone', after })).jobId)
    await endJob(ground, job.id)

    const heard = await ground.hear('check_suite', {
      action: 'rerequested',
      check_suite: { id: 1, head_sha: after },
      repository: repositoryShape(ground.hub.hub, begun.repo),
      sender: { login: 'writer', type: 'User' },
    })
    const { jobId } = await ground.decided(heard.delivery)

    expect(await ground.seen(jobId)).toMatchObject({ event: 'push', commit: after, runs: RUNS })
  })
})
