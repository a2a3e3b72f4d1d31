import { describe, expect, test } from 'bun:test'
import { downloaded, PAGED } from './esri_order.ts'
import { sendText, somePoints } from './esri_standin.ts'

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
