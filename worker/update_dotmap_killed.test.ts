/** A dot map whose maker is killed at any moment is the old one or the new one, and nothing of the maker goes on. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readCurrentDotmap } from '../shared/db/dotmaps.ts'
import { machine, ranMachine, until } from '../test/crew.ts'
import { giveRuns } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { folderStorage } from './io/folder_storage.ts'
import { addresses } from './products/write_run.ts'
import { readTileset } from './render/dot_tileset.ts'
import { commandOf } from './system/running.ts'

const isHere = spawnSync('tippecanoe', ['--version']).status === 0
if (!isHere) console.log('skipped: a killed dot map, as the real tippecanoe is not on the PATH')

let db: TestDatabase
let folder: string
/** Temporary files of the command, where nobody else has any. */
let temp: string

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-dotmap-killed-'))
  temp = await mkdtemp(join(tmpdir(), 'machine-dotmap-temp-'))
  await giveRuns(db.sql, folderStorage({ folder, publicUrl: 'https://oa.example' }), [
    { path: 'sources/fr/paris.json', features: addresses(300, { lon: 2.3, lat: 48.8 }) },
  ])
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
  await rm(temp, { recursive: true, force: true })
})

/** Programs that work in the temporary folder. */
async function left(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(pids.map((pid) => commandOf(Number(pid))))
  return commands.filter((command) => command.includes(temp))
}

describe.skipIf(!isHere || process.platform !== 'linux')('machine update-dotmap, killed', () => {
  test('at three random moments leaves a whole map each time, and starts clean', async () => {
    const options = () => ({ env: { DATABASE_URL: db.url, STORAGE_DIR: folder, TMPDIR: temp } })
    const began = performance.now()
    expect((await ranMachine(['update-dotmap'], options())).code).toBe(0)
    const whole = performance.now() - began

    for (let kills = 0; kills < 3; kills += 1) {
      const going = machine(['update-dotmap'], options())
      // Not before it has begun: that would test nothing.
      await pause(whole * (0.2 + 0.8 * Math.random()))
      going.kill('SIGKILL')
      await going.ended

      const map = (await readCurrentDotmap(db.sql))!
      const file = join(folder, map.key)
      expect((await stat(file)).size).toBe(map.bytes)
      expect(await readTileset(file)).toMatchObject({ zoomMin: 0, zoomMax: 15, layers: ['openaddresses'] })
      await until('the programs of a killed command to end', 20_000, async () => (await left()).length === 0)
    }

    const last = (await readCurrentDotmap(db.sql))!.id
    expect((await ranMachine(['update-dotmap'], options())).code).toBe(0)
    expect((await readCurrentDotmap(db.sql))!.id).toBeGreaterThan(last)
    expect(await readdir(temp)).toEqual([])
  }, 180_000)
})
