/**
 * `POST /hook`: GitHub knocks. Who is it, have we seen it, what does it ask for: stored in one statement,
 * answered at once. No outside call is made, and no token is held here.
 */
import type { Context } from 'hono'
import { acceptDelivery, heardOf, jobOf } from '../shared/db/deliveries.ts'
import { namesOf } from '../shared/db/watched.ts'
import { type AskEvent, type Event, type JobEvent, readEvent } from '../shared/event.ts'
import { type Rules, rulesOf } from '../shared/repositories.ts'
import type { Doors } from './app.ts'
import { BODY_BYTES_MAX, readBody, readPayload } from './payload.ts'
import { isSigned, readSignature } from './signature.ts'

/** GitHub's are UUIDs; what is longer or stranger was not made there. */
const DELIVERY_ID = /^[\w.:-]{1,100}$/
const EVENT_NAME = /^\w{1,100}$/

/** Answer a delivery. */
export async function hook(c: Context, doors: Doors): Promise<Response> {
  const body = await believedBody(c, doors.secrets)
  if (body instanceof Response) return body
  if (doors.rejectNewJobs)
    return c.json({ error: 'no new jobs are taken just now; redeliver this later' }, 503)

  const [id, name] = [c.req.header('X-GitHub-Delivery'), c.req.header('X-GitHub-Event')]
  const wrong =
    wrongHeader('X-GitHub-Delivery', id, DELIVERY_ID) ?? wrongHeader('X-GitHub-Event', name, EVENT_NAME)
  if (wrong !== undefined || id === undefined || name === undefined) return c.json({ error: wrong }, 400)

  const read = readDelivery(name, readPayload(body, c.req.header('Content-Type')))
  if ('error' in read) return c.json(read, 400)
  const { payload, event } = read
  const rules = event.kind === 'ignored' ? undefined : await ourRules(doors, event)
  const isJob = rules !== undefined && event.kind === 'job'
  const ignored = whyIgnored(event, rules)
  const { jobId, created } = await acceptDelivery(doors.sql, {
    id,
    event: name,
    action: actionOf(payload),
    payload,
    job: isJob ? jobOf(event, { id: crypto.randomUUID(), isSilent: rules.silent }) : null,
    ignored,
    ...(rules === undefined || event.kind === 'ignored' ? {} : { heard: heardOf(event) }),
  })
  if (ignored !== null) return c.json({ ignored })
  if (event.kind === 'ask') return c.json({ understood: event.understood }, created ? 202 : 200)
  // The number was used before, for a delivery from which nothing followed.
  if (jobId === null)
    return c.json({ ignored: `delivery ${id} was here before, and nothing followed from it` })
  return c.json({ id: jobId, url: `${doors.baseUrl}/jobs/${jobId}` }, created ? 202 : 200)
}

/** The rules of the repository of an event, under whatever name it is known; undefined when it is none of ours. */
async function ourRules(
  { sql, repositories }: Doors,
  { repository, repositoryId }: JobEvent | AskEvent,
): Promise<Rules | undefined> {
  const rules = rulesOf(repositories, repository)
  if (rules !== undefined || repositoryId === null) return rules
  // Renamed or transferred since it was configured: its number is the same.
  return rulesOf(repositories, ...(await namesOf(sql, repositoryId)))
}

function whyIgnored(event: Event, rules: Rules | undefined): string | null {
  if (event.kind === 'ignored') return event.why
  if (rules !== undefined) return null
  const { owner, name } = event.repository
  return `${owner}/${name} is not one of the repositories that are configured here`
}

/** For who opens the address of the hook in a browser. */
export function notByGet(c: Context): Response {
  return c.json({ error: 'GitHub posts its events here; there is nothing to see' }, 405, { Allow: 'POST' })
}

/** The body of who knows a secret, or the answer for who does not. */
async function believedBody(
  c: Context,
  secrets: readonly string[],
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const stranger = (error: string) => c.json({ error }, 401)
  if (secrets.length === 0)
    return stranger('no webhook secret is configured here, so nobody can be believed: set WEBHOOK_SECRETS')
  const header = c.req.header('X-Hub-Signature-256')
  if (header === undefined)
    return stranger('X-Hub-Signature-256 is missing: set the secret of the webhook at GitHub too')
  // A stranger's body is not even read where its signature cannot be one.
  const signature = readSignature(header)
  if (signature === undefined) return stranger('X-Hub-Signature-256 is not "sha256=" and 64 hex digits')

  const body = await readBody(c.req.raw)
  if (body === undefined) return c.json({ error: `the payload has more than ${BODY_BYTES_MAX} bytes` }, 413)
  if (!(await isSigned(body, signature, secrets)))
    return stranger('the signature is not ours: the secret at GitHub is another one')
  return body
}

function wrongHeader(name: string, value: string | undefined, pattern: RegExp): string | undefined {
  if (value === undefined || value === '') return `${name} is missing`
  return pattern.test(value) ? undefined : `${name} is "${value.slice(0, 100)}", which GitHub would not send`
}

function readDelivery(
  name: string,
  read: ReturnType<typeof readPayload>,
): { readonly payload: unknown; readonly event: Event } | { readonly error: string } {
  if ('error' in read) return read
  try {
    return { ...read, event: readEvent(name, read.payload) }
  } catch (error) {
    return {
      error: `the payload of ${name} cannot be read: ${error instanceof Error ? error.message : error}`,
    }
  }
}

function actionOf(payload: unknown): string | null {
  const action = (payload as { action?: unknown }).action
  return typeof action === 'string' ? action : null
}
