/** `machine up` as a command. */
import { parseArgs } from 'node:util'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { logger } from './system/log.ts'
import { stopSignal } from './system/stop_signal.ts'
import { up } from './up.ts'

const USAGE = `Usage: machine up [options]

Runs the whole machine on this computer: Postgres, migrations, the edge, all loops, a folder as storage.
With DATABASE_URL that Postgres is used; otherwise one of its own, kept in the folder.

  --folder FOLDER         where database and files are kept (.machine)
  --port PORT             port of the pages (8000, or another when that is taken; 0 for any)
  --postgres-port PORT    port of its own Postgres (any)`

export const upCommand: Command = {
  name: 'up',
  summary: 'Run the whole machine on this computer',
  usage: USAGE,
  async run(argv) {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        folder: { type: 'string', default: '.machine' },
        port: { type: 'string' },
        'postgres-port': { type: 'string' },
      },
    })
    const log = logger('up')
    const stop = stopSignal(false)
    const machine = await up({
      config: readConfig(processEnv(), []),
      folder: values.folder,
      ...portOf('port', values.port),
      ...portOf('postgresPort', values['postgres-port']),
      log,
    })
    log(`the machine is at ${machine.url}, and hears GitHub at ${machine.url}/hook`)
    try {
      await Promise.race([machine.failed, untilTold(stop.signal)])
      return 0
    } finally {
      await machine.stop()
      stop.release()
    }
  },
}

/** A port as an option of `up`, left out when it was not given. */
export function portOf<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [N in Name]?: number } {
  if (text === undefined) return {}
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`expected a port, got "${text}"`)
  return { [name]: port } as { readonly [N in Name]?: number }
}

/** Settles when the signal says stop. */
export function untilTold(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
