/**
 * `machine <command>`: the table of commands.
 *
 * A command is a name, a line for the list, its own help, and a deed that ends with an exit code: 0 when
 * it did what was asked, 1 when it could not, 2 when it was called wrongly.
 */
import { fileURLToPath } from 'node:url'
import { acceptCommand } from './accept_command.ts'
import { calculateCoverageCommand } from './calculate_coverage_command.ts'
import { checkCommand } from './check.ts'
import { collectExtractsCommand } from './collect_extracts.ts'
import { updateDotmapCommand } from './dotmap_command.ts'
import { enqueueSourcesCommand } from './enqueue_command.ts'
import { diffRunsCommand } from './diff_runs.ts'
import { esri2geojsonCommand } from './esri2geojson.ts'
import { indexTilesCommand } from './index_tiles.ts'
import {
  controlCommand,
  dequeueCommand,
  expandCommand,
  reconcileCommand,
  reportCommand,
  workCommand,
} from './loops.ts'
import { migrateCommand } from './migrate_command.ts'
import { cancelCommand, drainCommand, redriveCommand, retryCommand } from './operate.ts'
import { UsageError } from './options.ts'
import { previewSourceCommand } from './preview_source.ts'
import { processCommand } from './process_command.ts'
import { publishManifestCommand } from './publish_manifest.ts'
import { scheduleCommand } from './schedule_command.ts'
import { renderCoverageCommand } from './render_coverage_command.ts'
import { setCommand } from './set_command.ts'
import { statusCommand } from './status.ts'
import { sumUpDataCommand } from './sum_up_data.ts'
import { upCommand } from './up_command.ts'

/** Something that can be asked of `machine`. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** The whole help of the command. */
  readonly usage: string
  /** @param cli  the table that it stands in, for a command that runs others */
  readonly run: (argv: readonly string[], cli: Cli) => Promise<number>
}

/** The table of commands, as a command sees it that runs others. To import it from here would wait for its own end. */
export interface Cli {
  readonly names: readonly string[]
  readonly main: (argv: readonly string[]) => Promise<number>
}

/** Every command, in the order of the list. */
export const COMMANDS: readonly Command[] = [
  upCommand,
  migrateCommand,
  controlCommand,
  expandCommand,
  reconcileCommand,
  workCommand,
  dequeueCommand,
  reportCommand,
  statusCommand,
  retryCommand,
  cancelCommand,
  redriveCommand,
  drainCommand,
  acceptCommand,
  processCommand,
  checkCommand,
  diffRunsCommand,
  previewSourceCommand,
  esri2geojsonCommand,
  enqueueSourcesCommand,
  setCommand,
  scheduleCommand,
  collectExtractsCommand,
  indexTilesCommand,
  publishManifestCommand,
  updateDotmapCommand,
  renderCoverageCommand,
  calculateCoverageCommand,
  sumUpDataCommand,
]

/** Run a command line. Gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${help()}\n`)
    return name === undefined ? 2 : 0
  }

  const command = COMMANDS.find((command) => command.name === name)
  if (command === undefined) {
    process.stderr.write(`machine: there is no command "${name}"${nearest(name)}\nTry: machine --help\n`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${command.usage}\n`)
    return 0
  }
  try {
    return await command.run(rest, { names: COMMANDS.map(({ name }) => name), main })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`machine ${name}: ${message}\n`)
    if (!(error instanceof UsageError)) return 1
    process.stderr.write(`Try: machine ${name} --help\n`)
    return 2
  }
}

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Machine turns thousands of small public data sources into one open map of the world’s addresses.',
    '',
    'Usage: machine COMMAND [options]',
    '',
    ...lines,
    '',
    'machine COMMAND --help tells more. Settings come from the environment: see .env.example.',
  ].join('\n')
}

/** A hint for a slip of the fingers. */
function nearest(name: string): string {
  const near = COMMANDS.find((command) => command.name.startsWith(name) || name.startsWith(command.name))
  return near === undefined ? '' : `; did you mean "${near.name}"?`
}

// Node 20 does not know import.meta.main.
if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url))
  process.exit(await main(process.argv.slice(2)))
