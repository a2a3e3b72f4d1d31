/**
 * Commands in a comment: each is done, or it is said in one line why not.
 *
 * A comment is seen first (eyes). When all of it was done it gets a thumb; where something was not, an answer.
 */
import { mayApprove, maySteer, permitFor } from '../shared/approval.ts'
import { COMMANDS, type Command, newCommands } from '../shared/command.ts'
import {
  acceptHeld,
  approve,
  askAgain,
  type AskedJob,
  findAskedJob,
  reply,
  type Reply,
  wasHeard,
} from '../shared/db/asking.ts'
import { cancelJobs, isApproved, liveJobs } from '../shared/db/expanding.ts'
import type { ISql } from '../shared/db/sql.ts'
import type { Ask } from '../shared/event.ts'
import type { Rules } from '../shared/repositories.ts'
import { sourceBase } from '../shared/source.ts'
import type { Expanding } from './expand.ts'
import { type Asking, type Deed, nothing } from './expand_ask.ts'
import { ensurePullJob } from './expand_gate.ts'
import { rulesFor } from './expand_job.ts'
import { GitHubError } from './io/github_call.ts'
import type { Pull } from './io/github_pulls.ts'

type Comment = Extract<Ask, { readonly what: 'comment' }>

/** What is known before a command is obeyed. */
interface Hearing {
  readonly asking: Asking<Comment>
  readonly pull: Pull
  readonly rules: Rules
  /** GitHub's word for what the asker may do; undefined where GitHub does not tell us. */
  readonly permission: string | undefined
  readonly isApproved: boolean
  /** The newest job of the head; undefined when there is none. */
  readonly job: AskedJob | undefined
}

/** What came of a command: why not, in one line, or nothing to say; and the job that it made or touched. */
interface Outcome {
  readonly answer?: string
  readonly jobId?: string | null
}

type Obey<C extends Command = Command> = (tx: ISql, hearing: Hearing, command: C) => Promise<Outcome>

/** Who obeys which command. */
const OBEY: { readonly [N in Command['name']]: Obey<Extract<Command, { readonly name: N }>> } = {
  retest,
  cancel,
  'ok-to-test': okToTest,
  accept,
  help: async () => ({ answer: helpText() }),
  unknown: async (_tx, _hearing, { word }) => ({
    answer: `I do not know \`/machine ${word}\`. ${helpText()}`,
  }),
}

/** Paths in an answer: the first few, and the rest by number. */
const PATHS_SHOWN_MAX = 3

/** Hear a comment: what is to be done, once GitHub has said who may. */
export async function heardComment(expanding: Expanding, asking: Asking<Comment>): Promise<Deed> {
  const { sql, github } = expanding
  const { event, ask, key, deliveryId } = asking
  const rules = await rulesFor(expanding, { repository: event.repository, repositoryKey: key })
  if (rules === undefined) return nothing('the repository is not configured here any more')
  // Found by looking, and delivered after all; a redelivery under another number.
  if (ask.before === '' && (await wasHeard(sql, ask.commentId, { deliveryId, body: ask.body })))
    return nothing('it was heard before')
  if (!rules.silent) await reply(sql, deliveryId, [replyTo(asking, 'reaction', 'eyes')])

  const pull = await github.pull(event.repository, ask.pullNumber)
  if (pull === undefined) return nothing('the pull request is gone')
  const hearing: Hearing = {
    asking,
    pull,
    rules,
    permission: await permissionOf(expanding, asking),
    isApproved: await isApproved(sql, key, pull.number),
    job: await jobOfHead(expanding, asking, { pull, rules }),
  }
  return (tx) => obeyAll(tx, hearing, merged(newCommands(ask.body, ask.before)))
}

/** What somebody may do here; undefined where our token may not ask. */
async function permissionOf(
  { github, log }: Expanding,
  { event, ask }: Asking<Comment>,
): Promise<string | undefined> {
  try {
    return await github.permission(event.repository, ask.login)
  } catch (error) {
    const isRefused = error instanceof GitHubError && error.name !== 'GitHubWait' && error.status === 403
    if (!isRefused) throw error
    log(`GitHub does not say what ${ask.login} may do: ${error.message}`)
    return undefined
  }
}

/** The job of the head as it is now; where its event was lost it is made here. */
async function jobOfHead(
  { sql }: Expanding,
  { event, key }: Asking<Comment>,
  { pull, rules }: { readonly pull: Pull; readonly rules: Rules },
): Promise<AskedJob | undefined> {
  const asked = { commitSha: pull.headSha, pullNumber: pull.number }
  const found = await findAskedJob(sql, key, asked)
  if (found !== undefined || !pull.isOpen) return found
  const place = { repository: event.repository, repositoryKey: key, defaultBranch: event.defaultBranch }
  await ensurePullJob(sql, { job: { ...place, isSilent: rules.silent }, pull })
  return findAskedJob(sql, key, asked)
}

/** Several `/retest` in one comment are one: of all, or of what they name together. */
function merged(commands: readonly Command[]): Command[] {
  const retests = commands.flatMap((command) => (command.name === 'retest' ? [command] : []))
  const sources = retests.some((command) => command.sources.length === 0)
    ? []
    : [...new Set(retests.flatMap((command) => command.sources))]
  const first = commands.findIndex(({ name }) => name === 'retest')
  return commands
    .map((command, i): Command => (i === first ? { name: 'retest', sources } : command))
    .filter(({ name }, i) => name !== 'retest' || i === first)
}

async function obeyAll(tx: ISql, hearing: Hearing, commands: readonly Command[]) {
  const outcomes: Outcome[] = []
  for (const command of commands) {
    // Each row of the table takes the command that it is named after.
    const obey = OBEY[command.name] as Obey
    outcomes.push(await obey(tx, hearing, command))
  }
  const answers = [...new Set(outcomes.flatMap(({ answer }) => (answer === undefined ? [] : [answer])))]
  const { asking, rules } = hearing
  const last =
    answers.length === 0
      ? replyTo(asking, 'reaction', '+1')
      : replyTo(asking, 'answer', `${mention(asking.ask.login)}${answers.join(' ')}`)
  return {
    decided: answers.length === 0 ? 'done' : answers.join(' '),
    jobId: outcomes.findLast(({ jobId }) => jobId)?.jobId ?? hearing.job?.id ?? null,
    replies: rules.silent ? [] : [last],
  }
}

async function retest(tx: ISql, hearing: Hearing, { sources }: { readonly sources: readonly string[] }) {
  const { asking, pull, job } = hearing
  const refused = refusedSteering(hearing)
  if (refused !== undefined) return { answer: refused }
  if (!pull.isOpen) return { answer: 'this pull request is closed: nothing of it runs again.' }
  if (permitOf(hearing) === 'never') return { answer: 'only pull requests of members run here.' }
  if (permitOf(hearing) !== 'now')
    return { answer: 'this pull request waits for `/ok-to-test` by somebody with write access.' }
  if (job === undefined) return { answer: 'there is nothing to run again yet.' }
  const unknown = sources.filter((path) => !job.paths.includes(path))
  if (unknown.length > 0) return { answer: `this pull request does not change ${shown(unknown)}.` }
  const only = sources.length === 0 ? null : [...sources]
  const given = { deliveryId: asking.deliveryId, jobId: job.id, only, who: asking.ask.login }
  return { jobId: await askAgain(tx, given) }
}

async function cancel(tx: ISql, hearing: Hearing): Promise<Outcome> {
  const { asking, pull } = hearing
  const refused = refusedSteering(hearing)
  if (refused !== undefined) return { answer: refused }
  const ids = (await liveJobs(tx, asking.key, { pullNumber: pull.number })).map(({ id }) => id)
  const detail = `${asking.ask.login} cancelled it in a comment`
  const stopped = await cancelJobs(tx, ids, { problem: 'cancelled', detail })
  return stopped.length === 0 ? { answer: 'nothing is running.' } : { jobId: stopped.at(-1) ?? null }
}

async function okToTest(tx: ISql, hearing: Hearing): Promise<Outcome> {
  const { asking, pull, rules } = hearing
  const refused = refusedApproving(hearing, '`/ok-to-test`')
  if (refused !== undefined) return { answer: refused }
  if (rules.trust === 'members' && permitOf(hearing) === 'never')
    return { answer: 'only pull requests of members run here, so there is nothing to approve.' }
  const { key, deliveryId, ask } = asking
  const went = await approve(tx, { key, pullNumber: pull.number, who: ask.login, deliveryId })
  return { jobId: went.at(-1) ?? null }
}

async function accept(tx: ISql, hearing: Hearing, { sources }: { readonly sources: readonly string[] }) {
  const { asking, pull, job } = hearing
  const refused = refusedApproving(hearing, '`/accept`')
  if (refused !== undefined) return { answer: refused }
  if (sources.length === 0)
    return { answer: 'name the sources whose data is to be accepted: `/accept us/ca/berkeley`.' }
  if (job === undefined) return { answer: `nothing is held for ${shown(sources)}.` }
  const why = `/accept in pull request ${pull.number}`
  const accepted = await acceptHeld(tx, { jobId: job.id, paths: sources, who: asking.ask.login, why })
  const none = accepted.filter(({ accepted }) => accepted === 0).map(({ path }) => path)
  return none.length === 0 ? { jobId: job.id } : { answer: `nothing is held for ${shown(none)}.` }
}

function permitOf({ rules, pull, isApproved }: Hearing) {
  const { association, isOwnBranch } = pull
  return permitFor(rules, { association, isOwnBranch, isApproved })
}

function refusedSteering({ permission, pull, asking, rules }: Hearing): string | undefined {
  const isAuthor = pull.author === asking.ask.login
  if (rules.trust === 'open' || maySteer(permission ?? 'none', { isAuthor })) return undefined
  return permission === undefined
    ? notTold()
    : 'only the author of this pull request, and those who care for this repository, can ask for that.'
}

function refusedApproving({ permission }: Hearing, what: string): string | undefined {
  if (permission === undefined) return notTold()
  return mayApprove(permission) ? undefined : `${what} needs write access to this repository.`
}

function notTold(): string {
  return 'GitHub does not tell me what you may do here: my token needs write access to this repository, or be that of an App.'
}

function helpText(): string {
  return `${Object.values(COMMANDS).join('; ')}.`
}

/** Strangers' words in an answer: as code, with nothing in them that could end it. */
function shown(paths: readonly string[]): string {
  const some = paths.slice(0, PATHS_SHOWN_MAX).map(
    (path) =>
      `\`${sourceBase(path)
        .replaceAll(/[^\p{L}\p{N} ._/-]/gu, '?')
        .slice(0, 80)}\``,
  )
  const more = paths.length - some.length
  return more > 0 ? `${some.join(', ')} and ${more} more` : some.join(', ')
}

/** A login of GitHub's kind is mentioned; anything else would be a stranger's Markdown. */
function mention(login: string): string {
  return /^[a-z\d][a-z\d-]{0,38}$/i.test(login) ? `@${login} ` : ''
}

function replyTo({ event, ask }: Asking<Comment>, kind: Reply['kind'], content: string): Reply {
  const { owner, name: repository } = event.repository
  return { owner, repository, pull_number: ask.pullNumber, comment_id: ask.commentId, kind, content }
}
