/** `/dotmap/:edition/:file`: the dot map as PMTiles, from the folder or the bucket where it is kept, by ranges. */
import type { Context } from 'hono'
import type { Doors } from './app.ts'
import { STRANGERS_POLICY } from './headers.ts'
import { missing } from './pages/missing.tsx'

/** As `machine update-dotmap` names them. */
const EDITION = /^[\dTZ-]{18}-[\da-f]{6}$/
const FILE = 'openaddresses.pmtiles'

/** Answer with a dot map. */
export async function dotmapFile(c: Context, { file }: Doors): Promise<Response> {
  const { edition = '', file: name = '' } = c.req.param()
  const absent = () => missing(c, `There is no dot map ${edition}/${name}`)
  if (!EDITION.test(edition) || name !== FILE) return absent()

  const found = await file(`dotmap/${edition}/${name}`, c.req.raw)
  if (found.status === 404) return absent()
  found.headers.set('Content-Security-Policy', STRANGERS_POLICY)
  return found
}
