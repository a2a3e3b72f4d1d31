import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { EsriManners } from './cache.ts'
import { download } from './download.ts'
import {
  esriLayer,
  sendError,
  sendJson,
  sendText,
  somePoints,
  type StandinLayer,
  type StandinRow,
} from './esri_standin.ts'
import { type Asked, given, problemOf, type Standin, withStandin } from './web_standin.ts'

const PAGED = { supportsPagination: true }
const COUNTED = { supportsStatistics: true }

interface Outcome {
  readonly rows: number | undefined
  readonly text: string
  readonly lines: readonly string[]
  readonly asked: readonly Asked[]
}

interface Order {
  readonly columns?: readonly string[] | null
  readonly lat?: string
  readonly lon?: string
  readonly esri?: EsriManners
  readonly headers?: Record<string, string>
  /** Behind the server's address. */
  readonly path?: string
  readonly idleMs?: number
}

/** Download a layer from a stand-in. */
function downloaded(layer: StandinLayer, order: Order = {}): Promise<Outcome> {
  return withStandin(esriLayer(layer), (server, { folder }) => from(server, folder, order))
}

async function from(
  server: Standin,
  folder: string,
  { path = '/0', idleMs = 2_000, ...order }: Order,
): Promise<Outcome> {
  const patience = { connectMs: 2_000, idleMs, delayMs: () => 1 }
  const options = given(folder, { columns: ['NAME'], patience, ...order })
  const cache = await download('ESRI', server.url + path, options)
  const text = readFileSync(cache.path, 'utf8')
  expect(cache).toMatchObject({ bytes: Buffer.byteLength(text), extension: '.csv', isEsri: true })
  return { rows: cache.rows, text, lines: options.lines, asked: server.asked }
}

/** Names of the rows, in their order. */
function names({ text }: Outcome): string[] {
  return text
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0]!)
}

function expected(rows: readonly StandinRow[]): string[] {
  return rows.map(({ id }) => `row ${id}`)
}

describe('an ESRI layer becomes a CSV', () => {
  test('of the wanted columns, sorted, and the geometry, in lines that end with CRLF', async () => {
    const rows = [{ id: 1, attributes: { B: 'x', A: 2, C: 3 }, geometry: { x: -122.5, y: 37 } }]
    const { text } = await downloaded({ rows, metadata: PAGED }, { columns: ['B', 'A'] })
    expect(text).toBe('A,B,oa:geom\r\n2,x,POINT (-122.5 37)\r\n')
  })

  test('of all fields in their order, where no column is named', async () => {
    const rows = [{ id: 1, attributes: { NAME: 'x', ELSE: 1 }, geometry: { x: 1, y: 2 } }]
    const { text } = await downloaded({ rows, metadata: PAGED }, { columns: null })
    expect(text).toBe('OBJECTID,NAME,oa:geom\r\n1,x,POINT (1 2)\r\n')
  })

  test('of the first feature, where the layer has no fields: null', async () => {
    const metadata = { ...PAGED, fields: null }
    const rows = [{ id: 1, attributes: { NAME: 'x', ELSE: 1 }, geometry: { x: 1, y: 2 } }]
    const { text } = await downloaded({ rows, metadata }, { columns: null })
    expect(text).toBe('OBJECTID,NAME,ELSE,oa:geom\r\n1,x,1,POINT (1 2)\r\n')
  })

  test('with nothing but its header for a layer without rows', async () => {
    const { text, rows } = await downloaded({ rows: [], metadata: PAGED })
    expect(text).toBe('NAME,oa:geom\r\n')
    expect(rows).toBe(0)
  })

  const values: [json: string, text: string][] = [
    ['"plain"', 'plain'],
    ['"a, b"', '"a, b"'],
    ['"say \\"x\\""', '"say ""x"""'],
    ['"two\\nlines"', '"two\nlines"'],
    ['" blank "', ' blank '],
    ['null', ''],
    ['true', 'True'],
    ['12', '12'],
    ['12.0', '12.0'],
    ['12.50', '12.5'],
    ['-0', '0'],
    ['-0.0', '-0.0'],
    ['0.00001', '1e-05'],
    ['1e20', '1e+20'],
    ['12345678901234567890', '12345678901234567890'],
    ['1577836800000', '1577836800000'],
    ['0.1', '0.1'],
    ['NaN', 'nan'],
    ['["a",1.0,null]', '"[\'a\', 1.0, None]"'],
    ['"A1E5 is no number, 5.0 neither"', '"A1E5 is no number, 5.0 neither"'],
    ['"ключ \\u00e9"', 'ключ é'],
    ['"tab\there"', 'tab\there'],
  ]
  for (const [json, text] of values) {
    test(`with ${json} as ${JSON.stringify(text)}`, async () => {
      const page = `{"features":[{"attributes":{"NAME":${json}},"geometry":{"x":1.0,"y":2}}]}`
      const outcome = await downloaded({
        rows: somePoints(1),
        metadata: PAGED,
        misbehave: (kind, _asked, response) => kind === 'page' && sendText(response, page),
      })
      expect(outcome.text).toBe(`NAME,oa:geom\r\n${text},POINT (1 2)\r\n`)
    })
  }

  const geometries: [name: string, geometry: unknown, wkt: string | undefined][] = [
    ['x = 0', { x: 0, y: 5 }, 'POINT (0 5)'],
    ['the text NaN', { x: 'NaN', y: 'NaN' }, 'POINT (NaN NaN)'],
    ['null', null, undefined],
    ['nothing in it', {}, undefined],
    ['x = null', { x: null, y: null }, undefined],
    ['a path with one vertex', { paths: [[[1, 2]]] }, undefined],
    [
      'a path',
      {
        paths: [
          [
            [1, 2],
            [3, 4.5],
          ],
        ],
      },
      '"LINESTRING (1 2, 3 4.5)"',
    ],
    ['no rings', { rings: [] }, undefined],
    [
      'a ring',
      {
        rings: [
          [
            [0, 0],
            [0, 1],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      '"POLYGON ((0 0, 0 1, 1 1, 0 0))"',
    ],
  ]
  for (const [name, geometry, wkt] of geometries) {
    test(`with a geometry of ${name}: ${wkt ?? 'left out, and counted'}`, async () => {
      const rows = [{ id: 1, attributes: { NAME: 'x' }, geometry }, ...somePoints(1, 2)]
      const { text, lines } = await downloaded({ rows, metadata: PAGED })
      const row = wkt === undefined ? '' : `x,${wkt}\r\n`
      expect(text).toBe(`NAME,oa:geom\r\n${row}row 2,POINT (0 50)\r\n`)
      if (wkt === undefined)
        expect(lines.join()).toMatch(/1 features have (no geometry|a geometry that cannot be one)/)
    })
  }

  test('with the coordinates of two columns, where there is no geometry', async () => {
    const rows = [
      { id: 1, attributes: { NAME: 'a', LAT: 34.5, LON: '-86.25' } },
      { id: 2, attributes: { NAME: 'b', LAT: 'north', LON: 1 } },
      { id: 3, attributes: { NAME: 'c', LAT: null, LON: null } },
    ]
    const { text, lines } = await downloaded({ rows, metadata: PAGED }, { lat: 'LAT', lon: 'LON' })
    expect(text).toBe('NAME,oa:geom\r\na,POINT (-86.25 34.5)\r\n')
    expect(lines).toContain('2 features have no geometry, and are left out')
  })

  test('and tells of columns that the layer does not have', async () => {
    const { lines } = await downloaded(
      { rows: somePoints(1), metadata: PAGED },
      { columns: ['NAME', 'STREET'] },
    )
    expect(lines).toContain('the layer has no column STREET; there are OBJECTID, NAME')
  })

  test('with every request under our own name, and with the headers of the source', async () => {
    const { asked } = await downloaded({ rows: somePoints(3) }, { headers: { Referer: 'https://x.test' } })
    expect(asked.length).toBeGreaterThan(2)
    for (const { headers } of asked) {
      expect(headers['user-agent']).toStartWith('openaddresses-machine/')
      expect(headers.referer).toBe('https://x.test')
    }
  })
})

describe('addresses of layers', () => {
  const paths: [path: string, metadata: string, page: string][] = [
    ['/a/0', '/a/0?f=json', '/a/0/query'],
    ['/a/0/', '/a/0?f=json', '/a/0/query'],
    ['/a/0?f=json', '/a/0?f=json', '/a/0/query'],
    ['/a/0/query?f=html', '/a/0?f=json', '/a/0/query'],
    ['/a/0?token=x', '/a/0?token=x&f=json', '/a/0/query?token=x'],
  ]
  for (const [path, metadata, page] of paths) {
    test(path, async () => {
      const { asked } = await downloaded({ rows: somePoints(1), metadata: PAGED }, { path })
      expect(asked[0]!.path).toBe(metadata)
      expect(asked.at(-1)!.path).toBe(page)
    })
  }
})

describe('paging', () => {
  const rows = somePoints(25)
  const layers: [name: string, layer: StandinLayer, order?: Order][] = [
    ['by offset', { rows, metadata: { ...PAGED, maxRecordCount: 10 } }],
    [
      'by offset, the server giving less than it says',
      { rows, metadata: { ...PAGED, maxRecordCount: 10 }, cap: 4 },
    ],
    [
      'by offset, less and in silence',
      { rows, metadata: { ...PAGED, maxRecordCount: 10 }, cap: 4, isSilent: true },
    ],
    [
      'by offset, one row at a time',
      { rows, metadata: { ...PAGED, maxRecordCount: 10 }, cap: 1, isSilent: true },
    ],
    ['by statistics', { rows, metadata: { ...COUNTED, maxRecordCount: 10 } }],
    [
      'by statistics, the server giving less than it says',
      { rows, metadata: { ...COUNTED, maxRecordCount: 10 }, cap: 4 },
    ],
    [
      'by statistics, less and in silence',
      { rows, metadata: { ...COUNTED, maxRecordCount: 10 }, cap: 4, isSilent: true },
    ],
    ['by ids', { rows, metadata: { maxRecordCount: 10 } }],
    [
      'by ids, the server giving less in silence',
      { rows, metadata: { maxRecordCount: 10 }, cap: 4, isSilent: true },
    ],
    [
      'by ids, as the order says',
      { rows, metadata: { ...PAGED, maxRecordCount: 10 } },
      { esri: { strategy: 'ids' } },
    ],
    ['in small pages, as the order says', { rows, metadata: PAGED }, { esri: { pageRowsMax: 5 } }],
    ['three at once', { rows, metadata: { ...PAGED, maxRecordCount: 2 } }, { esri: { parallel: 3 } }],
  ]
  for (const [name, layer, order] of layers) {
    test(name, async () => {
      const outcome = await downloaded(layer, order)
      expect(names(outcome).sort()).toEqual(expected(rows).sort())
      expect(outcome.rows).toBe(25)
    })
  }

  test('keeps the order of the rows, whichever page comes first', async () => {
    const layer: StandinLayer = { rows, metadata: { ...PAGED, maxRecordCount: 5 } }
    const behave = esriLayer(layer)
    const outcome = await withStandin(
      (asked, response, times) => {
        // Every second page is late.
        setTimeout(() => behave(asked, response, times), asked.params.get('resultOffset') === '0' ? 60 : 0)
      },
      (server, { folder }) => from(server, folder, { esri: { parallel: 3 } }),
    )
    expect(names(outcome)).toEqual(expected(rows))
  })

  test('has no more pages under way than it may', async () => {
    let underWay = 0
    let most = 0
    const behave = esriLayer({ rows, metadata: { ...PAGED, maxRecordCount: 2 } })
    await withStandin(
      (asked, response, times) => {
        underWay++
        most = Math.max(most, underWay)
        setTimeout(() => {
          underWay--
          behave(asked, response, times)
        }, 5)
      },
      (server, { folder }) => from(server, folder, {}),
    )
    expect(most).toBe(2)
  })

  test('by statistics is left alone where ids lie far apart', async () => {
    const far = [
      { ...rows[0]!, id: 1 },
      { ...rows[1]!, id: 2_000_000_000 },
    ]
    const { rows: number, asked } = await downloaded({
      rows: far,
      metadata: { ...COUNTED, maxRecordCount: 10 },
    })
    expect(number).toBe(2)
    expect(asked.filter(({ params }) => params.has('outFields') && params.has('outSR'))).toHaveLength(1)
  })

  test('by envelopes takes a row on a border once', async () => {
    const grid = Array.from({ length: 25 }, (_, index) => ({
      id: index + 1,
      attributes: { NAME: `row ${index + 1}` },
      geometry: { x: index % 5, y: Math.floor(index / 5) },
    }))
    const outcome = await downloaded({
      rows: grid,
      metadata: { maxRecordCount: 4, extent: { xmin: 0, ymin: 0, xmax: 4, ymax: 4 } },
      cap: 4,
      misbehave: (kind, _asked, response) => kind === 'ids' && sendError(response, 400, 'Not supported'),
    })
    expect(names(outcome).sort()).toEqual(expected(grid).sort())
    expect(outcome.lines.join()).toMatch(/features came more than once/)
  })

  const fallbacks: [name: string, layer: StandinLayer][] = [
    [
      'pagination is refused though it is offered',
      {
        rows,
        metadata: PAGED,
        misbehave: (kind, { params }, response) =>
          kind === 'page' &&
          params.has('resultOffset') &&
          sendError(response, 400, 'Pagination is not supported.'),
      },
    ],
    [
      'rows are not counted',
      {
        rows,
        metadata: PAGED,
        misbehave: (kind, _asked, response) => kind === 'count' && sendError(response, 400, 'no'),
      },
    ],
    [
      'statistics are refused though they are offered',
      {
        rows,
        metadata: COUNTED,
        misbehave: (kind, _asked, response) => kind === 'statistics' && sendError(response, 400, 'no'),
      },
    ],
    [
      'statistics come without features',
      {
        rows,
        metadata: COUNTED,
        misbehave: (kind, _asked, response) => kind === 'statistics' && sendJson(response, {}),
      },
    ],
    [
      'statistics are made up',
      {
        rows,
        metadata: COUNTED,
        misbehave: (kind, _asked, response) =>
          kind === 'statistics' && sendJson(response, { features: [{ attributes: { A: null, B: 'x' } }] }),
      },
    ],
    [
      'the field of the ids is named only with the ids',
      { rows, metadata: { fields: [{ name: 'NAME', type: 'esriFieldTypeString' }] } },
    ],
    [
      'the field of the ids is the last one',
      {
        rows,
        metadata: {
          fields: [
            { name: 'NAME', type: 'esriFieldTypeString' },
            { name: 'SHAPE', type: 'esriFieldTypeGeometry' },
            { name: 'OBJECTID', type: 'esriFieldTypeOID' },
          ],
        },
      },
    ],
    [
      'the offset is passed over',
      { rows, metadata: { ...PAGED, maxRecordCount: 10 }, misbehave: alwaysTheFirst },
    ],
  ]
  for (const [name, layer] of fallbacks) {
    test(`finds another way when ${name}`, async () => {
      const outcome = await downloaded(layer)
      expect(names(outcome).sort()).toEqual(expected(rows).sort())
    })
  }

  /** Any offset gives the first ten rows: seen where a condition of the service overrides the paging. */
  function alwaysTheFirst(
    kind: string,
    { params }: Asked,
    response: Parameters<typeof sendJson>[0],
  ): boolean {
    if (kind !== 'page' || !params.has('resultOffset')) return false
    const features = rows.slice(0, 10).map(({ id, attributes, geometry }) => ({
      attributes: { OBJECTID: id, ...attributes },
      geometry,
    }))
    return sendJson(response, { features })
  }
})

describe('the count is the measure', () => {
  const rows = somePoints(8)

  test('fewer rows than counted are refused, with both numbers', async () => {
    const layer: StandinLayer = {
      rows,
      metadata: { ...PAGED, maxRecordCount: 3 },
      misbehave: (kind, _asked, response) => kind === 'count' && sendJson(response, { count: 20 }),
    }
    const refused = downloaded(layer)
    expect(refused).rejects.toThrow('8 of 20 rows came')
    expect(await problemOf(refused)).toBe('download-incomplete')
  })

  test('fewer rows are accepted where the order says so, and told', async () => {
    const layer: StandinLayer = {
      rows,
      metadata: PAGED,
      misbehave: (kind, _asked, response) => kind === 'count' && sendJson(response, { count: 20 }),
    }
    const { rows: number, lines } = await downloaded(layer, { esri: { acceptShort: true } })
    expect(number).toBe(8)
    expect(lines).toContain('8 of 20 rows came, which is accepted here')
  })

  test('fewer rows than the list of ids are refused as well', async () => {
    const layer: StandinLayer = {
      rows,
      misbehave: (kind, _asked, response) => {
        if (kind === 'count') return sendError(response, 400, 'no')
        return kind === 'ids' && sendJson(response, { objectIds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] })
      },
    }
    const refused = downloaded(layer)
    expect(refused).rejects.toThrow('8 of 11 rows came')
    expect(await problemOf(refused)).toBe('download-incomplete')
  })

  test('more rows than counted are welcome: some were added since', async () => {
    const layer: StandinLayer = {
      rows,
      metadata: PAGED,
      misbehave: (kind, _asked, response) => kind === 'count' && sendJson(response, { count: 6 }),
    }
    expect((await downloaded(layer)).rows).toBe(8)
  })

  test('pages that overlap are filled in by another way, and each row is taken once', async () => {
    const layer: StandinLayer = {
      rows,
      metadata: { ...PAGED, maxRecordCount: 4 },
      misbehave: (kind, { params }, response) => {
        if (kind !== 'page' || !params.has('resultOffset')) return false
        const start = Number(params.get('resultOffset')) / 2
        const features = rows.slice(start, start + 4).map(({ id, attributes, geometry }) => ({
          attributes: { OBJECTID: id, ...attributes },
          geometry,
        }))
        return sendJson(response, { features })
      },
    }
    const outcome = await downloaded(layer)
    expect(names(outcome).sort()).toEqual(expected(rows))
  })

  test('an id that two rows have is taken once, and the download is not short for that', async () => {
    const layer: StandinLayer = { rows: [...rows, rows[0]!, rows[1]!] }
    const { rows: number, lines } = await downloaded(layer)
    expect(number).toBe(8)
    expect(lines).toContain('2 rows have an object id that another row has, too: left out')
  })

  test('rows without ids are all taken', async () => {
    const page = { features: [1, 2, 3].map((x) => ({ attributes: { NAME: 'same' }, geometry: { x, y: 0 } })) }
    const layer: StandinLayer = {
      rows: somePoints(3),
      metadata: { ...PAGED, fields: null },
      misbehave: (kind, _asked, response) => kind === 'page' && sendJson(response, page),
    }
    expect((await downloaded(layer)).rows).toBe(3)
  })
})

describe('what a server can do wrong', () => {
  const rows = somePoints(20)
  const metadata = { ...PAGED, maxRecordCount: 10 }
  type Misbehave = NonNullable<StandinLayer['misbehave']>

  const passing: [name: string, misbehave: Misbehave][] = [
    [
      '500',
      (kind, _asked, response, times) => kind === 'page' && times === 1 && sendText(response, 'oops', 500),
    ],
    [
      '504 for the metadata',
      (kind, _asked, response, times) => kind === 'metadata' && times < 3 && sendText(response, '', 504),
    ],
    [
      '503 for the count',
      (kind, _asked, response, times) => kind === 'count' && times < 3 && sendText(response, '', 503),
    ],
    [
      'an error with status 200',
      (kind, _asked, response, times) =>
        kind === 'page' && times < 3 && sendError(response, 500, 'Error performing query operation'),
    ],
    [
      'an error without details',
      (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendJson(response, { error: { code: 500 } }),
    ],
    [
      'an error that is a text',
      (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendJson(response, { error: 'busy' }),
    ],
    [
      'an error that is a status',
      (kind, _asked, response, times) =>
        kind === 'page' &&
        times === 1 &&
        sendJson(response, { status: 'error', messages: ['busy'], code: 500 }),
    ],
    [
      'a page of HTML',
      (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendText(response, '<html>wait</html>'),
    ],
    [
      'a page of HTML for the metadata',
      (kind, _asked, response, times) =>
        kind === 'metadata' && times === 1 && sendText(response, '<html>wait</html>'),
    ],
    [
      'half of its JSON',
      (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendText(response, '{"features":[{"attr'),
    ],
    ['a list', (kind, _asked, response, times) => kind === 'page' && times === 1 && sendJson(response, [])],
    [
      'no features',
      (kind, _asked, response, times) => kind === 'page' && times === 1 && sendJson(response, {}),
    ],
    [
      'features: null',
      (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendJson(response, { features: null }),
    ],
    ['nothing', (kind, _asked, response, times) => kind === 'page' && times === 1 && sendText(response, '')],
    [
      'a lost connection',
      (kind, _asked, response, times) => {
        if (kind !== 'page' || times !== 1) return false
        response.writeHead(200).write('{"feat')
        setTimeout(() => response.destroy(), 10)
        return true
      },
    ],
    ['no answer', (kind, _asked, _response, times) => kind === 'page' && times === 1],
  ]
  for (const [name, misbehave] of passing) {
    test(`${name}, and then the page: all is well`, async () => {
      const outcome = await downloaded({ rows, metadata, misbehave }, { idleMs: 100 })
      expect(names(outcome)).toEqual(expected(rows))
    })
  }

  const lasting: [name: string, code: string, misbehave: Misbehave][] = [
    ['a token', 'token-required', (_kind, _asked, response) => sendError(response, 499, 'Token Required')],
    [
      'a token, by status',
      'token-required',
      (_kind, _asked, response) =>
        sendJson(response, { error: { code: 499, message: 'Token Required' } }, 499),
    ],
    [
      'a token, for pages',
      'token-required',
      (kind, _asked, response) => kind === 'page' && sendError(response, 498, 'Invalid Token'),
    ],
    [
      'no rights',
      'download-blocked',
      (_kind, _asked, response) => sendError(response, 403, 'You do not have permissions'),
    ],
    ['403', 'download-blocked', (_kind, _asked, response) => sendText(response, 'no', 403)],
    [
      '403 for pages',
      'download-blocked',
      (kind, _asked, response) => kind === 'page' && sendText(response, 'no', 403),
    ],
    ['404', 'download-not-found', (_kind, _asked, response) => sendText(response, 'no', 404)],
    [
      'no such service',
      'download-not-found',
      (_kind, _asked, response) => sendError(response, 400, 'Invalid URL'),
    ],
    ['500', 'download-server-error', (_kind, _asked, response) => sendText(response, 'no', 500)],
    [
      'an error',
      'download-failed',
      (kind, _asked, response) =>
        kind === 'page' && sendError(response, 500, 'Error performing query operation'),
    ],
    [
      'a page of HTML',
      'download-not-data',
      (_kind, _asked, response) => sendText(response, '<html><title>Maps</title></html>'),
    ],
    [
      'a rejection with status 200',
      'download-blocked',
      (kind, _asked, response) =>
        kind === 'page' &&
        sendText(response, '<html><title>Request Rejected</title>The requested URL was rejected.</html>'),
    ],
  ]
  for (const [name, code, misbehave] of lasting) {
    test(`${name}, always: ${code}`, async () => {
      expect(await problemOf(downloaded({ rows, metadata, misbehave }))).toBe(code)
    })
  }

  test("the server's own words are told", async () => {
    const misbehave: Misbehave = (kind, _asked, response) =>
      kind === 'page' &&
      sendJson(response, {
        error: { code: 400, message: 'Failed to execute query.', details: ['Bad field.'] },
      })
    expect(downloaded({ rows, metadata, misbehave })).rejects.toThrow(
      'the server says: Failed to execute query. Bad field. (400)',
    )
    await downloaded({ rows, metadata, misbehave }).catch(() => {})
  })

  const limits: [name: string, refuse: Misbehave][] = [
    ['by 500', (_kind, _asked, response) => sendText(response, 'too much', 500)],
    ['by an error', (_kind, _asked, response) => sendError(response, 400, 'Unable to complete operation.')],
    ['by silence', () => true],
  ]
  for (const [name, refuse] of limits) {
    test(`a server that bears only small pages, and says so ${name}, is asked for small ones`, async () => {
      const misbehave: Misbehave = (kind, asked, response, times) =>
        kind === 'page' &&
        Number(asked.params.get('resultRecordCount')) > 3 &&
        refuse(kind, asked, response, times)
      const outcome = await downloaded({ rows, metadata, misbehave }, { idleMs: 50 })
      expect(names(outcome)).toEqual(expected(rows))
      expect(outcome.lines).toContain('asking for smaller pages, of 3 rows at most')
    })
  }

  test('a server that is down is not asked for ever', async () => {
    const misbehave: Misbehave = (kind, _asked, response) =>
      kind === 'page' && sendText(response, 'oops', 500)
    await withStandin(esriLayer({ rows, metadata, misbehave }), async (server, { folder }) => {
      expect(await problemOf(from(server, folder, {}))).toBe('download-server-error')
      expect(server.asked.length).toBeLessThan(40)
    })
  })

  test('a failure makes it ask for one page at a time', async () => {
    let underWay = 0
    const together: number[] = []
    const behave = esriLayer({
      rows,
      metadata: { ...PAGED, maxRecordCount: 2 },
      misbehave: (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendText(response, '', 500),
    })
    await withStandin(
      (asked, response, times) => {
        together.push(++underWay)
        setTimeout(() => {
          underWay--
          behave(asked, response, times)
        }, 5)
      },
      (server, { folder }) => from(server, folder, {}),
    )
    expect(together.slice(5)).toEqual(together.slice(5).map(() => 1))
  })

  test('Retry-After is obeyed', async () => {
    const misbehave: Misbehave = (kind, _asked, response, times) => {
      if (kind !== 'page' || times > 1) return false
      response.writeHead(503, { 'retry-after': '1' }).end()
      return true
    }
    const began = performance.now()
    await downloaded({ rows, metadata, misbehave })
    expect(performance.now() - began).toBeGreaterThanOrEqual(990)
  })

  test('a server that takes no POST is asked by GET', async () => {
    const behave = esriLayer({ rows, metadata })
    const outcome = await withStandin(
      (asked, response, times) => {
        if (asked.method === 'POST') sendText(response, 'no', 405)
        else behave(asked, response, times)
      },
      (server, { folder }) => from(server, folder, { esri: { parallel: 1 } }),
    )
    expect(names(outcome)).toEqual(expected(rows))
    expect(outcome.asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST', 'GET', 'GET'])
  })

  test('a POST that is redirected keeps its form', async () => {
    const behave = esriLayer({ rows, metadata })
    const outcome = await withStandin(
      (asked, response, times) => {
        if (asked.path.startsWith('/old'))
          response.writeHead(301, { location: asked.path.replace('/old', '') }).end()
        else behave(asked, response, times)
      },
      (server, { folder }) => from(server, folder, { path: '/old/0' }),
    )
    expect(names(outcome)).toEqual(expected(rows))
  })

  test('gzipped pages are fine', async () => {
    const page = { features: [{ attributes: { OBJECTID: 1, NAME: 'x' }, geometry: { x: 1, y: 2 } }] }
    const misbehave: Misbehave = (kind, { headers }, response) => {
      if (kind !== 'page') return false
      expect(headers['accept-encoding']).toContain('gzip')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(page)))
      return true
    }
    expect((await downloaded({ rows: somePoints(1), metadata, misbehave })).text).toBe(
      'NAME,oa:geom\r\nx,POINT (1 2)\r\n',
    )
  })

  test('an order to stop is obeyed at once', async () => {
    const stop = new AbortController()
    const behave = esriLayer({ rows, metadata })
    await withStandin(
      (asked, response, times) => {
        if (asked.method === 'POST') stop.abort(new Error('told to stop'))
        else behave(asked, response, times)
      },
      async (server, { folder }) => {
        const options = given(folder, { signal: stop.signal })
        const failed = await download('ESRI', `${server.url}/0`, options).catch((error: unknown) => error)
        expect(failed).toEqual(new Error('told to stop'))
      },
    )
  })
})
