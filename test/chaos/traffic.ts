/** The traffic of chaos: pushes, told to the hook of the edge as GitHub does, each of them twice. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Repository } from '../standins/github_hub.ts'
import { pushPayload } from '../standins/github_payloads.ts'
import { sendWebhook } from '../standins/github_webhook.ts'
import { trialSource } from '../trial.ts'
import { SECRET, type Stage } from './stage.ts'

/** A push that the hook said yes to. */
export interface Accepted {
  readonly delivery: string
  readonly sha: string
}

/** Data sources of one push: a few come slowly, one has no data. */
export const FILES = ['fast', 'slow', 'slow', 'missing'] as const

/** A hook that is away is told again for so long. */
const PATIENCE_MS = 60_000

/** Push a commit to a branch of its own, and tell of it until the hook has taken it, and then once more. */
export async function push(stage: Stage, repository: Repository, n: number): Promise<Accepted> {
  const branch = `town-${n}`
  const files = Object.fromEntries(
    FILES.map((name, at) => [
      `sources/us/ca/town_${n}_${at}.json`,
      trialSource({ data: `${stage.web.url}/${name}.csv?${n}.${at}` }),
    ]),
  )
  const sha = await stage.github.commit(repository, { branch, files, message: `Town ${n}` })
  const payload = await pushPayload(stage.github.hub, repository, { ref: `refs/heads/${branch}`, after: sha })
  const delivery = crypto.randomUUID()
  for (let times = 0; times < 2; times += 1) await untilTaken(stage.hookUrl, { payload, delivery })
  return { delivery, sha }
}

async function untilTaken(url: string, sent: { payload: unknown; delivery: string }): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await sendWebhook(url, SECRET, { event: 'push', ...sent }).catch(() => undefined)
    if (answer !== undefined && answer.status < 300) return
    if (performance.now() > giveUpAt)
      throw new Error(`the hook took no delivery: ${answer?.body ?? 'no answer'}`)
    await pause(200)
  }
}
