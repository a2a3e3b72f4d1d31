/** `npm run chaos -- --minutes 5`: what dies, and what is still true; arguments are those of test/chaos/main.ts. */
import { join } from 'node:path'
import { bun, ensureDependencies, ROOT, run } from './launch.mjs'

ensureDependencies()
process.exit(await run(bun(), [join(ROOT, 'test/chaos/main.ts'), ...process.argv.slice(2)]))
