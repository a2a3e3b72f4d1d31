/** Commit statuses, with the rules that GitHub holds them to. */
import type { Answer, Asked } from './server.ts'
import { readJson } from './server.ts'
import type { Parts, Route } from './router.ts'
import { resolve } from './github_git.ts'
import {
  failed,
  type Hub,
  invalid,
  nextId,
  notFound,
  paged,
  type Repository,
  repositoryRoute,
  repositoryUrl,
  type Status,
  timestamp,
} from './github_hub.ts'
import { repositoryShape, userShape } from './github_shapes.ts'

const STATES: readonly string[] = ['error', 'failure', 'pending', 'success'] satisfies Status['state'][]

const DESCRIPTION_CHARS_MAX = 140

/** The routes of this file. */
export function statusRoutes(hub: Hub): Route[] {
  const routes: Parameters<typeof repositoryRoute>[1][] = [
    ['POST', '/statuses/:sha', (repository, asked, parts) => postStatus(hub, repository, { asked, parts })],
    ['GET', '/commits/*ref/statuses', (repository, asked, parts) => list(hub, repository, { asked, parts })],
    ['GET', '/commits/*ref/status', (repository, _, parts) => combined(hub, repository, parts)],
  ]
  return routes.map((route) => repositoryRoute(hub, route))
}

async function postStatus(
  hub: Hub,
  repository: Repository,
  { asked, parts: { sha = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const body = readJson(asked)
  if (typeof body !== 'object' || body === null) return failed(400, 'Problems parsing JSON')
  const given = body as Record<string, unknown>
  const wrong = problemOf(given)
  if (wrong !== undefined) return wrong
  const commit = /^[0-9a-f]{40}$/.test(sha) ? await resolve(repository, sha) : undefined
  if (commit === undefined) return failed(422, `No commit found for SHA: ${sha}`)

  const statuses = hub.statuses.get(repository) ?? []
  const context = (given['context'] as string | undefined) ?? 'default'
  const same = statuses.filter((status) => status.sha === sha && status.context === context)
  if (same.length >= hub.limits.statuses) {
    return failed(422, 'Validation Failed', [
      {
        resource: 'Status',
        code: 'custom',
        message: 'This SHA and context has reached the maximum number of statuses.',
      },
    ])
  }
  const status: Status = {
    id: nextId(hub),
    sha,
    state: given['state'] as Status['state'],
    description: (given['description'] as string | undefined) ?? null,
    target_url: (given['target_url'] as string | undefined) ?? null,
    context,
    created_at: timestamp(),
    creator: hub.login,
  }
  hub.statuses.set(repository, [...statuses, status])
  return { status: 201, json: shape(hub, repository, status) }
}

/** The first rule that a status breaks. */
function problemOf(given: Record<string, unknown>): Answer | undefined {
  const { state, description, target_url, context } = given
  if (typeof state !== 'string' || !STATES.includes(state)) {
    return invalid('Status', 'state', `state must be one of ${STATES.join(', ')}`)
  }
  const texts = { description, target_url, context }
  for (const [field, value] of Object.entries(texts)) {
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return invalid('Status', field, `${field} is not a string`)
    }
  }
  if (typeof description === 'string' && [...description].length > DESCRIPTION_CHARS_MAX) {
    return invalid('Status', 'description', 'description is too long (maximum is 140 characters)')
  }
  if (typeof target_url === 'string' && target_url !== '' && !/^https?:\/\/\S+$/.test(target_url)) {
    return invalid('Status', 'target_url', 'target_url must use http(s) scheme')
  }
  if (context === '') return invalid('Status', 'context', 'context cannot be blank')
  return undefined
}

/** Newest first. */
async function statusesOf(hub: Hub, repository: Repository, ref: string): Promise<Status[] | undefined> {
  const sha = await resolve(repository, ref)
  if (sha === undefined) return undefined
  return (hub.statuses.get(repository) ?? []).filter((status) => status.sha === sha).toReversed()
}

async function list(
  hub: Hub,
  repository: Repository,
  { asked, parts: { ref = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const statuses = await statusesOf(hub, repository, ref)
  if (statuses === undefined) return notFound()
  const { page, ...rest } = paged(hub, asked, statuses)
  return { ...rest, json: (page as Status[]).map((status) => shape(hub, repository, status)) }
}

/** The newest status of each context, and one word for all. */
async function combined(hub: Hub, repository: Repository, { ref = '' }: Parts): Promise<Answer> {
  const statuses = await statusesOf(hub, repository, ref)
  const sha = await resolve(repository, ref)
  if (statuses === undefined || sha === undefined) return notFound()
  const newest = statuses.filter(
    ({ context }, i) => statuses.findIndex((other) => other.context === context) === i,
  )
  const url = repositoryUrl(hub, repository)
  return {
    json: {
      state: overall(newest),
      statuses: newest.map((status) => shape(hub, repository, status)),
      sha,
      total_count: newest.length,
      repository: repositoryShape(hub, repository),
      commit_url: `${url}/commits/${sha}`,
      url: `${url}/commits/${sha}/status`,
    },
  }
}

function overall(statuses: readonly Status[]): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure'
  return statuses.length > 0 && statuses.every(({ state }) => state === 'success') ? 'success' : 'pending'
}

function shape(hub: Hub, repository: Repository, status: Status) {
  const { sha, creator, ...rest } = status
  return {
    ...rest,
    url: `${repositoryUrl(hub, repository)}/statuses/${sha}`,
    node_id: `SC_${status.id}`,
    avatar_url: null,
    updated_at: status.created_at,
    creator: userShape(hub, creator),
  }
}
