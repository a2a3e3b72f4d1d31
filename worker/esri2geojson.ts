/** `machine esri2geojson URL OUT.geojson`: a layer of an ArcGIS server as one GeoJSON file, by the client that runs use. */
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { esriGeojson } from './download/esri_geojson.ts'
import { whole } from './download/cache.ts'
import { downloadEsri } from './download/esri.ts'
import { UsageError } from './options.ts'
import { picture } from './process_picture.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'

const USAGE = `Usage: machine esri2geojson URL OUT.geojson [options]

Fetches all features of a layer of an ArcGIS server, in EPSG:4326, and writes them as one GeoJSON
collection, a feature a line. A download that stays short of the server's own count fails.

  URL                       the layer, such as https://example.com/arcgis/rest/services/A/MapServer/0
  OUT.geojson               the file, replaced when it is there

  -H, --header NAME:VALUE   send this with each request; may stand several times
  -p, --params NAME=VALUE   put this into each query, such as token=abc; may stand several times; but not
                            where, by which the client asks for its pages
  --help                    this text

Exits with 0 when everything is there, 1 when it could not be fetched, 2 when it was called wrongly.`

/** As the table of commands holds it. */
export const esri2geojsonCommand = {
  name: 'esri2geojson',
  summary: 'Fetch a layer of an ArcGIS server as GeoJSON',
  usage: USAGE,
  run,
} as const

interface Request {
  /** With the params in its query. */
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** @returns the exit code */
async function run(argv: readonly string[]): Promise<number> {
  const { url, path, headers } = readRequest(argv)
  const stop = stopSignal(false)
  const drawn = picture('esri2geojson', process.stderr, () => performance.now())
  try {
    const downloaded = await downloadEsri(
      url,
      {
        folder: dirname(path),
        tell: drawn.show,
        log: drawn.line,
        signal: stop.signal,
        headers,
        // Whoever types an address may visit it.
        allowPrivate: true,
      },
      () => esriGeojson(path),
    )
    const { rows = 0 } = whole(downloaded)
    drawn.clear()
    process.stdout.write(`${rows} features in ${path}\n`)
    return 0
  } catch (error) {
    drawn.clear()
    await rm(path, { force: true })
    if (stop.signal.aborted) return exitCode(stop.signal)
    throw error
  } finally {
    stop.release()
  }
}

function readRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv)
  const [address, path, ...more] = positionals
  if (address === undefined || path === undefined) throw new UsageError('expected a URL and an OUT.geojson')
  if (more.length > 0) throw new UsageError(`expected one URL and one OUT.geojson, and found also ${more[0]}`)
  if (!URL.canParse(address)) throw new UsageError(`expected the URL of a layer, got "${address}"`)
  const url = new URL(address)
  for (const [name, value] of pairs(values.params, '=', '--params')) {
    if (name === 'where') throw new UsageError('--params: where is how the client asks for its pages')
    url.searchParams.set(name, value)
  }
  return { url: url.href, path, headers: Object.fromEntries(pairs(values.header, ':', '--header')) }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        header: { type: 'string', short: 'H', multiple: true },
        params: { type: 'string', short: 'p', multiple: true },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function pairs(texts: readonly string[] = [], sign: string, option: string): [name: string, value: string][] {
  return texts.map((text) => {
    const at = text.indexOf(sign)
    if (at < 1) throw new UsageError(`${option}: expected NAME${sign}VALUE, got "${text}"`)
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  })
}
