/** The one comment of a pull request: what came of it, with pictures, and what its author can do next. */
import { jobCheck } from './check.ts'
import { OWN_MARK } from './reply.ts'
import { countSources, isStopped, nameOfSource, type Told } from './told.ts'
import { plain, sourceTable } from './told_table.ts'

/** By this the comment is found again; it is not to be seen on GitHub's page. */
export const STICKY_MARK = `${OWN_MARK}sticky -->`

/** GitHub refuses a longer comment. */
const COMMENT_CHARS_MAX = 65_536

/** Each picture is loaded by everybody who opens the page. */
const PICTURES_MAX = 6

/** The text of the comment now; undefined while, or where, there is nothing to say. */
export function jobComment(told: Told): string | undefined {
  const { job, sources, findings, baseUrl } = told
  const isWaiting = job.waitsFor === 'approval'
  if (isStopped(job.problem)) return undefined
  if (!isWaiting && (job.expandedAt === null || countSources(sources).open > 0)) return undefined
  if (!isWaiting && sources.length === 0 && findings.length === 0) return undefined

  const check = jobCheck(told)
  const head = `**${check.title}**${job.waitsWhy ? `: ${plain(job.waitsWhy)}` : ''}`
  const tail = [pictures(told), next(told), `[Everything about it](${baseUrl}/jobs/${job.id})`, STICKY_MARK]
    .filter((part) => part !== '')
    .join('\n\n')
  const table = sourceTable(told, COMMENT_CHARS_MAX - head.length - tail.length - 4)
  return [head, table, tail].filter((part) => part !== '').join('\n\n')
}

function pictures({ sources, baseUrl }: Told): string {
  const shown = sources.filter(({ hasPicture, runId }) => hasPicture && runId !== null).slice(0, PICTURES_MAX)
  return shown
    .map((source) => {
      const run = `${baseUrl}/runs/${source.runId}`
      return `[![${plain(nameOfSource(source))}](${run}/preview.png)](${run})`
    })
    .join('\n')
}

/** What the reader can do; empty when all is well. */
function next({ job, sources, findings }: Told): string {
  const { bad, held } = countSources(sources)
  if (job.waitsFor === 'approval') return 'Somebody with write access can write `/ok-to-test`.'
  const advice = [
    ...(findings.some(({ level }) => level === 'error')
      ? ['The lines that have to be mended are marked in the check and in “Files changed”.']
      : []),
    ...(bad > 0 ? ['Push a mended source, or write `/retest` when the server was at fault.'] : []),
    ...(held > 0
      ? [
          'If the numbers of a held data source are right, somebody with write access can write `/accept SOURCE`.',
        ]
      : []),
  ]
  return advice.join(' ')
}

/** What stands in a comment that was written before, when there is nothing to say any more. */
export function emptyComment(told: Told): string {
  const { job, baseUrl } = told
  return `**${jobCheck(told).title}**\n\n[Everything about it](${baseUrl}/jobs/${job.id})\n\n${STICKY_MARK}`
}
