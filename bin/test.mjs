/** `npm test`: every test; arguments choose some, as `bun test` does. */
import { bun, ensureDependencies, run } from './launch.mjs'

ensureDependencies()
process.exit(await run(bun(), ['test', ...process.argv.slice(2)]))
