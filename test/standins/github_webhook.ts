/** How GitHub delivers an event: signed, with a number of its own, by a POST. */
import { createHmac, randomUUID } from 'node:crypto'

/** What came of a delivery. */
export interface Delivered {
  /** `X-GitHub-Delivery`; send it again to play a redelivery. */
  readonly delivery: string
  readonly status: number
  readonly body: string
}

/** GitHub gives a hook this long to answer. */
const PATIENCE_MS = 10_000

/**
 * Deliver an event to a hook, signed with its secret.
 *
 * @param payload  an object, or the very text that is to be sent
 * @param delivery  the number of an earlier delivery, to play that one again
 */
export async function sendWebhook(
  hookUrl: string,
  secret: string,
  { event, payload, delivery = randomUUID() }: { event: string; payload: unknown; delivery?: string },
): Promise<Delivered> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const sign = (algorithm: string) =>
    `${algorithm}=${createHmac(algorithm, secret).update(text).digest('hex')}`
  const response = await fetch(hookUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/0000000',
      'x-github-delivery': delivery,
      'x-github-event': event,
      'x-github-hook-id': '1',
      'x-github-hook-installation-target-type': 'repository',
      'x-hub-signature': sign('sha1'),
      'x-hub-signature-256': sign('sha256'),
    },
    body: text,
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  return { delivery, status: response.status, body: await response.text() }
}
