#!/usr/bin/env node
/** `machine <command>`: the commands of worker/cli.ts, in the folder where they are called. */
import { join } from 'node:path'
import { bun, ensureDependencies, ROOT, run } from './launch.mjs'

ensureDependencies()
process.exit(
  await run(bun(), [join(ROOT, 'worker/cli.ts'), ...process.argv.slice(2)], { cwd: process.cwd() }),
)
