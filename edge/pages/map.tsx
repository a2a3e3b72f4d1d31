/** `/map`: every address as a dot, in a viewer that asks nobody but us. */
import type { Context } from 'hono'
import { type Dotmap, readCurrentDotmap } from '../../shared/db/dotmaps.ts'
import { droppedSentence } from '../../shared/dotmap.ts'
import { grouped } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'
import { missing } from './missing.tsx'

/** Answer with the map. */
export async function mapPage(c: Context, { sql, file }: Doors): Promise<Response> {
  const map = await readCurrentDotmap(sql)
  if (map === undefined) return missing(c, 'There is no dot map yet: machine update-dotmap makes one')

  const tiles = await tilesOf(map, c.req.raw, file)
  c.header('Content-Security-Policy', policy(tiles))
  return answer(c, { facts: { map: { ...map, tiles } }, view: () => <MapView map={map} tiles={tiles} /> })
}

/** Where a browser reads the tiles: here, or in the bucket that this address would only send it to. */
async function tilesOf({ key }: Dotmap, request: Request, file: Doors['file']): Promise<string> {
  const head = await file(key, new Request(request.url, { method: 'HEAD' }))
  return head.headers.get('Location') ?? `/${key}`
}

/** What the viewer needs beyond other pages: a worker of ours, pictures that it makes itself, and the bucket. */
function policy(tiles: string): string {
  const bucket = tiles.startsWith('/') ? '' : ` ${new URL(tiles).origin}`
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "worker-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${bucket}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function MapView({ map, tiles }: { readonly map: Dotmap; readonly tiles: string }) {
  const dropped = droppedSentence(map.dropped)
  return (
    <Layout title="Map" json="/map.json">
      <link rel="stylesheet" href="/static/maplibre-gl.css" />
      <link rel="stylesheet" href="/static/map.css" />
      <h1>Every address</h1>
      <p>
        {grouped(map.points)} addresses of {grouped(map.sources)} {map.sources === 1 ? 'source' : 'sources'},
        put on the map on{' '}
        <time datetime={map.madeAt.toISOString()}>{map.madeAt.toISOString().slice(0, 10)}</time>. From far
        away a dot stands for many; at the nearest zoom, choose one to read it.
        {dropped !== undefined &&
          ` Not all are there: ${dropped.replace(/\d+/g, (n) => grouped(Number(n)))}.`}
        {map.missing.length > 0 && ` ${grouped(map.missing.length)} sources could not be read.`}
      </p>
      <div id="map" class="dotmap" data-tiles={tiles} data-bounds={map.bounds.join(',')}>
        <p class="quiet" id="map-says">
          The map needs a browser that runs scripts and draws with WebGL. Its data is{' '}
          <a href={tiles}>one file of PMTiles</a>, which GIS programs open too.
        </p>
      </div>
      <script src="/static/pmtiles.js" defer></script>
      <script src="/static/map.js" type="module"></script>
    </Layout>
  )
}
