/** `/runs/:id/:file`: what a run left, from the folder or the bucket where it is kept. */
import type { Context } from 'hono'
import type { Doors } from './app.ts'
import { STRANGERS_POLICY } from './headers.ts'
import { missing } from './pages/missing.tsx'

/** One name: no folder above or below it, nothing hidden. */
const FILE_NAME = /^(?!\.)[^/\\\0]{1,255}$/

/** Answer with a file of a run. */
export async function fileOfRun(c: Context, { file }: Doors): Promise<Response> {
  const { id = '', file: name = '' } = c.req.param()
  if (!/^\d{1,10}$/.test(id) || !FILE_NAME.test(name))
    return missing(c, `Run ${id} can have no file "${name}"`)

  const found = await file(`runs/${Number(id)}/${name}`, c.req.raw)
  if (found.status === 404) return missing(c, `Run ${id} left no file "${name}"`)
  found.headers.set('Content-Security-Policy', STRANGERS_POLICY)
  return found
}
