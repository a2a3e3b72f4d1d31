/** The edge on Node: `node --import tsx edge/node.ts` serves what main.ts exports. */
import { serve } from '@hono/node-server'
import main from './main.ts'

const server = serve(main, ({ address, port }) => console.error(`edge listening at ${address}:${port}`))
server.on('error', (error) => {
  console.error(`edge: ${error.message}`)
  // With nothing to serve, the process ends; an open pool must not keep it.
  throw error
})
