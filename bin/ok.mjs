/** `npm run ok`: all checks before a commit, each by its name; the first that fails ends it. */
import { ensureDependencies, program, run } from './launch.mjs'

const CHECKS = [
  ['format and lint', program('biome'), ['check', '.']],
  ['types', program('tsc'), ['-p', '.']],
  ['edge and shared on Deno', program('deno'), ['check', '--quiet', 'edge/main.ts', 'shared']],
  ['tests', process.execPath, ['bin/test.mjs']],
]

ensureDependencies()
for (const [name, command, args] of CHECKS) {
  process.stdout.write(`• ${name}\n`)
  const code = await run(command, args)
  if (code !== 0) {
    process.stdout.write(`✗ ${name}\n`)
    process.exit(code)
  }
}
process.stdout.write('✓ all checks\n')
