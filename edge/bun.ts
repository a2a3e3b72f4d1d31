/** The edge on Bun: `bun edge/bun.ts` serves what main.ts exports. */
import { endWhenTold, exitUnlistened } from './ending.ts'
import main from './main.ts'

try {
  // Without a page of our source for whoever finds an error; and in that mode Bun would share a taken port.
  const server = Bun.serve({ ...main, development: false, reusePort: false })
  console.error(`edge listening at ${server.hostname}:${server.port}`)
  endWhenTold(() => server.stop())
} catch (error) {
  exitUnlistened(error, main.hostname, main.port)
}
