/** The table of data sources that check and comment show, in Markdown that no source can break. */
import { isHeld } from './hold.ts'
import { isProblemCode, sentence } from './problem.ts'
import { grouped, percent } from './text.ts'
import { nameOfSource, type Told, type ToldSource } from './told.ts'

/** A sentence of a problem may hold a whole answer of a server. */
const CELL_CHARS_MAX = 500

/** The table, worst first, as long as there is room; what is left out is counted. Empty without data sources. */
export function sourceTable({ sources, baseUrl }: Pick<Told, 'sources' | 'baseUrl'>, room: number): string {
  if (sources.length === 0) return ''
  const head = '| | Data source | Rows | Change | |\n|---|---|--:|--:|---|'
  const lines = [...sources].sort((a, b) => rank(a) - rank(b)).map((source) => line(source, baseUrl))
  return within([head, ...lines], room)
}

/** Lines as far as they fit, and "and 212 more". */
export function within(lines: readonly string[], room: number): string {
  const whole = lines.join('\n')
  if (whole.length <= room) return whole
  const kept: string[] = []
  // What is said of the rest needs a line as well.
  let left = room - 40
  for (const text of lines) {
    left -= text.length + 1
    if (left < 0) break
    kept.push(text)
  }
  return `${kept.join('\n')}\n\nand ${grouped(lines.length - kept.length)} more`
}

/** A text of a stranger as plain text: no markup, no mention of people, no second line. */
export function plain(text: string): string {
  const cut = [...text.replaceAll(/\s+/g, ' ')]
  const short = cut.length > CELL_CHARS_MAX ? `${cut.slice(0, CELL_CHARS_MAX - 1).join('')}…` : cut.join('')
  return short
    .replaceAll(/[\\`*_{}[\]<>|#~!&]/g, (sign) => `&#${sign.codePointAt(0)};`)
    .replaceAll('@', '@\u200B')
    .replaceAll('://', ':\u200B//')
}

function line(source: ToldSource, baseUrl: string): string {
  const { runId, rows, hasPicture } = source
  const name = plain(nameOfSource(source))
  const page = runId === null ? name : `[${name}](${baseUrl}/runs/${runId})`
  const link = (word: string, file: string) => `[${word}](${baseUrl}/runs/${runId}/${file})`
  const links =
    runId === null || source.status === null
      ? []
      : [
          link('log', 'output.txt'),
          ...(rows === null ? [] : [link('sample', 'sample.json')]),
          ...(hasPicture ? [link('map', 'preview.png')] : []),
        ]
  const said = [problemText(source), links.join(' · ')].filter((text) => text !== '').join('<br>')
  return `| ${sign(source)} | ${page} | ${rows === null ? '' : grouped(rows)} | ${change(source)} | ${said} |`
}

function sign({ status, problem }: ToldSource): string {
  if (status === null) return '…'
  if (status) return problem === 'skipped' ? '–' : '✓'
  return isHeld(problem) ? 'Held' : '✗'
}

function problemText({ problem, problemDetail }: ToldSource): string {
  if (problem === null) return ''
  const said = isProblemCode(problem) ? sentence({ code: problem, detail: problemDetail ?? '' }) : problem
  return `\`${problem}\` ${plain(said)}`
}

function change({ rows, rowsBefore }: ToldSource): string {
  if (rows === null || rowsBefore === null) return rows === null ? '' : 'new'
  if (rows === rowsBefore) return '='
  if (rowsBefore === 0) return `+${grouped(rows)}`
  const share = rows / rowsBefore - 1
  return `${share > 0 ? '+' : '−'}${percent(Math.abs(share))}`
}

function rank({ status, problem }: ToldSource): number {
  if (status === false) return isHeld(problem) ? 1 : 0
  return status === null ? 2 : 3
}
