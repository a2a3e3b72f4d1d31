/** `npm test`: every test; arguments choose some, as `bun test` does. */
import { bun, ensureDependencies, run } from './launch.mjs'

// Bun does not heed a timeout in bunfig.toml, and its own five seconds are short for a cold Postgres on a busy computer.
const TIMEOUT_MS = 60_000

ensureDependencies()
process.exit(await run(bun(), ['test', `--timeout=${TIMEOUT_MS}`, ...process.argv.slice(2)]))
