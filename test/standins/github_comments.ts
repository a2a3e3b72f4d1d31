/** Comments on issues and pull requests, and reactions to them. */
import { type Answer, type Asked, readJson } from './server.ts'
import type { Parts, Route } from './router.ts'
import {
  type Comment,
  failed,
  type Hub,
  htmlUrl,
  invalid,
  nextId,
  notFound,
  paged,
  type Repository,
  repositoryRoute,
  repositoryUrl,
  timestamp,
} from './github_hub.ts'
import { association, pullShape, userShape } from './github_shapes.ts'

const BODY_CHARS_MAX = 65_536

const REACTIONS: readonly unknown[] = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes']

/** The routes of this file. */
export function commentRoutes(hub: Hub): Route[] {
  const one =
    (answer: (repository: Repository, comment: Comment, asked: Asked) => Answer) =>
    (repository: Repository, asked: Asked, { id }: Parts) => {
      const comment = hub.comments.get(repository)?.find((comment) => comment.id === Number(id))
      return comment === undefined ? notFound() : answer(repository, comment, asked)
    }
  const routes: Parameters<typeof repositoryRoute>[1][] = [
    ['GET', '/issues/:number', (repository, _, parts) => readIssue(hub, repository, parts)],
    [
      'GET',
      '/issues/:number/comments',
      (repository, asked, parts) => list(hub, repository, { asked, parts }),
    ],
    [
      'POST',
      '/issues/:number/comments',
      (repository, asked, parts) => post(hub, repository, { asked, parts }),
    ],
    [
      'GET',
      '/issues/comments/:id',
      one((repository, comment) => ({ json: commentShape(hub, repository, comment) })),
    ],
    [
      'PATCH',
      '/issues/comments/:id',
      one((repository, comment, asked) => edit(hub, repository, { comment, asked })),
    ],
    ['DELETE', '/issues/comments/:id', one((repository, comment) => remove(hub, repository, comment))],
    [
      'GET',
      '/issues/comments/:id/reactions',
      one((_, comment) => ({ json: comment.reactions.map((reaction) => reactionShape(hub, reaction)) })),
    ],
    ['POST', '/issues/comments/:id/reactions', one((_, comment, asked) => react(hub, comment, asked))],
  ]
  return routes.map((route) => repositoryRoute(hub, route))
}

/** Write a comment, as somebody does on GitHub's page. */
export function addComment(
  hub: Hub,
  repository: Repository,
  { number, body, author }: { number: number; body: string; author: string },
): Comment {
  const now = timestamp()
  const comment = { id: nextId(hub), number, body, author, created_at: now, updated_at: now, reactions: [] }
  hub.comments.set(repository, [...(hub.comments.get(repository) ?? []), comment])
  return comment
}

/** A comment, as answers and events have it. */
export function commentShape(hub: Hub, repository: Repository, comment: Comment) {
  const [url, html] = [repositoryUrl(hub, repository), htmlUrl(hub, repository)]
  return {
    url: `${url}/issues/comments/${comment.id}`,
    html_url: `${html}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${url}/issues/${comment.number}`,
    id: comment.id,
    node_id: `IC_${comment.id}`,
    user: userShape(hub, comment.author),
    created_at: comment.created_at,
    updated_at: comment.updated_at,
    author_association: association(hub, repository, comment.author),
    body: comment.body,
  }
}

/** The issue that every pull request also is. */
export function issueShape(hub: Hub, repository: Repository, number: number) {
  const pull = hub.pulls.find((pull) => pull.base.repository === repository && pull.number === number)
  if (pull === undefined) return undefined
  const { url, html_url, diff_url, patch_url, merged_at, ...rest } = pullShape(hub, pull)
  return {
    url: rest.issue_url,
    repository_url: repositoryUrl(hub, repository),
    comments_url: rest.comments_url,
    html_url,
    id: rest.id + 1,
    node_id: `I_${rest.id}`,
    number,
    title: rest.title,
    user: rest.user,
    labels: [],
    state: rest.state,
    locked: false,
    comments: (hub.comments.get(repository) ?? []).filter((comment) => comment.number === number).length,
    created_at: rest.created_at,
    updated_at: rest.updated_at,
    closed_at: rest.closed_at,
    author_association: rest.author_association,
    draft: rest.draft,
    pull_request: { url, html_url, diff_url, patch_url, merged_at },
    body: rest.body,
  }
}

function readIssue(hub: Hub, repository: Repository, { number }: Parts): Answer {
  const issue = issueShape(hub, repository, Number(number))
  return issue === undefined ? notFound() : { json: issue }
}

function list(hub: Hub, repository: Repository, { asked, parts }: { asked: Asked; parts: Parts }): Answer {
  const number = Number(parts['number'])
  if (issueShape(hub, repository, number) === undefined) return notFound()
  const comments = (hub.comments.get(repository) ?? []).filter((comment) => comment.number === number)
  const { page, ...rest } = paged(hub, asked, comments)
  return { ...rest, json: (page as Comment[]).map((comment) => commentShape(hub, repository, comment)) }
}

function post(hub: Hub, repository: Repository, { asked, parts }: { asked: Asked; parts: Parts }): Answer {
  const number = Number(parts['number'])
  if (issueShape(hub, repository, number) === undefined) return notFound()
  const body = readBody(asked)
  if (typeof body !== 'string') return body
  const comment = addComment(hub, repository, { number, body, author: hub.login })
  return { status: 201, json: commentShape(hub, repository, comment) }
}

function edit(
  hub: Hub,
  repository: Repository,
  { comment, asked }: { comment: Comment; asked: Asked },
): Answer {
  const body = readBody(asked)
  if (typeof body !== 'string') return body
  comment.body = body
  comment.updated_at = timestamp()
  return { json: commentShape(hub, repository, comment) }
}

function remove(hub: Hub, repository: Repository, comment: Comment): Answer {
  const rest = hub.comments.get(repository)?.filter((other) => other !== comment)
  hub.comments.set(repository, rest ?? [])
  return { status: 204 }
}

/** The text of a comment, or why it cannot be one. */
function readBody(asked: Asked): string | Answer {
  const given = readJson(asked)
  if (typeof given !== 'object' || given === null) return failed(400, 'Problems parsing JSON')
  const { body } = given as Record<string, unknown>
  if (typeof body !== 'string') return failed(422, 'Invalid request.\n\n"body" wasn\'t supplied.')
  if (body.trim() === '') return invalid('IssueComment', 'body', 'body cannot be blank')
  if ([...body].length > BODY_CHARS_MAX) {
    return invalid('IssueComment', 'body', 'body is too long (maximum is 65536 characters)')
  }
  return body
}

/** A second reaction of the same kind by the same user is the first one again. */
function react(hub: Hub, comment: Comment, asked: Asked): Answer {
  const { content } = (readJson(asked) ?? {}) as { content?: unknown }
  if (!REACTIONS.includes(content))
    return invalid('Reaction', 'content', `content is not one of ${REACTIONS.join()}`)
  const known = comment.reactions.find(
    (reaction) => reaction.content === content && reaction.author === hub.login,
  )
  if (known !== undefined) return { status: 200, json: reactionShape(hub, known) }
  const reaction = { id: nextId(hub), content: content as string, author: hub.login }
  comment.reactions.push(reaction)
  return { status: 201, json: reactionShape(hub, reaction) }
}

function reactionShape(hub: Hub, { id, content, author }: Comment['reactions'][number]) {
  return { id, node_id: `REA_${id}`, content, user: userShape(hub, author), created_at: timestamp() }
}
