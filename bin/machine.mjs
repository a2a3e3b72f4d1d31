#!/usr/bin/env node
/**
 * `machine <command>`: the commands of worker/cli.ts, in the folder where they are called.
 *
 * A run of one of the examples comes with the servers that have its data, by examples/run_one.ts.
 */
import { existsSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { bun, ensureDependencies, ROOT, run } from './launch.mjs'

ensureDependencies()
const [command, ...rest] = process.argv.slice(2)
const script = command === 'process-one' && rest.some(isExample) ? 'examples/run_one.ts' : 'worker/cli.ts'
process.exit(await run(bun(), [join(ROOT, script), ...process.argv.slice(2)], { cwd: process.cwd() }))

function isExample(arg) {
  return resolve(arg).startsWith(join(ROOT, 'examples/sources') + sep) && existsSync(arg)
}
