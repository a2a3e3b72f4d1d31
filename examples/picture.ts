/** A job in a terminal: redrawn in place where that can be done, a line for each change elsewhere. */
import type { WriteStream } from 'node:tty'
import pc from 'picocolors'
import type { JobSource } from '../shared/db/jobs.ts'
import { sentence } from '../shared/problem.ts'

const BAR_SIGNS = 12

/** The longest of what a run at work says; a name may have the rest of the line. */
const STATE_SIGNS = 34

/** Where nobody says how wide a line may be. */
const COLUMNS = 80

/** What watches a job. */
export interface Picture {
  show(sources: readonly JobSource[]): void
  /** Leave the last picture as it is. */
  end(): void
}

/** As much of a stream as a picture needs. */
export type Canvas = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>

/** A picture of a job on a stream. */
export function picture(stream: Canvas): Picture {
  return stream.isTTY ? movingPicture(stream) : plainPicture(stream)
}

/** The report at the end: each data source, rows, seconds and state; below one that failed, why. */
export function table(sources: readonly JobSource[]): string {
  const rows = sources.map((source) => [
    nameOf(source),
    source.rows === null ? '' : source.rows.toLocaleString('en'),
    seconds(source),
    source.status ? pc.green('good') : pc.red('failed'),
  ])
  const head = ['data source', 'rows', 'seconds', 'state']
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => plain(row[at] ?? '').length)),
  )
  const lines = [head.map((title) => pc.dim(title)), ...rows].map((row) =>
    row
      .map((cell, at) => pad(cell, widths[at] ?? 0, at === 1 || at === 2))
      .join('  ')
      .trimEnd(),
  )
  const reasons = ['', ...sources.map((source) => (source.status ? '' : `\n  ${pc.red(why(source))}`))]
  return lines.map((line, at) => `${line}${reasons[at]}`).join('\n')
}

function movingPicture(stream: Canvas): Picture {
  let height = 0
  return {
    show(sources) {
      // A line that wraps cannot be redrawn; the last column is left free, because some terminals wrap there.
      const width = (stream.columns ?? COLUMNS) - 1
      const up = height > 0 ? `\u001b[${height}A` : ''
      stream.write(
        `${up}${lines(sources, width)
          .map((line) => `\u001b[2K${line}\n`)
          .join('')}`,
      )
      height = sources.length
    },
    end() {
      height = 0
    },
  }
}

function plainPicture(stream: Canvas): Picture {
  const shown = new Map<number, string>()
  return {
    show(sources) {
      const drawn = lines(sources, Number.POSITIVE_INFINITY)
      for (const [at, source] of sources.entries()) {
        const stage = stageOf(source)
        if (shown.get(source.position) === stage) continue
        shown.set(source.position, stage)
        stream.write(`${plain(drawn[at] ?? '')}\n`)
      }
    },
    end() {},
  }
}

/** A line for each data source, no longer than a width: the name gives way first, then the rest. */
function lines(sources: readonly JobSource[], width: number): string[] {
  const names = Math.max(0, ...sources.map((source) => nameOf(source).length))
  const nameWidth = Math.min(names, Math.max(16, width - 4 - STATE_SIGNS))
  return sources.map((source) => {
    const [mark, state, color] = looksOf(source)
    const name = clipLeft(nameOf(source), nameWidth).padEnd(nameWidth)
    return `${color(mark)} ${name}  ${color(clip(state, width - nameWidth - 4))}`
  })
}

/** Mark, words and colour of a data source. */
function looksOf(source: JobSource): [mark: string, state: string, color: (text: string) => string] {
  if (source.status === true)
    return ['✓', `${source.rows?.toLocaleString('en') ?? 0} rows in ${seconds(source)} s`, pc.green]
  if (source.status === false) return ['✗', why(source), pc.red]
  if (source.runId === null) return ['·', 'waiting', pc.dim]
  if (source.abandonedWhy !== null) return ['·', `again soon: ${source.abandonedWhy}`, pc.yellow]
  return ['→', progressOf(source), pc.cyan]
}

function progressOf({ progress }: JobSource): string {
  if (progress === null) return 'starting'
  if (progress.stage === 'download') return bar(progress.bytes ?? 0, progress.bytesTotal)
  if (progress.rows === undefined) return progress.stage
  const rows = `${progress.stage} ${progress.rows.toLocaleString('en')} rows`
  const speed = progress.rowsPerSecond
  return speed === undefined ? rows : `${rows}, ${Math.round(speed).toLocaleString('en')} a second`
}

/** What a line of a plain log is written for: a change of stage, not each byte. */
function stageOf({ status, runId, progress, attempt, abandonedWhy }: JobSource): string {
  return `${status} ${runId === null ? 'waiting' : (progress?.stage ?? 'starting')} ${attempt} ${abandonedWhy}`
}

function bar(bytes: number, total: number | undefined): string {
  const size = (bytes / 1024).toFixed(0)
  if (total === undefined || total === 0) return `downloading ${size} kB`
  const full = Math.min(BAR_SIGNS, Math.round((bytes / total) * BAR_SIGNS))
  return `${'█'.repeat(full)}${'░'.repeat(BAR_SIGNS - full)} ${size} of ${(total / 1024).toFixed(0)} kB`
}

function nameOf({ sourcePath, layer, name }: JobSource): string {
  const base = sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
  return layer === '' ? base : `${base} ${layer}/${name}`
}

function seconds({ startedAt, settledAt }: JobSource): string {
  if (startedAt === null || settledAt === null) return ''
  return ((settledAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)
}

function why({ problem, problemDetail }: JobSource): string {
  return problem === null ? '' : sentence({ code: problem, detail: problemDetail ?? '' })
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours.
  return text.replaceAll(/\u001b\[\d+m/g, '')
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - plain(text).length))
  return toTheRight ? space + text : text + space
}

function clip(text: string, width: number): string {
  const signs = [...text.replaceAll(/\s+/g, ' ')]
  return signs.length <= width ? signs.join('') : `${signs.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** The end of a name says more than its beginning. */
function clipLeft(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(1 - width)}`
}
