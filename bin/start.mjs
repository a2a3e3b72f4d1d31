/** `npm start`: the whole machine on this computer, playing one push of examples/. */
import { bun, ensureDependencies, run } from './launch.mjs'

ensureDependencies()
process.exit(await run(bun(), ['examples/play.ts', ...process.argv.slice(2)]))
