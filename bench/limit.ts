/**
 * The least that any pipeline takes which reads the data, takes its MD5 and packs the output.
 *
 *     limit.ts DATA OUTPUT
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

const [data = '', output = ''] = process.argv.slice(2)

await pipeline(createReadStream(data, { highWaterMark: 1024 * 1024 }), createHash('md5'))
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
await pipeline(createReadStream(output, { highWaterMark: 1024 * 1024 }), createGzip(), nowhere)
process.stdout.write('done\n')
