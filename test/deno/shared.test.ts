/** The tests of shared/ once more, under Deno: the heart of the field runs wherever Web Standards do. */
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { start } from '../../worker/system/spawn.ts'

const ROOT = join(import.meta.dirname, '../..')

test('shared passes its tests under Deno', async () => {
  const lines: string[] = []
  const deno = start(
    join(ROOT, 'node_modules/.bin/deno'),
    ['test', '-A', '--no-check', '--quiet', '--import-map', 'test/deno/imports.json', 'shared'],
    {
      cwd: ROOT,
      env: { NO_COLOR: '1' },
      onLine: (line) => lines.push(line),
      onErrorLine: (line) => lines.push(line),
    },
  )

  const { code } = await deno.ended

  const summary = lines.findLast((line) => /\d+ passed/.test(line)) ?? lines.slice(-20).join('\n')
  expect(summary).toMatch(/^ok \| \d+ passed \(\d+ steps\) \| 0 failed/)
  expect(code).toBe(0)
}, 180_000)
