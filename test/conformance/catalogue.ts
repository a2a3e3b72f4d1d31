/** The real catalogue, `../shared/catalogue/sources.tar.xz`, unpacked for a test and removed after it. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CommandError, run } from '../../worker/system/spawn.ts'

const ARCHIVE = resolve('../shared/catalogue/sources.tar.xz')

/** Absent where the project stands alone; tests that need it are skipped then. */
export const hasCatalogue = existsSync(ARCHIVE) && (await hasTar())

if (!hasCatalogue) console.log('skipped: tests with the catalogue, which need ../shared/catalogue and tar')

export interface Catalogue {
  /** Its `sources` lie here. */
  readonly folder: string
  remove(): Promise<void>
}

/** Unpack it into a folder of its own. */
export async function openCatalogue(): Promise<Catalogue> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-catalogue-'))
  await run('tar', ['-xJf', ARCHIVE, '-C', folder])
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

/** `tar` alone is not enough: it starts `xz`. */
async function hasTar(): Promise<boolean> {
  try {
    await run('tar', ['-tJf', ARCHIVE, 'LICENSE'])
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}
