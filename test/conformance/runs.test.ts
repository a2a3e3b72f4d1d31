/**
 * Whole runs of the command line, as the reference was seen to do them: `../shared/conformance/observed/runs.json`.
 *
 * Three things differ in all of them, and are no cases of the table below:
 * - our folder is FOLDER/<layer>/<name>/, the reference's DESTINATION/<stem>/<layer>/;
 * - our state has more keys (layer, name, sample, license, counts …); those of the reference are compared;
 * - the reference ended with 0 whenever it had written a state (spec/processing.md §13 #16); we end with 1 when
 *   what was asked for was not made.
 */
import { describe, expect } from 'bun:test'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { selfCommand, start } from '../../worker/system/spawn.ts'
import { inTemp } from '../../worker/system/temp.ts'
import { scored } from './score.ts'
import { hasSuite, readJson, SUITE } from './suite.ts'

const FILE = 'observed/runs.json'

type State = Readonly<Record<string, unknown>>

interface Item {
  readonly label: string
  readonly source: unknown
  readonly args: readonly string[]
  readonly input_base64?: string
  readonly input_name?: string
  readonly expect: { readonly exit: number; readonly state: State | null }
}

/** What becomes of a run with us, where that is not what the reference did. */
interface Difference {
  readonly reason: string
  /** A key that is not here agrees. */
  readonly state: State
}

/** How a run ended, and the keys of its state that are compared. */
interface Outcome {
  readonly exit: number | null
  readonly state: State | null
}

const GOOD = { 'feat count': 6, processed: 'out.geojson', 'source problem': null }

const DELIBERATE: Readonly<Record<string, Difference>> = {
  'no preview flag and no key': {
    reason: '§11: a preview needs no base map, and so no key; the reference wanted one or nothing',
    state: { ...GOOD, cache: 'cache.zip' },
  },
  'no layer args': {
    reason: '#16: asked for no layer, it runs all that the file has; the reference ran none and ended with 0',
    state: { ...GOOD, cache: 'cache.zip' },
  },
  'format shapefile-polygon': { reason: '#5: the format is a shapefile', state: GOOD },
  'format empty string': {
    reason: '§6.3: an empty format is a shapefile; the reference chose its file and then did not read it',
    state: GOOD,
  },
  'no compression tag on zip': { reason: '#6: what the file is, is looked at', state: GOOD },
  'compression 7z': {
    reason: '#16: every failure has its problem',
    state: { 'feat count': 0, 'source problem': 'Could not conform source data' },
  },
  'protocol gopher': {
    reason: '#16: every failure has its problem; the reference had this one and never said it',
    state: { 'source problem': 'Unknown source conform protocol' },
  },
  'two zips in zip': {
    reason: '#16: every failure has its problem',
    state: { 'feat count': 0, 'source problem': 'Found no features in source data' },
  },
  'zip in zip with file': {
    reason: 'demand 69: where nothing outside has the name, it is looked for in the archives inside',
    state: { ...GOOD, 'feat count': 2 },
  },
}

describe.skipIf(!hasSuite)('runs of the command line (skipped without ../shared/conformance)', () => {
  for (const item of hasSuite ? (readJson(FILE) as { items: Item[] }).items : []) {
    const difference = DELIBERATE[item.label]
    scored(
      FILE,
      item.label,
      async () => {
        const { exit, state } = await inTemp('runs', (folder) => runItem(item, folder))

        const found = { exit, state: state === null ? null : only(state, item) }
        expect(found).toEqual(expectedOf(item, difference))
        // A difference that is gone has no place in the table any more.
        if (difference !== undefined) expect(found).not.toEqual(expectedOf(item, undefined))
      },
      { deliberate: difference?.reason },
    )
  }
})

function expectedOf({ expect: { exit, state } }: Item, difference: Difference | undefined): Outcome {
  if (state === null && difference === undefined) return { exit, state }
  const ours = { ...state, ...difference?.state }
  return { exit: ours['skipped'] === true || ours['processed'] !== null ? 0 : 1, state: ours }
}

/** The keys of the state that are compared: those of the reference, and those in which we differ. */
function only(state: State, { label, expect: { state: theirs } }: Item): State {
  const keys = Object.keys({ ...theirs, ...DELIBERATE[label]?.state })
  return Object.fromEntries(keys.map((key) => [key, state[key] ?? null]))
}

async function runItem(item: Item, folder: string): Promise<Outcome> {
  const input = join(folder, item.input_name ?? 'input')
  if (item.input_base64 !== undefined) await writeFile(input, Buffer.from(item.input_base64, 'base64'))
  const text = JSON.stringify(item.source)
    .replaceAll(/\$\{SUITE\}/g, SUITE)
    .replaceAll(/\$\{INPUT\}/g, input)
  await writeFile(join(folder, 's.json'), text)

  const out = join(folder, 'out')
  const [command, ...rest] = selfCommand(join(import.meta.dirname, '../../worker/cli.ts'))
  const asked = [...argsOf(item), '--allow-private', join(folder, 's.json'), out]
  const { code } = await start(command, [...rest, 'process-one', ...asked]).ended
  return { exit: code, state: await stateIn(out, item) }
}

/** In our words. Where no picture was asked for, nothing is made that is not compared. */
function argsOf({ args }: Item): string[] {
  return args.flatMap((arg) => {
    if (arg === '--skip-preview') return ['--only', 'geojson']
    return [arg === '--layersource' ? '--name' : arg]
  })
}

/** The state of the data source that was asked for, or else of the only one. */
async function stateIn(out: string, { args }: Item): Promise<State | null> {
  const layer = argument(args, '--layer') ?? 'addresses'
  const name = argument(args, '--layersource') ?? 'x'
  const folders = [join(out, layer, name), join(out, layer, 'primary'), out]
  const path = folders.map((folder) => join(folder, 'index.json')).find((one) => existsSync(one))
  if (path === undefined) return null
  const [keys, values] = JSON.parse(await readFile(path, 'utf8')) as [string[], unknown[]]
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]))
}

function argument(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option)
  return at < 0 ? undefined : args[at + 1]
}
