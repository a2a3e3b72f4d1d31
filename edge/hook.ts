/**
 * `POST /hook`: GitHub knocks. Who is it, have we seen it, what does it ask for: stored in one statement,
 * answered at once. No outside call is made, and no token is held here.
 */
import type { Context } from 'hono'
import { acceptDelivery, type NewJob } from '../shared/db/deliveries.ts'
import { type JobEvent, readEvent } from '../shared/event.ts'
import type { Doors } from './app.ts'
import { isSigned } from './signature.ts'

/** GitHub sends no larger payload. */
const BODY_BYTES_MAX = 25 * 1024 * 1024

/** Answer a delivery. */
export async function hook(c: Context, doors: Doors): Promise<Response> {
  if (doors.secrets.length === 0) {
    return c.json(
      { error: 'no webhook secret is configured here, so nobody can be believed: set WEBHOOK_SECRETS' },
      401,
    )
  }
  const body = await readBody(c.req.raw)
  if (body === undefined) return c.json({ error: `the payload has more than ${BODY_BYTES_MAX} bytes` }, 413)

  const signature = c.req.header('X-Hub-Signature-256')
  if (!(await isSigned(body, signature, doors.secrets))) {
    return c.json(
      { error: signature === undefined ? 'X-Hub-Signature-256 is missing' : 'the signature is not ours' },
      401,
    )
  }
  if (doors.rejectNewJobs)
    return c.json({ error: 'no new jobs are taken just now; redeliver this later' }, 503)

  const [id, name] = [c.req.header('X-GitHub-Delivery'), c.req.header('X-GitHub-Event')]
  if (!id) return c.json({ error: 'X-GitHub-Delivery is missing' }, 400)
  if (!name) return c.json({ error: 'X-GitHub-Event is missing' }, 400)

  const read = readPayload(name, body)
  if ('error' in read) return c.json(read, 400)
  const { payload, event } = read
  const delivery = { id, event: name, action: actionOf(payload), payload }
  if (event.kind === 'ignored') {
    await acceptDelivery(doors.sql, { ...delivery, job: null, ignored: event.why })
    return c.json({ ignored: event.why })
  }

  const { jobId, created } = await acceptDelivery(doors.sql, {
    ...delivery,
    job: newJob(event),
    ignored: null,
  })
  return c.json({ id: jobId, url: `${doors.baseUrl}/jobs/${jobId}` }, created ? 202 : 200)
}

/** The body, unless it is larger than it may be; reading stops there. */
async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get('Content-Length') ?? 0) > BODY_BYTES_MAX) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  return body
}

function readPayload(
  name: string,
  body: Uint8Array,
): { readonly payload: unknown; readonly event: ReturnType<typeof readEvent> } | { readonly error: string } {
  try {
    const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return { payload, event: readEvent(name, payload) }
  } catch (error) {
    return { error: `the payload cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function actionOf(payload: unknown): string | null {
  const action = (payload as { action?: unknown }).action
  return typeof action === 'string' ? action : null
}

function newJob(event: JobEvent): NewJob {
  return {
    id: crypto.randomUUID(),
    event: event.event,
    owner: event.repository.owner,
    repository: event.repository.name,
    status_url: event.statusUrl,
    comments_url: event.commentsUrl,
    commit_sha: event.commitSha,
    ref: event.ref,
    pull_number: event.pullNumber,
  }
}
