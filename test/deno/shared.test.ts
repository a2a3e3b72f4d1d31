/** The tests of shared/ once more, under Deno: the heart of the field runs wherever Web Standards do. */
import { expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { start } from '../../worker/system/spawn.ts'

const ROOT = join(import.meta.dirname, '../..')

test('shared passes its tests under Deno, those of every file', async () => {
  const lines: string[] = []
  const deno = start(
    join(ROOT, 'node_modules/.bin/deno'),
    ['test', '-A', '--no-check', '--import-map', 'test/deno/imports.json', 'shared'],
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
  // Nothing is left out but what needs the suite beside this project.
  if (existsSync(join(ROOT, '../shared/conformance'))) expect(summary).not.toContain('ignored')
  expect(filesIn(lines)).toEqual(testFiles())
  expect(code).toBe(0)
}, 180_000)

/** Files of which at least one test ran. */
function filesIn(lines: readonly string[]): string[] {
  const files = lines.flatMap((line) => /^running [1-9]\d* tests? from \.\/(.*)$/.exec(line)?.[1] ?? [])
  return [...new Set(files)].sort()
}

function testFiles(): string[] {
  return readdirSync(join(ROOT, 'shared'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.test\.tsx?$/.test(name))
    .map((name) => `shared/${name}`)
    .sort()
}
