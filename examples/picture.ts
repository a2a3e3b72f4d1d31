/** A job in a terminal: redrawn in place where that can be done, a line for each change elsewhere. */
import type { WriteStream } from 'node:tty'
import pc from 'picocolors'
import type { JobSource } from '../shared/db/jobs.ts'
import { sentence } from '../shared/problem.ts'

const BAR_SIGNS = 20

/** What watches a job. */
export interface Picture {
  show(sources: readonly JobSource[]): void
  /** Leave the last picture as it is. */
  end(): void
}

/** A picture of a job on a stream. */
export function picture(stream: NodeJS.WriteStream | WriteStream): Picture {
  return stream.isTTY ? movingPicture(stream) : plainPicture(stream)
}

/** The report at the end: each data source, rows, seconds and state. */
export function table(sources: readonly JobSource[]): string {
  const rows = sources.map((source) => [
    nameOf(source),
    source.rows === null ? '' : source.rows.toLocaleString('en'),
    seconds(source),
    source.status ? pc.green('good') : pc.red('failed'),
    why(source),
  ])
  const head = ['data source', 'rows', 'seconds', 'state', '']
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => plain(row[at] ?? '').length)),
  )
  return [head.map((title) => pc.dim(title)), ...rows]
    .map((row) =>
      row
        .map((cell, at) => pad(cell, widths[at] ?? 0, at === 1 || at === 2))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function movingPicture(stream: NodeJS.WriteStream | WriteStream): Picture {
  let height = 0
  return {
    show(sources) {
      const width = (stream.columns ?? 80) - 1
      const lines = sources.map((source) => clip(lineOf(source), width))
      stream.write(
        `${height > 0 ? `\u001b[${height}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`,
      )
      height = lines.length
    },
    end() {
      height = 0
    },
  }
}

function plainPicture(stream: NodeJS.WriteStream | WriteStream): Picture {
  const shown = new Map<number, string>()
  return {
    show(sources) {
      for (const source of sources) {
        const stage = stageOf(source)
        if (shown.get(source.position) === stage) continue
        shown.set(source.position, stage)
        stream.write(`${plain(lineOf(source))}\n`)
      }
    },
    end() {},
  }
}

function lineOf(source: JobSource): string {
  return `${markOf(source)} ${nameOf(source).padEnd(56)} ${stateOf(source)}`
}

function markOf({ status, runId }: JobSource): string {
  if (status === true) return pc.green('✓')
  if (status === false) return pc.red('✗')
  return runId === null ? pc.dim('·') : pc.cyan('→')
}

function stateOf(source: JobSource): string {
  if (source.status === true)
    return pc.green(`${source.rows?.toLocaleString('en') ?? 0} rows in ${seconds(source)} s`)
  if (source.status === false) return pc.red(why(source))
  if (source.runId === null) return pc.dim('waiting')
  const { progress } = source
  if (progress === null) return pc.cyan('starting')
  if (progress.stage === 'download')
    return pc.cyan(`downloading ${bar(progress.bytes ?? 0, progress.bytesTotal)}`)
  const speed =
    progress.rowsPerSecond === undefined
      ? ''
      : `, ${Math.round(progress.rowsPerSecond).toLocaleString('en')} rows/s`
  const rows = progress.rows === undefined ? '' : ` ${progress.rows.toLocaleString('en')} rows${speed}`
  return pc.cyan(`${progress.stage}${rows}`)
}

/** What a line of a plain log is written for: a change of stage, not each byte. */
function stageOf({ status, runId, progress, attempt }: JobSource): string {
  return `${status} ${runId === null ? 'waiting' : (progress?.stage ?? 'starting')} ${attempt}`
}

function bar(bytes: number, total: number | undefined): string {
  const size = `${(bytes / 1024).toFixed(0)} kB`
  if (total === undefined || total === 0) return size
  const full = Math.min(BAR_SIGNS, Math.round((bytes / total) * BAR_SIGNS))
  return `${'█'.repeat(full)}${'░'.repeat(BAR_SIGNS - full)} ${size} of ${(total / 1024).toFixed(0)} kB`
}

function nameOf({ sourcePath, layer, name }: JobSource): string {
  return `${sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')} ${layer}/${name}`
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

/** Cut a coloured line to the width of the terminal: a line that wraps cannot be redrawn. */
function clip(line: string, width: number): string {
  const text = plain(line)
  return text.length <= width ? line : `${text.slice(0, width - 1)}…`
}
