/**
 * `slippymap.pmtiles`: the rows of a run as a map to zoom into, made by tippecanoe.
 *
 * It reads `out.geojson` once that is finished, so it stands after it in the table of outputs. A
 * machine without tippecanoe makes no map, says which command installs it, and loses nothing else.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, run } from '../system/spawn.ts'
import { OUT_GEOJSON } from './geojson.ts'
import { artifact, type Leaving, type Lines, type Made, type Output, type OutRow } from './output.ts'

export const SLIPPYMAP = 'slippymap.pmtiles'

/** Where tippecanoe comes from. */
const INSTALL =
  'apt-get install tippecanoe (Debian 13 and later; elsewhere https://github.com/felt/tippecanoe)'

/** Layer, rate and title as the original has them, so that its style sheets go on working. */
export const TIPPECANOE_LOOKS = ['-l', 'dots', '-r', '3', '-n', 'OpenAddresses Dots']

export function slippymap(leaving: Leaving): Output {
  const { folder, log, signal } = leaving
  let count = 0

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      count += rows.length
    },

    async writeLines(lines: Lines): Promise<void> {
      count += lines.count
    },

    async close(): Promise<Made> {
      const temp = join(folder, 'tippecanoe')
      await mkdir(temp, { recursive: true })
      try {
        const files = ['-t', temp, '-o', join(folder, SLIPPYMAP), join(folder, OUT_GEOJSON)]
        await run('tippecanoe', [...TIPPECANOE_LOOKS, '-q', '-f', ...files], { signal })
        signal.throwIfAborted()
        return { artifacts: [await artifact(folder, SLIPPYMAP, 'application/vnd.pmtiles')], rows: count }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof CommandError)) throw error
        log(reason(error))
        await rm(join(folder, SLIPPYMAP), { force: true })
        return { artifacts: [], rows: count }
      } finally {
        await rm(temp, { recursive: true, force: true })
      }
    },

    async abandon(): Promise<void> {
      await rm(join(folder, SLIPPYMAP), { force: true })
    },
  }
}

function reason(error: CommandError): string {
  if (error.reason === 'ENOENT')
    return `no ${SLIPPYMAP}: tippecanoe is not installed here; install it with ${INSTALL}`
  return `no ${SLIPPYMAP}: ${error.message}`
}
