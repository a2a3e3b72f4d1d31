import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { type GitHub as StandIn, startGitHub } from '../../test/standins/github.ts'
import { type GitHub, github } from './github.ts'
import { GitHubError, GitHubWait } from './github_call.ts'

const REPOSITORY = { owner: 'openaddresses', name: 'openaddresses' }

let hub: StandIn

beforeAll(async () => {
  hub = await startGitHub({ token: 'ghp_secret' })
  await hub.repository({ files: { 'README.md': 'Hello\n' } })
})

afterEach(() => {
  hub.behave()
  hub.calls.length = 0
})

afterAll(() => hub.close())

function connect(callMs = 5_000): GitHub {
  return github({ token: 'ghp_secret', apiUrl: hub.url, callMs })
}

describe('caller', () => {
  test('tries a read again after a server error', async () => {
    hub.misbehave({ status: 502 })

    expect(await connect().defaultBranch(REPOSITORY)).toBe('main')
    expect(hub.calls.map(({ status }) => status)).toEqual([502, 200])
  })

  test('tries a read again when the answer breaks off, rather than take it for an empty one', async () => {
    hub.misbehave({
      status: 200,
      headers: { 'content-length': '1000', 'content-type': 'application/json' },
      body: '{',
    })

    expect(await connect(300).defaultBranch(REPOSITORY)).toBe('main')
    expect(hub.calls.length).toBe(2)
  })

  test('gives up a server that says nothing, each time', async () => {
    hub.misbehave({ hang: true, times: 3 })

    const asked = connect(100).defaultBranch(REPOSITORY)

    await expect(asked).rejects.toThrow('/repos/openaddresses/openaddresses: no answer within 100 ms')
    expect(hub.calls.length).toBe(3)
  }, 15_000)

  const waits: [name: string, status: number, headers: Record<string, string>, seconds: [number, number]][] =
    [
      ['Retry-After', 403, { 'retry-after': '120' }, [120, 120]],
      ['too many requests', 429, { 'retry-after': '7' }, [7, 7]],
      ['too many requests, without a time', 429, {}, [60, 60]],
      [
        'a used up budget',
        403,
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${Math.floor(Date.now() / 1000) + 3_000}` },
        [2_900, 3_000],
      ],
    ]
  for (const [name, status, headers, [least, most]] of waits) {
    test(`hands on how long to wait, at once: ${name}`, async () => {
      hub.misbehave({ status, headers, json: { message: 'no' } })

      const error = await connect()
        .defaultBranch(REPOSITORY)
        .catch((error: unknown) => error)

      expect(error).toBeInstanceOf(GitHubWait)
      expect((error as GitHubWait).seconds).toBeWithin(least, most + 1)
      expect(hub.calls.length).toBe(1)
    })
  }

  test('does not wait for a permission', async () => {
    hub.misbehave({ status: 403, json: { message: 'Resource not accessible by personal access token' } })

    const error = await connect()
      .defaultBranch(REPOSITORY)
      .catch((error: unknown) => error)

    expect(error).toBeInstanceOf(GitHubError)
    expect(error).not.toBeInstanceOf(GitHubWait)
  })

  test('never says the token', async () => {
    const error = await github({ token: 'ghp_wrong', apiUrl: hub.url })
      .defaultBranch(REPOSITORY)
      .catch((error: unknown) => error)

    expect((error as Error).message).toContain('401 Bad credentials')
    expect(Bun.inspect(error)).not.toContain('ghp_wrong')
  })

  test('says one short line of a long page', async () => {
    hub.misbehave({
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: `<html>\n${'x'.repeat(9_000)}`,
    })

    const error = await connect()
      .defaultBranch(REPOSITORY)
      .catch((error: unknown) => error)

    expect((error as Error).message.length).toBeLessThan(400)
    expect((error as Error).message).not.toContain('\n')
  })
})
