/** `npm run bench`: what rows cost here; arguments are those of bench/main.ts. */
import { join } from 'node:path'
import { bun, ensureDependencies, ROOT, run } from './launch.mjs'

ensureDependencies()
process.exit(await run(bun(), [join(ROOT, 'bench/main.ts'), ...process.argv.slice(2)]))
