/**
 * What is wrong with a source file, and where: for its author, before anything runs.
 *
 * Rules look at one thing each (source_rules.ts, conform_rules.ts, call_rules.ts) and tell every
 * finding of their kind; positions come from a parser that keeps them, so a message can point into the
 * file. An error is what keeps a data source from running well; a warning is what its author should know.
 */
import { findNodeAtLocation, type JSONPath, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { type Finding, refused } from './finding.ts'
import { readSource, type Source } from './source.ts'
import { sourceFindings } from './source_rules.ts'

/** One thing that is wrong with a source file. */
export interface SourceFault {
  readonly level: 'error' | 'warning'
  /** JSON pointer (RFC 6901): `/layers/addresses/0/conform/number/pattern`; `''` is the whole file. */
  readonly pointer: string
  /** Both from 1; columns count UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What only the floor above can know. */
export interface CheckOptions {
  /** Whether an encoding can be read; absent takes every name for a good one. */
  readonly knowsEncoding?: (name: string) => boolean
}

/** Every fault of a source file, in the order of the file; no error among them when all of it can run. */
export function checkSource(text: string, { knowsEncoding = () => true }: CheckOptions = {}): SourceFault[] {
  const place = placer(text)
  if (text.trim() === '') return [place(0, refused([], 'the file is empty'))]
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [error] = errors
  if (error !== undefined) return [place(error.offset, syntaxFinding(text, error))]

  return findings(text, knowsEncoding)
    .map((finding) => ({ finding, offset: offsetOf(tree, finding.path) }))
    .sort((one, other) => one.offset - other.offset)
    .map(({ finding, offset }) => place(offset, finding))
}

function findings(text: string, knowsEncoding: (name: string) => boolean): Finding[] {
  let source: Source
  try {
    source = readSource(text)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error
    return [refused([], error.message)]
  }
  return sourceFindings(source, knowsEncoding)
}

/** Where a path leads to, or the nearest thing around it that exists. */
function offsetOf(tree: Node | undefined, path: JSONPath): number {
  if (tree === undefined) return 0
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    if (node !== undefined) return node.offset
  }
  return tree.offset
}

/** Makes faults of findings; the lines of the file are counted once. */
function placer(text: string): (offset: number, finding: Finding) => SourceFault {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return (offset, { level, path, message }) => {
    const line = starts.findLastIndex((start) => start <= offset)
    const pointer = path
      .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('')
    return { level, pointer, line: line + 1, column: offset - (starts[line] ?? 0) + 1, message }
  }
}

function syntaxFinding(text: string, { offset }: ParseError): Finding {
  const found = offset < text.length ? JSON.stringify(text.slice(offset, offset + 20)) : 'the end of the file'
  return refused([], `this is not JSON: it breaks at ${found}`)
}
