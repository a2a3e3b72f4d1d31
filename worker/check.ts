/**
 * `machine check SOURCE…`: what is wrong with source files, and what their runs would do.
 *
 * Nothing is fetched: all that it needs stands in the files.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SourceError } from '../shared/problem.ts'
import { dataSources, readSource } from '../shared/source.ts'
import { checkSource } from '../shared/source_check.ts'
import { type Plan, planOf } from '../shared/source_plan.ts'
import { type Checked, faultLines, planLines, summary } from './check_report.ts'
import { openDecoder } from './formats/encoding.ts'
import { OUTPUTS } from './outputs/outputs.ts'

const USAGE = `Usage: machine check SOURCE... [options]

Looks at source files without running them, and says what is wrong, one finding a line:

  FILE:LINE:COLUMN: error|warning: sentence (JSON pointer)

An error keeps a data source from running; a warning is what its author should know.
Nothing is downloaded.

  SOURCE          a source file, or a folder: then every *.json below it
  --plan          also say what a run of each data source would do; done for a single file anyway
  --errors-only   leave the warnings out
  --json          write JSON instead, one line for each file
  --help          this text

Exits with 0 when nothing is refused, 1 when there is an error in a file, 2 when it was called wrongly.`

/** As the table of commands holds it. */
export const checkCommand = {
  name: 'check',
  summary: 'Say what is wrong with source files, and what their runs would do',
  usage: USAGE,
  run,
} as const

interface Request {
  readonly paths: readonly string[]
  readonly plan: boolean
  readonly errorsOnly: boolean
  readonly json: boolean
}

/** Called wrongly: the sentence for it. */
class UsageError extends Error {}

/** @returns the exit code */
async function run(argv: readonly string[]): Promise<number> {
  try {
    const request = readRequest(argv)
    const files = await sourceFiles(request.paths)
    const all: Checked[] = []
    for (const path of files) {
      const checked = checkText(path, await readFile(path))
      const shown = request.errorsOnly ? withoutWarnings(checked) : checked
      all.push(shown)
      await write(request.json ? [JSON.stringify(shown)] : faultLines(shown))
      if (!request.json && (request.plan || files.length === 1)) await write(planLines(shown))
    }
    if (!request.json) process.stderr.write(`${summary(all)}\n`)
    return all.every(({ faults }) => faults.every(({ level }) => level === 'warning')) ? 0 : 1
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`machine check: ${error.message}\nTry: machine check --help\n`)
    return 2
  }
}

/** What is found in the bytes of a source file. */
export function checkText(path: string, bytes: Uint8Array): Checked {
  let text: string
  try {
    // A byte order mark is kept: JSON may not have one, and a run would refuse it as well.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const message = 'the file is not UTF-8'
    return { path, faults: [{ level: 'error', pointer: '', line: 1, column: 1, message }], plans: [] }
  }
  return { path, faults: checkSource(text, { knowsEncoding }), plans: plans(text) }
}

function plans(text: string): Checked['plans'] {
  try {
    return dataSources(readSource(text)).map((data) => {
      const plan = planOf(data)
      return { ...plan, outputs: outputsOf(plan) }
    })
  } catch {
    // What is no source has no plan; why, the findings say.
    return []
  }
}

function outputsOf({ layer }: Plan): string[] {
  return Object.entries(OUTPUTS).flatMap(([name, { layers }]) =>
    layers === 'all' || (layers as readonly string[]).includes(layer) ? [name] : [],
  )
}

function knowsEncoding(name: string): boolean {
  try {
    openDecoder(name)
    return true
  } catch (error) {
    if (error instanceof SourceError) return false
    throw error
  }
}

/** @throws {UsageError} when one of them is not there */
async function sourceFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch((error: Error) => {
      throw new UsageError(`cannot read ${path}: ${error.message}`)
    })
    if (!found.isDirectory()) files.push(path)
    else {
      const below = await readdir(path, { recursive: true })
      files.push(
        ...below
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map((name) => join(path, name)),
      )
    }
  }
  if (files.length === 0) throw new UsageError(`no *.json below ${paths.join(', ')}`)
  return files
}

function readRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv)
  if (positionals.length === 0) throw new UsageError('expected a SOURCE')
  const { plan = false, json = false, 'errors-only': errorsOnly = false } = values
  return { paths: positionals, plan, errorsOnly, json }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        plan: { type: 'boolean' },
        'errors-only': { type: 'boolean' },
        json: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function withoutWarnings(checked: Checked): Checked {
  return { ...checked, faults: checked.faults.filter(({ level }) => level === 'error') }
}

/** Settles when the lines have been handed over, so that a slow reader does not fill our memory. */
function write(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve()
  return new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, () => resolve()))
}
