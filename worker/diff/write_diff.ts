/**
 * `diff.ndjson.gz`: what changed between two runs, a line for each row that did, after one line of counts.
 *
 *     {"before": 20000, "now": 20010, "added": 12, "removed": 2, "changed": 5, "moved": 1, …}
 *     {"change": "added", "id": "5f0c6f6f0a6a1c2e-…", "feature": {"type": "Feature", …}}
 *     {"change": "moved", "side": "before", "id": "…", "feature": {…}}
 *     {"change": "moved", "side": "now", "id": "…", "feature": {…}}
 *
 * Of a moved row the first half of the id is the same on both sides, of an edited one the second.
 */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { halfText, stir } from '../../shared/content_id.ts'
import { lineReader } from '../../shared/quality/line_reader.ts'
import type { RowView } from '../../shared/quality/row_view.ts'
import { type Difference, FATES } from './diff.ts'
import { readPieces } from './read_rows.ts'

const NEWLINE = 10

/** Packing a diff hard is not worth a second of a worker. */
const GZIP_LEVEL = 4

/** Pieces of output are put together to this size. */
const CHUNK_CHARS = 256 * 1024

/** Write the file of a difference. */
export async function writeDiff(
  difference: Difference,
  paths: { readonly before: string; readonly now: string; readonly out: string },
): Promise<void> {
  await pipeline(
    () => joined(diffLines(difference, paths)),
    createGzip({ level: GZIP_LEVEL }),
    createWriteStream(paths.out),
  )
}

async function* diffLines(
  difference: Difference,
  { before, now }: { readonly before: string; readonly now: string },
): AsyncGenerator<string> {
  const { counts } = difference
  yield `${JSON.stringify(counts)}\n`
  if (counts.removed + counts.changed > 0) yield* linesOf(difference, 'before', before)
  if (counts.added + counts.changed > 0) yield* linesOf(difference, 'now', now)
}

async function* linesOf(
  difference: Difference,
  side: 'before' | 'now',
  path: string,
): AsyncGenerator<string> {
  const fates = difference[side]
  const reader = lineReader(difference.layer)
  const words: Readonly<Record<number, string>> = {
    [FATES.alone]: `"${side === 'now' ? 'added' : 'removed'}"`,
    ...bothSides(side),
  }
  let row = 0
  for await (const piece of readPieces(path)) {
    for (let start = 0; start < piece.length; row++) {
      const end = piece.indexOf(NEWLINE, start) + 1
      const change = words[fates[row]!]
      if (change !== undefined) yield lineOf(piece.subarray(start, end), change)
      start = end
    }
  }

  function lineOf(line: Buffer, change: string): string {
    let id = ''
    reader.read(line, (view) => {
      id = idOf(view)
    })
    return `{"change": ${change}, "id": "${id}", "feature": ${line.toString('latin1', 0, line.length - 1)}}\n`
  }
}

function bothSides(side: string): Record<number, string> {
  return { [FATES.moved]: `"moved", "side": "${side}"`, [FATES.edited]: `"edited", "side": "${side}"` }
}

function idOf({ what, where }: RowView): string {
  return `${halfText(stir(what.a), stir(what.b))}-${halfText(stir(where.a), stir(where.b))}`
}

/** Short texts as longer ones: a stream has its price for each. */
async function* joined(texts: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  let text = ''
  for await (const more of texts) {
    text += more
    if (text.length < CHUNK_CHARS) continue
    yield Buffer.from(text, 'latin1')
    text = ''
  }
  yield Buffer.from(text, 'latin1')
}
