/** The edge on Node: `node --import tsx edge/node.ts` serves what main.ts exports. */
import { serve } from '@hono/node-server'
import { endWhenTold, exitUnlistened } from './ending.ts'
import main from './main.ts'

const server = serve(main, ({ address, port }) => console.error(`edge listening at ${address}:${port}`))
server.on('error', (error) => exitUnlistened(error, main.hostname, main.port))
endWhenTold(() => new Promise((resolve) => server.close(resolve)))
