/**
 * Commands: what people may write into a pull request, each on a line of its own.
 *
 *     /retest                        run everything of this pull request again
 *     /machine retest us/ca/berkeley run one source again
 *     Re-run this, please            the same as /retest, as the original knew it
 *
 * Upper or lower case, with or without `/machine`. What is quoted, or stands in a block of code, is no command.
 */
import { isSourcePath } from './source.ts'

/** A command as it was written. */
export type Command =
  | { readonly name: 'retest'; readonly sources: readonly string[] }
  | { readonly name: 'accept'; readonly sources: readonly string[] }
  | { readonly name: 'cancel' | 'ok-to-test' | 'help' }
  /** `/machine` with a word that we do not know. */
  | { readonly name: 'unknown'; readonly word: string }

/** Every command, with what it does: the text of `/help`. */
export const COMMANDS: Readonly<Record<Exclude<Command['name'], 'unknown'>, string>> = {
  retest: '`/retest [source…]` runs this pull request, or some of its sources, again',
  cancel: '`/cancel` stops what is running',
  'ok-to-test': '`/ok-to-test` lets the pull request of a newcomer run (needs write access)',
  accept: '`/accept source…` accepts the data of held sources (needs write access)',
  help: '`/help` says this',
}

/** The original's phrase: rerun or re-run, this, perhaps a comma, please. */
const PLEASE = /^\s*re-?run this\s*,?\s+please\b/i

/** `/word …`, `/machine word …` or `/machine /word …`. */
const SLASH = /^\s{0,3}\/(machine\s+\/?)?([a-z][a-z-]*)(?=\s|$)(.*)$/i

/** More in one comment are not read. */
const COMMANDS_MAX = 20

/** More sources in one command are not read. */
const SOURCES_MAX = 100

/** Longer words are no paths of sources. */
const SOURCE_CHARS_MAX = 300

/** The commands in a comment, in order. */
export function readCommands(body: string): Command[] {
  const commands: Command[] = []
  let fence: string | undefined
  for (const line of body.split(/\r\n|\r|\n/)) {
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined
      continue
    }
    const command = fence === undefined ? readLine(line) : undefined
    if (command !== undefined && commands.length < COMMANDS_MAX) commands.push(command)
  }
  return commands
}

/** The commands that a comment did not have before it was edited. */
export function newCommands(body: string, before: string): Command[] {
  const known = readCommands(before).map((command) => JSON.stringify(command))
  return readCommands(body).filter((command) => {
    const at = known.indexOf(JSON.stringify(command))
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

function readLine(line: string): Command | undefined {
  if (PLEASE.test(line)) return { name: 'retest', sources: [] }
  const match = SLASH.exec(line)
  if (match === null) return undefined
  const [, ours, word = '', rest = ''] = match
  const name = word.toLowerCase()
  // `/machine` alone asks what there is.
  if (name === 'machine' && ours === undefined) return rest.trim() === '' ? { name: 'help' } : undefined
  switch (name) {
    case 'retest':
    case 'accept':
      return { name, sources: readSources(rest) }
    case 'cancel':
    case 'ok-to-test':
    case 'help':
      return { name }
    default:
      // Without our name it is for somebody else.
      return ours === undefined ? undefined : { name: 'unknown', word: name.slice(0, 30) }
  }
}

/** Paths of sources: `us/ca/berkeley`, `us/ca/berkeley.json` and `sources/us/ca/berkeley.json` are one. */
function readSources(rest: string): string[] {
  const words = rest
    .split(/[\s,]+/)
    .map((word) => word.replaceAll(/^[`'"<]+|[`'">.]+$/g, ''))
    .filter((word) => word !== '' && word.length <= SOURCE_CHARS_MAX)
  return [...new Set(words.map(toPath))].slice(0, SOURCES_MAX)
}

function toPath(word: string): string {
  const base = word.replace(/^\/+/, '').replace(/\.json$/i, '')
  const path = `${base.startsWith('sources/') ? base : `sources/${base}`}.json`
  return isSourcePath(path) ? path : word
}
