/** The reference's own expectations of this room, and the bytes of its ESRI downloads. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scored } from '../../test/conformance/score.ts'
import { inTemp } from '../system/temp.ts'
import { chooseFile } from './choose_file.ts'
import { download } from './download.ts'
import { withLowerCaseExtension } from './extension_case.ts'
import { type Behave, given, problemOf, withStandin } from './web_standin.ts'
import { isSelected } from './zip_members.ts'

const FOLDER = fileURLToPath(new URL('../../../shared/conformance/', import.meta.url))
const FUNCTIONS = 'functions.json'
const isThere = existsSync(FOLDER)
if (!isThere) console.warn(`skipped, for want of ${FOLDER}: the conformance of worker/download`)

interface Case {
  readonly id: string
  readonly op: string
  readonly paths?: string[]
  readonly path?: string
  readonly names?: string[]
  readonly files?: string[]
  readonly input?: string
  readonly url?: string
  readonly conform?: Record<string, string>
  readonly responses?: { metadata: unknown; count: unknown }
  readonly data_source?: { protocol?: string; conform: { format: string; file?: string } }
  readonly expect: {
    path?: string | null
    result?: boolean
    extension?: string
    same_name?: boolean
    exists?: string[]
    rows?: number
    values?: { row: number; column: string; equals: string }[]
  }
}

interface Route {
  readonly protocol: string
  readonly path: string
  readonly params?: Record<string, string>
  readonly status: number
  readonly location?: string
  readonly file?: string
  readonly body_text?: string
  readonly content_type?: string
  readonly content_disposition?: string
}

function json<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T
}

const cases = isThere ? json<{ cases: Case[] }>(FUNCTIONS).cases : []
const routes = isThere
  ? json<{ routes: Route[]; url_extension_routes: Route[] }>('routes.json')
  : { routes: [], url_extension_routes: [] }

function of(op: string): Case[] {
  return cases.filter((one) => one.op === op)
}

/** A server that answers as the reference's fake web does; the host is left out of account. */
function web(list: readonly Route[]): Behave {
  return ({ path, params }, response) => {
    const { pathname } = new URL(path, 'http://web')
    const route = list.find(
      (one) =>
        one.path === pathname &&
        Object.entries(one.params ?? {}).every(([name, value]) =>
          value === '*' ? params.has(name) : params.get(name) === value,
        ),
    )
    if (route === undefined) return void response.writeHead(404).end()
    const { location, content_type, content_disposition, file } = route
    const elsewhere = location === undefined ? undefined : new URL(location)
    response.writeHead(route.status, {
      ...(content_type === undefined ? {} : { 'content-type': content_type }),
      ...(content_disposition === undefined ? {} : { 'content-disposition': content_disposition }),
      ...(elsewhere === undefined ? {} : { location: elsewhere.pathname + elsewhere.search }),
    })
    response.end(file === undefined ? route.body_text : readFileSync(join(FOLDER, file)))
  }
}

/** The same address at a stand-in. */
function moved(url: string, to: string): string {
  return url.replace(/^https?:\/\/[^/]+/, to)
}

describe.skipIf(!isThere)('find_source_path', () => {
  for (const { id, paths = [], data_source, expect: expected } of of('find_source_path')) {
    scored(FUNCTIONS, id, () => {
      const { format, file } = data_source!.conform
      const choose = (): string => chooseFile(paths, format, file, data_source!.protocol === 'ESRI')
      if (expected.path === null) expect(choose).toThrow()
      else expect(choose()).toBe(expected.path!)
    })
  }
})

describe.skipIf(!isThere)('zip_member_selected', () => {
  for (const { id, path = '', names = [], expect: expected } of of('zip_member_selected')) {
    scored(FUNCTIONS, id, () => expect(isSelected(path, names)).toBe(expected.result!))
  }
})

describe.skipIf(!isThere)('normalize_extension_case', () => {
  for (const { id, files = [], input = '', expect: expected } of of('normalize_extension_case')) {
    scored(FUNCTIONS, id, () =>
      inTemp('case', async (folder) => {
        for (const file of files) writeFileSync(join(folder, file), file)
        const path = await withLowerCaseExtension(join(folder, input))

        expect(basename(path) === input).toBe(expected.same_name!)
        expect(readdirSync(folder)).toEqual(expect.arrayContaining(expected.exists!))
        expect(existsSync(path)).toBe(true)
      }),
    )
  }
})

describe.skipIf(!isThere)('url_extension', () => {
  for (const { id, url = '', expect: expected } of of('url_extension')) {
    scored(FUNCTIONS, id, () =>
      withStandin(web(routes.url_extension_routes), async (server, options) => {
        expect((await download('http', moved(url, server.url), options)).extension).toBe(expected.extension!)
      }),
    )
  }
})

describe.skipIf(!isThere)('esri_download', () => {
  for (const { id, url = '', conform = {}, responses, expect: expected } of of('esri_download')) {
    scored(FUNCTIONS, id, () => {
      const behave: Behave = ({ params }, response) => {
        const isCount = params.has('returnCountOnly')
        const isMetadata = [...params.keys()].join() === 'f'
        if (isMetadata) response.end(JSON.stringify(responses!.metadata))
        else
          response.end(JSON.stringify(isCount ? responses!.count : { error: { code: 400, message: 'no' } }))
      }
      return withStandin(
        responses === undefined ? web(routes.routes) : behave,
        async (server, { folder }) => {
          const { lat, lon, ...attributes } = conform
          const columns = Object.values(attributes)
          const options = given(folder, { columns, ...(lat && lon ? { lat, lon } : {}) })
          const downloaded = download('ESRI', moved(url, server.url), options)
          if (expected.rows === undefined) return expect(await problemOf(downloaded)).toBe('download-failed')

          const cache = await downloaded
          expect(cache.rows).toBe(expected.rows)
          const [header = '', ...rows] = readFileSync(cache.path, 'utf8').split('\r\n')
          for (const { row, column, equals } of expected.values ?? []) {
            expect(header.split(',')).toContain(column)
            expect(rows[row]).toEndWith(equals)
          }
        },
      )
    })
  }
})

/** The reference took what came; these fixtures are excerpts, shorter than the count that goes with them. */
const EXCERPTS = ['process-car', 'process-ks_brown']

const downloads: [golden: string, url: string][] = [
  ['process-car', '/ArcGIS/rest/services/basemap/MapServer/1'],
  ['process-ks_brown', '/ArcGIS/rest/services/Brown/Brown/MapServer/33'],
  ['process-ny_orange', '/ArcGIS/rest/services/Dynamic/LandBase/MapServer/0'],
  ['process-nm_washington', '/arcgis/rest/services/Public/Public_Parcels/MapServer/0'],
  ['process-tx_waco-2', '/arcgis/rest/services/Parcels/MapServer/0'],
  ['process-ua_kharkiv', '/arcgis/rest/services/gis_ort_stat_general/MapServer/1'],
]

describe.skipIf(!isThere)('the cache of an ESRI download has the bytes of the reference', () => {
  for (const [golden, path] of downloads) {
    test(golden, () =>
      withStandin(web(routes.routes), async (server, { folder }) => {
        const { fingerprint } = json<{ fingerprint: string }>(`golden/${golden}/state.json`)
        const [header = ''] = readFileSync(join(FOLDER, `golden/${golden}/extract.csv`), 'utf8').split(
          /\r?\n/,
        )
        const columns = header.split(',').slice(0, -1)
        const options = given(folder, { columns, esri: { acceptShort: EXCERPTS.includes(golden) } })

        expect((await download('ESRI', server.url + path, options)).fingerprint).toBe(fingerprint)
      }),
    )
  }

  for (const [golden, path] of downloads.filter(([golden]) => EXCERPTS.includes(golden))) {
    test(`${golden} is refused when nothing is said, because it is short`, () =>
      withStandin(web(routes.routes), async (server, options) => {
        expect(await problemOf(download('ESRI', server.url + path, options))).toBe('download-incomplete')
      }))
  }

  test('process-tx_runnels asks for a token', () =>
    withStandin(web(routes.routes), async (server, options) => {
      const url = `${server.url}/arcgis/rest/services/Runnels_Services/MapServer/1`
      expect(await problemOf(download('ESRI', url, options))).toBe('token-required')
    }))
})
