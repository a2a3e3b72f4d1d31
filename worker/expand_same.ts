/**
 * What need not run, because another job has run the same bytes: for a push to the default branch, the pull requests that
 * it merged; for what is asked for again in part, the job before.
 */
import {
  findEarlierResults,
  findSameRuns,
  type JobToExpand,
  type SameRun,
  type SourceAt,
} from '../shared/db/expanding.ts'
import type { ExpandedSource } from '../shared/db/jobs.ts'
import type { ProblemCode } from '../shared/problem.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { Expanding } from './expand.ts'

/** Failures that the same run may not have again: they are no verdict on what is merged. */
const PASSING = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => PROBLEMS[code].transient)

/** The same data sources; those that need not run follow the job that has run them. */
export async function withResultsOfOthers(
  expanding: Expanding,
  job: JobToExpand,
  sources: readonly ExpandedSource[],
): Promise<ExpandedSource[]> {
  const tasks = sources.filter((source) => 'task' in source).map(placeOf)
  if (tasks.length === 0) return [...sources]
  const { onlyPaths } = job
  const others =
    onlyPaths !== null
      ? await findEarlierResults(
          expanding.sql,
          job,
          tasks.filter(({ source_path }) => !onlyPaths.includes(source_path)),
        )
      : job.rerun || job.pullNumber !== null || job.ref !== `refs/heads/${job.defaultBranch}`
        ? []
        : await mergedRuns(expanding, job, tasks)
  const known = new Map(others.map((other) => [keyOf(other), other.jobId]))
  return sources.map((source) => {
    const follows = 'task' in source ? known.get(keyOf(source)) : undefined
    if (follows === undefined) return source
    const { source_path, source_id, layer, name, renamed_from } = source
    const more = renamed_from === undefined ? {} : { renamed_from }
    return { source_path, source_id, layer, name, ...more, follows }
  })
}

/** Runs of the same bytes whose heads GitHub says are merged. */
async function mergedRuns(
  { sql, github }: Expanding,
  job: JobToExpand,
  tasks: readonly SourceAt[],
): Promise<SameRun[]> {
  const candidates = await findSameRuns(sql, job, { sources: tasks, passing: PASSING })
  const heads = new Map(candidates.map((one) => [one.jobId, one]))
  const merged = new Set<string>()
  for (const { jobId, pullNumber, commitSha } of heads.values()) {
    const pull = pullNumber === null ? undefined : await github.pull(job.repository, pullNumber)
    const isMerged =
      pullNumber === null
        ? await github.isMerged(job.repository, commitSha)
        : pull?.isMerged === true && pull.headSha === commitSha
    if (isMerged) merged.add(jobId)
  }
  return candidates.filter(({ jobId }) => merged.has(jobId))
}

function placeOf({ source_path, source_id, layer, name }: ExpandedSource): SourceAt {
  return { source_path, source_id, layer, name }
}

function keyOf({ source_path, source_id, layer, name }: SourceAt): string {
  return JSON.stringify([source_path, source_id, layer, name])
}
