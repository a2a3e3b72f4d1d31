// The S3 of the stand-in image: everything in memory, every key accepted, every object readable.
import { startFauxqs } from 'fauxqs'

const server = await startFauxqs({ port: 8333, logger: false })
console.log(`listening on ${server.port}`)
process.once('SIGTERM', () => server.stop().then(() => process.exit(0)))
