/** A pull request that people talk about: what is said in it, and what comes of that. */
import type { Comment, Pull, Repository } from '../standins/github_hub.ts'
import { readRepositories, type Repositories } from '../../shared/repositories.ts'
import { type Ground, type Seen, sourceOf } from './ground.ts'

/** What each of these pull requests brings, and what it therefore runs. */
export const FILES = { 'sources/a.json': sourceOf({ city: 'N' }), 'sources/b.json': sourceOf({ town: 'T' }) }
export const RUNS = ['sources/a.json addresses/city', 'sources/b.json addresses/town']

/** The first thing that is said to every command. */
export const EYES = 'reaction eyes'

/** A pull request that was looked into. */
export interface Begun {
  readonly repo: Repository
  readonly pull: Pull
  readonly job: Seen
}

let made = 0

/** A pull request of the owner, or of a newcomer, in a repository that knows a writer and a triager. */
export async function begin(
  ground: Ground,
  by: 'owner' | 'newcomer' = 'owner',
  name = `talk${++made}`,
): Promise<Begun> {
  const repo = await ground.hub.repository({ name, files: { 'README.md': 'x' } })
  ground.hub.permit(repo, 'writer', 'write')
  ground.hub.permit(repo, 'triager', 'triage')
  const who = by === 'owner' ? {} : { by: `${by}_${name}` }
  const pull = await ground.pull(repo, { branch: 'more', files: FILES, ...who })
  return { repo, pull, job: await ground.seen((await ground.heardPull(pull, 'opened')).jobId) }
}

/** What came of a comment. */
export interface Said {
  readonly comment: Comment
  readonly decided: string
  readonly jobId: string | null
  readonly replies: readonly string[]
}

/** A comment, and what was decided. */
export async function said(ground: Ground, { repo, pull }: Begun, who: string, body: string): Promise<Said> {
  const comment = ground.say(repo, pull.number, who, body)
  const { delivery } = await ground.heardComment(comment, repo)
  const { decided, jobId } = await ground.decided(delivery)
  return { comment, decided, jobId, replies: await ground.replies(comment) }
}

/** The usual rules for all repositories of `begin`, and others for one more. */
export function rulesWith(name: string, rules: object): Repositories {
  const usual = Array.from({ length: 200 }, (_, i) => [`openaddresses/talk${i + 1}`, {}] as const)
  return readRepositories(JSON.stringify({ ...Object.fromEntries(usual), [name]: rules }))
}
