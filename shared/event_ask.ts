/** Events that ask for something: comments with commands, and the buttons of a check. */
import { newCommands } from './command.ts'
import type { AskEvent, IgnoredEvent } from './event.ts'
import { idOf, loginOf, object, pullNumberOf, repositoryOf, sha, text } from './event_payload.ts'
import { isObject, type JsonObject } from './source.ts'

/** In every comment that Machine writes, and in none that it obeys. */
const OWN_MARK = '<!-- machine:'

/** Bodies of comments are no longer at GitHub; what is, was not written there. */
const BODY_CHARS_MAX = 65_536

const ASKS: Readonly<Record<string, (payload: JsonObject) => AskEvent | IgnoredEvent>> = {
  issue_comment: readComment,
  check_run: readCheckRun,
  check_suite: readCheckSuite,
}

/** What such an event asks for; undefined when it is of another kind. */
export function readAsk(name: string, payload: JsonObject): AskEvent | IgnoredEvent | undefined {
  return Object.hasOwn(ASKS, name) ? ASKS[name]?.(payload) : undefined
}

function readComment(payload: JsonObject): AskEvent | IgnoredEvent {
  const action = text(payload, 'action')
  if (action !== 'created' && action !== 'edited') return ignored(`a comment that was ${action}`)
  const [issue, comment] = [object(payload, 'issue'), object(payload, 'comment')]
  if (!isObject(issue['pull_request'])) return ignored('a comment that is not on a pull request')

  const body = textOf(comment['body'])
  // Who edits a comment says what is in it now, whoever wrote it first.
  const { sender } = payload
  if (body.includes(OWN_MARK)) return ignored('a comment of our own')
  if (isObject(sender) && sender['type'] === 'Bot') return ignored('a comment by a bot')
  const before = action === 'edited' ? beforeOf(payload) : ''
  const commands = newCommands(body, before)
  if (commands.length === 0) return ignored('a comment without a command that is new')

  const login = loginOf(sender)
  const pullNumber = pullNumberOf(issue['number'])
  const words = commands.map(({ name }) => name).join(', ')
  return {
    kind: 'ask',
    ...repositoryOf(payload),
    understood: `${login} asked for ${words} in pull request ${pullNumber}`,
    ask: { what: 'comment', pullNumber, commentId: idOf(comment, 'id'), body, before, login },
  }
}

/** What an edited comment said before; without that nothing in it counts as new. */
function beforeOf(payload: JsonObject): string {
  const changes = isObject(payload['changes']) ? payload['changes'] : {}
  const changed = isObject(changes['body']) ? changes['body']['from'] : undefined
  return typeof changed === 'string' ? changed : textOf(object(payload, 'comment')['body'])
}

function readCheckRun(payload: JsonObject): AskEvent | IgnoredEvent {
  const action = text(payload, 'action')
  if (action !== 'rerequested') return ignored(`a check run that was ${action}`)
  const check = object(payload, 'check_run')
  const id = check['external_id']
  return rerequested(payload, {
    what: 'check run',
    jobId: typeof id === 'string' && id !== '' ? id : null,
    commitSha: sha(check, 'head_sha'),
  })
}

function readCheckSuite(payload: JsonObject): AskEvent | IgnoredEvent {
  const action = text(payload, 'action')
  if (action !== 'rerequested') return ignored(`a check suite that was ${action}`)
  const commitSha = sha(object(payload, 'check_suite'), 'head_sha')
  return rerequested(payload, { what: 'check suite', jobId: null, commitSha })
}

function rerequested(
  payload: JsonObject,
  { what, jobId, commitSha }: { what: string; jobId: string | null; commitSha: string },
): AskEvent {
  const login = loginOf(payload['sender'])
  return {
    kind: 'ask',
    ...repositoryOf(payload),
    understood: `${login} asked for the ${what} of ${commitSha.slice(0, 7)} again`,
    ask: { what: 'rerequested', jobId, commitSha, login },
  }
}

function ignored(what: string): IgnoredEvent {
  return { kind: 'ignored', why: `nothing follows from ${what}` }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, BODY_CHARS_MAX) : ''
}
