/**
 * Check runs of GitHub, which only an App (or a token that one gave) may write.
 *
 * Source: https://docs.github.com/en/rest/checks/runs
 */
import type { Annotation, Check } from '../../shared/check.ts'
import type { RepositoryName } from '../../shared/event.ts'
import { list, object } from './github_answer.ts'
import type { Call } from './github_call.ts'
import { type PostOutcome, posted } from './github_post.ts'

/** A check run as it is posted. */
export interface CheckPost extends Check {
  /** The name that people see, and that a repository may require. */
  readonly name: string
  readonly commitSha: string
  /** Our job: a re-run finds it by this. */
  readonly externalId: string
  readonly detailsUrl: string
  /** 50 at most; they add up. */
  readonly annotations: readonly Annotation[]
}

/** A check run that is there. */
export interface KnownCheck {
  readonly number: number
  readonly annotated: number
}

export interface GitHubChecking {
  createCheck(repository: RepositoryName, check: CheckPost): Promise<PostOutcome>
  updateCheck(repository: RepositoryName, number: number, check: CheckPost): Promise<PostOutcome>
  /** The check run of a job at a commit; undefined when there is none. */
  findCheck(
    repository: RepositoryName,
    check: Pick<CheckPost, 'name' | 'commitSha' | 'externalId'>,
  ): Promise<KnownCheck | undefined>
}

export function checking(call: Call): GitHubChecking {
  return {
    createCheck({ owner, name: repo }, check) {
      const { name, commitSha: head_sha, externalId: external_id } = check
      const route = 'POST /repos/{owner}/{repo}/check-runs'
      return posted(call(route, { owner, repo, name, head_sha, external_id, ...body(check) }))
    },

    updateCheck({ owner, name: repo }, number, check) {
      const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'
      return posted(call(route, { owner, repo, check_run_id: number, ...body(check) }))
    },

    async findCheck({ owner, name: repo }, { name, commitSha, externalId }) {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
      const asked = { owner, repo, ref: commitSha, check_name: name, filter: 'all', per_page: 100 }
      const found = list(await call(route, asked), 'check_runs').find(
        ({ external_id }) => external_id === externalId,
      )
      if (found === undefined) return undefined
      return {
        number: Number(found['id']),
        annotated: Number(object(found['output'])['annotations_count'] ?? 0),
      }
    },
  }
}

function body({ status, conclusion, title, summary, annotations, detailsUrl }: CheckPost) {
  return {
    status,
    ...(conclusion === null ? {} : { conclusion }),
    details_url: detailsUrl,
    output: { title, summary, ...(annotations.length === 0 ? {} : { annotations }) },
  }
}
