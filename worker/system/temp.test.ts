import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeLeft } from './temp.ts'

test('folders that killed processes have left are removed, those of the living stay', async () => {
  const [old, young] = [
    await mkdtemp(join(tmpdir(), 'machine-lefttest-')),
    await mkdtemp(join(tmpdir(), 'machine-lefttest-')),
  ]
  const fourDaysAgo = new Date(Date.now() - 4 * 86_400_000)
  await utimes(old, fourDaysAgo, fourDaysAgo)

  expect(await removeLeft('lefttest')).toBe(1)

  expect([existsSync(old), existsSync(young)]).toEqual([false, true])
  await rm(young, { recursive: true })
})
