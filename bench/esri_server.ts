/**
 * The ESRI server of the benchmark, a process of its own: the stand-in of the tests, with 100 pages of
 * made-up addresses.
 *
 *     esri_server.ts [ready]
 *
 * With `ready` what was asked once is answered from memory afterwards, as fast as a machine can: no server of
 * the world does that, and it shows what the client costs. `/asked` tells what pages were asked for.
 */
import { playEsri } from '../test/standins/esri.ts'
import type { EsriFeature, EsriLayer } from '../test/standins/esri_layer.ts'
import { type Answer, listen } from '../test/standins/server.ts'
import { address, degrees } from './addresses.ts'

const PAGES = 100
const PAGE_ROWS = 1_000

const isReady = process.argv[2] === 'ready'
const { respond } = playEsri({ layers: { '/0': layer() } })
/** By what was asked, which for a page is posted. */
const pages = new Map<string, Answer>()

const server = await listen(async (asked) => {
  if (asked.path === '/asked') return { json: [...pages.keys()] }
  const page = asked.body.toString()
  const known = isReady ? pages.get(page) : undefined
  if (known !== undefined) return known
  const answer = await respond(asked)
  if (page === '') return answer
  const answered = isReady ? await kept(answer) : answer
  pages.set(page, answered)
  return answered
})
process.stdout.write(`${server.url}\n`)
// Whoever started it holds the other end.
process.stdin.on('end', () => void server.close()).resume()

async function kept(answer: Answer): Promise<Answer> {
  if (answer.body === undefined || typeof answer.body === 'string') return answer
  const pieces: Uint8Array[] = []
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) pieces.push(piece)
  return { ...answer, body: Buffer.concat(pieces) }
}

function layer(): EsriLayer {
  const names = Object.keys(address(0).cells)
  const fields = names.map((name) => ({
    name,
    type: name === 'OBJECTID' ? 'esriFieldTypeOID' : 'esriFieldTypeString',
  }))
  const features = Array.from({ length: PAGES * PAGE_ROWS }, (_, row): EsriFeature => {
    const { cells, xy } = address(row)
    const [x, y] = xy === undefined ? [] : degrees(xy)
    return {
      attributes: { ...cells, OBJECTID: row + 1 },
      geometry: x === undefined ? null : { x, y },
    }
  })
  return { name: 'Addresses', fields, features, maxRecordCount: PAGE_ROWS }
}
