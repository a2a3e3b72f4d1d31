/**
 * `expand`: events → tasks. What did this push or pull request touch?
 *
 * Asks GitHub what changed, reads the files that did, and puts one task for each of their data sources.
 * A file that cannot be read as a source is a verdict, not a crash. GitHub being away is neither: the
 * event waits, and after the last try its job ends, and says why.
 */
import { type EventItem, failEvent, readDelivery } from '../shared/db/deliveries.ts'
import { type ExpandedSource, expandJob } from '../shared/db/jobs.ts'
import { claim, extend, type Item, release } from '../shared/db/queue.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import { type JobEvent, readEvent } from '../shared/event.ts'
import { dataSources, isSourcePath, readSource } from '../shared/source.ts'
import type { GitHub } from './io/github.ts'
import { GitHubWait } from './io/github_call.ts'
import type { ChangedFile } from './io/github_read.ts'
import { drain } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** Files asked for at once. */
const READS_AT_ONCE = 8

export interface Expanding {
  readonly sql: Sql
  readonly github: GitHub
  readonly worker: string
  readonly leaseSeconds: number
  readonly log: Log
  readonly wait: Wait
}

/** Look into events until told to stop. */
export function expand(expanding: Expanding, signal: AbortSignal): Promise<void> {
  const { sql, worker, leaseSeconds, log, wait } = expanding
  return drain<Item<EventItem>>(
    {
      take: async () => (await claim<EventItem>(sql, 'events', { worker, leaseSeconds }))[0],
      deal: (item) => expandOne(expanding, item),
      leave: async (item) => {
        const kept = await release(sql, item)
        log(`${kept ? 'gave back' : 'lost'} job ${item.data.job_id}: GitHub does not answer`)
      },
      log,
      wait,
    },
    signal,
  )
}

async function expandOne(expanding: Expanding, item: Item<EventItem>): Promise<void> {
  const { sql, leaseSeconds, log } = expanding
  const { delivery_id: deliveryId, job_id: jobId } = item.data
  const renewal = setInterval(
    () => void extend(sql, [item], leaseSeconds).catch(() => {}),
    (leaseSeconds * 1000) / 5,
  )
  try {
    const event = await eventOf(sql, deliveryId)
    const { files, isMerged } = await whatChanged(expanding.github, event)
    const sources = await readAll(expanding.github, event, files)
    const kept = await expandJob(sql, item, { id: jobId, sources, isMerged })
    log(`${kept ? 'expanded' : 'lost'} job ${jobId}: ${files.length} files, ${sources.length} data sources`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // GitHub may ask to wait for most of an hour; sooner would only use up tries.
    const wait = error instanceof GitHubWait ? { retryInSeconds: error.seconds } : {}
    log(
      `failed to expand job ${jobId}: ${why}: ${await failEvent(sql, item, { jobId, error: why, ...wait })}`,
    )
  } finally {
    clearInterval(renewal)
  }
}

async function eventOf(sql: Sql, deliveryId: string): Promise<JobEvent> {
  const delivery = await readDelivery(sql, deliveryId)
  if (delivery === undefined) throw new Error(`delivery ${deliveryId} is not stored`)
  const event = readEvent(delivery.event, delivery.payload)
  if (event.kind !== 'job') throw new Error(`delivery ${deliveryId} makes no job: ${event.why}`)
  return event
}

/** Source files that were added or changed, and whether the commit is on the default branch. */
async function whatChanged(
  github: GitHub,
  event: JobEvent,
): Promise<{ readonly files: ChangedFile[]; readonly isMerged: boolean | null }> {
  if (event.isDefaultBranch && event.baseSha === null) {
    // The first push of a repository: everything in it is new.
    const tree = await github.tree(event.repository, event.commitSha)
    const all = [...tree].map(([path, sha]): ChangedFile => ({ path, sha, status: 'added' }))
    return { files: all.filter(({ path }) => isSourcePath(path)), isMerged: true }
  }
  const base = event.baseSha ?? event.defaultBranch
  const { files } = await github.compare(event.repository, base, event.commitSha)
  const touched = files.filter(({ path, status }) => isSourcePath(path) && status !== 'removed')
  return { files: touched, isMerged: event.isDefaultBranch }
}

async function readAll(
  github: GitHub,
  event: JobEvent,
  files: readonly ChangedFile[],
): Promise<ExpandedSource[]> {
  const sources: ExpandedSource[] = []
  for (let at = 0; at < files.length; at += READS_AT_ONCE) {
    const some = files.slice(at, at + READS_AT_ONCE)
    const read = await Promise.all(some.map((file) => readOne(github, event, file)))
    sources.push(...read.flat())
  }
  return sources
}

/** The data sources of one file; what is wrong with it where it is not a source. */
async function readOne(github: GitHub, event: JobEvent, file: ChangedFile): Promise<ExpandedSource[]> {
  const { repository, headRepository, commitSha } = event
  // A fork may be gone by now; its commits are kept where the pull request is.
  const found =
    (await github.readFile(headRepository, file.path, commitSha)) ??
    (await github.readFile(repository, file.path, commitSha))
  const at = { source_path: file.path, source_id: found?.sha ?? file.sha }
  const wrong = (detail: string): ExpandedSource[] => [
    { ...at, layer: '', name: '', problem: 'source-invalid', detail },
  ]
  if (found === undefined) return wrong('it is a link, or a folder, or not there any more')

  const { content_b64, sha } = found
  const entries = listEntries(content_b64)
  if (typeof entries === 'string') return wrong(entries)
  return entries.map(({ layer, name }) => ({
    ...at,
    layer,
    name,
    task: {
      set_id: null,
      name: file.path,
      layer,
      layersource: name,
      file_id: sha,
      commit_sha: event.commitSha,
      content_b64,
      render_preview: true,
      rerun: false,
    },
  }))
}

/** Layer and name of each data source, each once; or one sentence that says why the file is no source. */
function listEntries(content_b64: string): { layer: string; name: string }[] | string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(content_b64, 'base64'))
    const entries = new Map(
      dataSources(readSource(text)).map(({ layer, name }) => [`${layer}/${name}`, { layer, name }] as const),
    )
    return entries.size > 0 ? [...entries.values()] : 'it has no data source in any layer'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
