/**
 * `machine process-one SOURCE FOLDER`: run the data sources of one file on this computer.
 *
 * For a person it draws a picture of the work and ends with a table; with `--json` it writes lines
 * for the program that started it (`worker/work.ts`) and ends when that program is gone.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import manifest from '../package.json' with { type: 'json' }
import type { ChildLine, Earlier, RunResult } from '../shared/run.ts'
import { dataSources, isObject, readSource, sourceBase } from '../shared/source.ts'
import { hostManners, processEnv, protomapsKey } from './env.ts'
import { askedOutputs } from './outputs/asked.ts'
import type { OutputName } from './outputs/outputs.ts'
import { processOne } from './process_one.ts'
import { picture } from './process_picture.ts'
import { report } from './process_report.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'

const USAGE = `Usage: machine process-one SOURCE FOLDER [options]

Downloads the data of a source, conforms it, and leaves everything it made in FOLDER/<layer>/<name>/.
Without --layer and --name every data source of the file is run, one after the other.

  SOURCE            a source file, such as sources/us/ca/berkeley.json
  FOLDER            where to put the results; made when it is not there

  --layer LAYER     only this layer: addresses, parcels, buildings or centerlines
  --name NAME       only the data source of this name
  --only OUTPUTS    make only these, with commas between: geojson, zip, geoparquet, flatgeobuf, preview,
                    slippymap; out.geojson is made as well where another output is made of it
  --skip OUTPUTS    make all but these
  --earlier JSON    what the data was before: {"fingerprint": "MD5", "etag": …, "lastModified": …}; data that is the
                    same is not worked on again
  --json            write progress and results as JSON lines on standard output, and nothing else there
  --allow-private   also visit addresses of this computer and its network, and read file: addresses
  --help            this text

PROTOMAPS_KEY in the environment puts a base map under the preview; HOST_MANNERS says how to treat the ESRI servers of
some hosts, see .env.example.

Exits with 0 when everything asked for was made, 1 when a source failed, 2 when it was called wrongly.`

/** As the table of commands holds it. */
export const processCommand = {
  name: 'process-one',
  summary: 'Run the data sources of one source file on this computer',
  usage: USAGE,
  run,
} as const

interface Request {
  readonly path: string
  readonly folder: string
  readonly layer: string | undefined
  readonly name: string | undefined
  readonly outputs: readonly OutputName[]
  /** The outputs were named one by one. */
  readonly named: boolean
  readonly earlier: Earlier | undefined
  readonly json: boolean
  readonly allowPrivate: boolean
}

/** One data source to run; both absent where the file cannot say which it has. */
interface Wanted {
  readonly layer?: string
  readonly name?: string
}

/** Called wrongly: the sentence for it. */
class UsageError extends Error {}

/** @returns the exit code */
async function run(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  const stop = stopSignal(argv.includes('--json'))
  try {
    const request = readRequest(argv)
    const text = await readFile(request.path, 'utf8').catch((error: Error) => {
      throw new UsageError(`cannot read the source: ${error.message}`)
    })
    const results: RunResult[] = []
    for (const wanted of chosen(text, request)) results.push(await runOne(text, wanted, request, stop.signal))
    return results.every((result) => isAsAsked(result, request)) ? 0 : 1
  } catch (error) {
    if (stop.signal.aborted) return exitCode(stop.signal)
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`machine process-one: ${error.message}\nTry: machine process-one --help\n`)
    return 2
  } finally {
    stop.release()
  }
}

/** What is asked for by name has to be there; what is made where it can be made, has not. */
function isAsAsked({ ok, missing = [] }: RunResult, { named }: Request): boolean {
  return ok && !(named && missing.length > 0)
}

function readRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv)
  const [path, folder, ...more] = positionals
  if (path === undefined || folder === undefined) throw new UsageError('expected a SOURCE and a FOLDER')
  if (more.length > 0) throw new UsageError(`expected one SOURCE and one FOLDER, and found also ${more[0]}`)
  const { layer, name, json = false, 'allow-private': allowPrivate = false } = values
  const earlier = values.earlier === undefined ? undefined : readEarlier(values.earlier)
  const named = values.only !== undefined
  return { path, folder, layer, name, outputs: outputsOf(values), named, earlier, json, allowPrivate }
}

/** Only what it is for is taken of it. */
function readEarlier(text: string): Earlier {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    said = undefined
  }
  if (!isObject(said)) throw new UsageError('--earlier is not a JSON object')
  const known = ['fingerprint', 'etag', 'lastModified'].filter((key) => typeof said[key] === 'string')
  return Object.fromEntries(known.map((key) => [key, said[key]]))
}

function outputsOf({
  only,
  skip,
}: {
  readonly only?: string | undefined
  readonly skip?: string | undefined
}) {
  try {
    return askedOutputs(only, skip)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        layer: { type: 'string' },
        name: { type: 'string' },
        only: { type: 'string' },
        skip: { type: 'string' },
        earlier: { type: 'string' },
        json: { type: 'boolean' },
        'allow-private': { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** What of the file is to be run, in its order; of two with one name the first, as everywhere. */
function chosen(text: string, { layer, name }: Request): Wanted[] {
  if (layer !== undefined && name !== undefined) return [{ layer, name }]

  let all: Required<Wanted>[]
  try {
    all = dataSources(readSource(text))
  } catch {
    // The run itself says what is wrong with the file, as a problem with its sentence.
    return [{}]
  }
  const wanted = new Map<string, Wanted>()
  for (const one of all) {
    if ((layer ?? one.layer) !== one.layer || (name ?? one.name) !== one.name) continue
    wanted.set(`${one.layer}/${one.name}`, { layer: one.layer, name: one.name })
  }
  if (wanted.size > 0) return [...wanted.values()]
  const there = all.map((one) => `${one.layer}/${one.name}`).join(', ')
  throw new UsageError(`the file has no such data source; it has ${there === '' ? 'none' : there}`)
}

async function runOne(
  text: string,
  wanted: Wanted,
  request: Request,
  signal: AbortSignal,
): Promise<RunResult> {
  const { layer, name } = wanted
  const folder =
    layer === undefined || name === undefined ? request.folder : runFolder(request.folder, layer, name)
  const label = layer === undefined ? basename(request.path) : `${layer}/${name}`
  const drawn = picture(label, process.stderr, () => performance.now())
  const result = await processOne(sourceNameOf(request.path), text, {
    folder,
    ...(layer === undefined ? {} : { layer }),
    ...(name === undefined ? {} : { name }),
    tell: (progress) => (request.json ? void writeLine({ progress }) : drawn.show(progress)),
    signal,
    now: () => new Date(),
    allowPrivate: request.allowPrivate,
    outputs: request.outputs,
    ...(request.earlier === undefined ? {} : { earlier: request.earlier }),
    ...protomapsKey(processEnv()),
    manners: hostManners(processEnv()),
    version: manifest.version,
  }).finally(() => drawn.clear())

  const peakBytes = process.resourceUsage().maxRSS * 1024
  if (request.json) await writeLine({ result })
  else process.stdout.write(`${report(label, result, { folder, peakBytes })}\n`)
  return result
}

/** Settles when the line has been handed over. */
function writeLine(line: ChildLine): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()))
}

/** `…/sources/us/ca/berkeley.json` gives `us/ca/berkeley`; a file elsewhere gives its own name. */
function sourceNameOf(path: string): string {
  const inside = path.replaceAll('\\', '/').split('/sources/').at(-1) ?? path
  return sourceBase(inside === path && !path.startsWith('sources/') ? basename(path) : inside)
}

/** Where the files of one data source go: `<folder>/<layer>/<name>`, whatever signs are in them. */
export function runFolder(folder: string, layer: string, name: string): string {
  return join(folder, safe(layer), safe(name))
}

function safe(part: string): string {
  return encodeURIComponent(part).replace(/^\.*$/, (dots) => (dots === '' ? '_' : '%2E'.repeat(dots.length)))
}
