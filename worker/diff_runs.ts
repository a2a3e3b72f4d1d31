/** `machine diff-runs BEFORE NOW OUT`: what changed between the rows of two runs. */
import { parseArgs } from 'node:util'
import { counted, grouped } from '../shared/text.ts'
import { diffFiles } from './diff/diff.ts'
import { writeDiff } from './diff/write_diff.ts'
import { UsageError } from './options.ts'

const USAGE = `Usage: machine diff-runs BEFORE NOW OUT [options]

Compares the rows of two runs by their content ids and says how many were added, removed, changed (moved, or
edited at the same place) and left alone. Order does not count, nor how a file is packed.

  BEFORE, NOW   out.geojson or out.geojson.gz of two runs of one data source
  OUT           where to write what changed, such as diff.ndjson.gz: a line of counts, then one for each row

  --json        print the counts as JSON
  --help        this text

Needs 20 bytes of disk for each row beside OUT for the time being, and 300 MB of memory however many rows there are.`

/** As the table of commands holds it. */
export const diffRunsCommand = {
  name: 'diff-runs',
  summary: 'Tell what changed between the rows of two runs',
  usage: USAGE,
  run,
} as const

async function run(argv: readonly string[]): Promise<number> {
  const { before, now, out, json } = readRequest(argv)
  const difference = await diffFiles(before, now, `${out}.part`)
  await writeDiff(difference, { before, now, out })
  const { counts } = difference
  if (json) process.stdout.write(`${JSON.stringify(counts)}\n`)
  else {
    const { added, removed, moved, edited, unchanged } = counts
    process.stdout.write(
      `${counted(added, 'row')} added, ${grouped(removed)} removed, ${grouped(moved)} moved, ${grouped(edited)} edited, ${grouped(unchanged)} unchanged\n`,
    )
  }
  return 0
}

function readRequest(argv: readonly string[]) {
  const { values, positionals } = parsed(argv)
  const [before, now, out, ...more] = positionals
  if (before === undefined || now === undefined || out === undefined || more.length > 0)
    throw new UsageError(`expected BEFORE, NOW and OUT, and found ${positionals.length} names`)
  return { before, now, out, json: values.json === true }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: { json: { type: 'boolean' } } })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
