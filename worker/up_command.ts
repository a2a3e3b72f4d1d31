/** `machine up` as a command. */
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { portOf, readOptions } from './options.ts'
import { logger } from './system/log.ts'
import { stopSignal } from './system/stop_signal.ts'
import { up, UP_DEFAULTS } from './up.ts'

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
    const { folder, port, ...options } = readOptions(argv, {
      folder: { type: 'string', default: '.machine' },
      port: { type: 'string' },
      'postgres-port': { type: 'string' },
    })
    const ports = { ...portOf('port', port), ...portOf('postgresPort', options['postgres-port']) }
    const config = readConfig({ ...UP_DEFAULTS, ...processEnv() }, [])
    const say = logger('up')
    const stop = stopSignal(false)
    const machine = await up({ config, folder, ...ports, say, logOf: (who) => logger(who) })
    try {
      say(`the machine is at ${machine.url}, and hears GitHub at ${machine.url}/hook`)
      await Promise.race([machine.failed, untilTold(stop.signal)])
      return 0
    } finally {
      await machine.stop()
      stop.release()
    }
  },
}

/** Settles when the signal says stop. */
export function untilTold(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
