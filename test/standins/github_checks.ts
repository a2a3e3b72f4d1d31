/** Check runs, with the rules that GitHub holds them to. */
import { type Answer, type Asked, readJson } from './server.ts'
import type { Parts, Route } from './router.ts'
import { resolve } from './github_git.ts'
import {
  type Annotation,
  type CheckRun,
  failed,
  type Hub,
  htmlUrl,
  nextId,
  notFound,
  paged,
  type Repository,
  repositoryRoute,
  repositoryUrl,
  timestamp,
} from './github_hub.ts'

const STATUSES: readonly unknown[] = ['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']

const CONCLUSIONS: readonly unknown[] = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'timed_out',
]

const LEVELS: readonly unknown[] = ['notice', 'warning', 'failure']

const TEXT_CHARS_MAX = 65_535

const ANNOTATIONS_MAX = 50

type Given = Readonly<Record<string, unknown>>

/** The routes of this file. */
export function checkRoutes(hub: Hub): Route[] {
  const routes: Parameters<typeof repositoryRoute>[1][] = [
    ['POST', '/check-runs', (repository, asked) => create(hub, repository, asked)],
    ['GET', '/check-runs/:id', (repository, _, parts) => read(hub, repository, parts)],
    ['PATCH', '/check-runs/:id', (repository, asked, parts) => update(hub, repository, { asked, parts })],
    [
      'GET',
      '/check-runs/:id/annotations',
      (repository, asked, parts) => annotations(hub, repository, { asked, parts }),
    ],
    [
      'GET',
      '/commits/*ref/check-runs',
      (repository, asked, parts) => list(hub, repository, { asked, parts }),
    ],
  ]
  return routes.map((route) => repositoryRoute(hub, route))
}

/** A check run, as answers and events have it. */
export function checkRunShape(hub: Hub, repository: Repository, check: CheckRun) {
  const { annotations, output, actions: _, ...rest } = check
  const url = `${repositoryUrl(hub, repository)}/check-runs/${check.id}`
  return {
    ...rest,
    node_id: `CR_${check.id}`,
    url,
    html_url: `${htmlUrl(hub, repository)}/runs/${check.id}`,
    output: { ...output, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: check.id },
    app: { id: 1, slug: 'machine', name: 'Machine' },
    pull_requests: [],
  }
}

async function create(hub: Hub, repository: Repository, asked: Asked): Promise<Answer> {
  const given = readJson(asked) as Given | undefined
  if (given === undefined) return failed(400, 'Problems parsing JSON')
  for (const field of ['name', 'head_sha']) {
    if (typeof given[field] !== 'string' || given[field] === '') {
      return failed(422, `Invalid request.\n\n"${field}" wasn't supplied.`)
    }
  }
  const wrong = problemOf(given)
  if (wrong !== undefined) return failed(422, `Invalid request.\n\n${wrong}`)
  const sha = await resolve(repository, given['head_sha'] as string)
  if (sha !== given['head_sha']) return failed(422, `No commit found for SHA: ${given['head_sha']}`)
  const check: CheckRun = {
    id: nextId(hub),
    head_sha: sha as string,
    name: '',
    status: 'queued',
    conclusion: null,
    details_url: null,
    external_id: '',
    started_at: timestamp(),
    completed_at: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: [],
  }
  apply(check, given)
  hub.checkRuns.set(repository, [...(hub.checkRuns.get(repository) ?? []), check])
  return { status: 201, json: checkRunShape(hub, repository, check) }
}

function update(hub: Hub, repository: Repository, { asked, parts }: { asked: Asked; parts: Parts }): Answer {
  const check = find(hub, repository, parts)
  if (check === undefined) return notFound()
  const given = readJson(asked) as Given | undefined
  if (given === undefined) return failed(400, 'Problems parsing JSON')
  const wrong = problemOf(given)
  if (wrong !== undefined) return failed(422, `Invalid request.\n\n${wrong}`)
  apply(check, given)
  return { json: checkRunShape(hub, repository, check) }
}

/** The first rule that a check run breaks, in words. */
function problemOf(given: Given): string | undefined {
  const { status, conclusion, details_url, output, actions } = given
  if (status !== undefined && !STATUSES.includes(status)) return `${status} is not a status.`
  if (conclusion !== undefined && !CONCLUSIONS.includes(conclusion))
    return `${conclusion} is not a conclusion.`
  if (status === 'completed' && conclusion === undefined) return 'A completed check run needs a conclusion.'
  if (details_url !== undefined && !/^https?:\/\//.test(String(details_url)))
    return 'details_url is not http(s).'
  if (Array.isArray(actions) && actions.length > 3) return 'No more than 3 actions are allowed.'
  return output === undefined ? undefined : outputProblem(output as Given)
}

function outputProblem(output: Given): string | undefined {
  // The title may be left out of an update, says GitHub's description; the summary may not.
  if (typeof output['summary'] !== 'string') return '"summary" wasn\'t supplied.'
  for (const field of ['summary', 'text']) {
    const text = output[field]
    if (typeof text === 'string' && text.length > TEXT_CHARS_MAX) {
      return `${field} exceeds a maximum of ${TEXT_CHARS_MAX} characters.`
    }
  }
  const annotations = (output['annotations'] ?? []) as readonly Given[]
  if (annotations.length > ANNOTATIONS_MAX) return `Only ${ANNOTATIONS_MAX} annotations can be sent at once.`
  return annotations.map(annotationProblem).find((problem) => problem !== undefined)
}

function annotationProblem(annotation: Given): string | undefined {
  for (const field of ['path', 'start_line', 'end_line', 'annotation_level', 'message']) {
    if (annotation[field] === undefined) return `"${field}" wasn't supplied for an annotation.`
  }
  if (!LEVELS.includes(annotation['annotation_level']))
    return `${annotation['annotation_level']} is not a level.`
  const [start, end] = [Number(annotation['start_line']), Number(annotation['end_line'])]
  return start >= 1 && end >= start ? undefined : 'Lines start at 1, and end after they start.'
}

/** A conclusion completes a check run by itself; annotations add up over updates. */
function apply(check: CheckRun, given: Given): void {
  const text = (field: string, before: string | null) => (given[field] as string | undefined) ?? before
  check.name = text('name', check.name) ?? check.name
  check.status =
    given['conclusion'] === undefined ? (text('status', check.status) ?? check.status) : 'completed'
  check.conclusion = check.status === 'completed' ? text('conclusion', check.conclusion) : null
  check.details_url = text('details_url', check.details_url)
  check.external_id = text('external_id', check.external_id) ?? ''
  check.started_at = text('started_at', check.started_at)
  check.completed_at = check.status === 'completed' ? text('completed_at', timestamp()) : null
  check.actions = (given['actions'] as readonly unknown[] | undefined) ?? check.actions
  const output = given['output'] as
    | { title?: string; summary?: string; text?: string; annotations?: Annotation[] }
    | undefined
  if (output === undefined) return
  check.output = {
    title: output.title ?? check.output.title,
    summary: output.summary ?? check.output.summary,
    text: output.text ?? check.output.text,
  }
  check.annotations.push(...(output.annotations ?? []))
}

function find(hub: Hub, repository: Repository, { id }: Parts): CheckRun | undefined {
  return hub.checkRuns.get(repository)?.find((check) => check.id === Number(id))
}

function read(hub: Hub, repository: Repository, parts: Parts): Answer {
  const check = find(hub, repository, parts)
  return check === undefined ? notFound() : { json: checkRunShape(hub, repository, check) }
}

function annotations(
  hub: Hub,
  repository: Repository,
  { asked, parts }: { asked: Asked; parts: Parts },
): Answer {
  const check = find(hub, repository, parts)
  if (check === undefined) return notFound()
  const { page, ...rest } = paged(hub, asked, check.annotations)
  return { ...rest, json: page }
}

async function list(
  hub: Hub,
  repository: Repository,
  { asked, parts: { ref = '' } }: { asked: Asked; parts: Parts },
): Promise<Answer> {
  const sha = await resolve(repository, ref)
  if (sha === undefined) return notFound()
  const name = asked.query.get('check_name')
  const found = (hub.checkRuns.get(repository) ?? [])
    .filter((check) => check.head_sha === sha && (name === null || check.name === name))
    .toReversed()
  const { page, ...rest } = paged(hub, asked, found)
  const shown = (page as CheckRun[]).map((check) => checkRunShape(hub, repository, check))
  return { ...rest, json: { total_count: found.length, check_runs: shown } }
}
