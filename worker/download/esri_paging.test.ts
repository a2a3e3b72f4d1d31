import { describe, expect, test } from 'bun:test'
import { COUNTED, downloaded, expected, from, names, type Order, PAGED } from './esri_order.ts'
import { esriLayer, sendError, sendJson, somePoints, type StandinLayer } from './esri_standin.ts'
import { type Asked, withStandin } from './web_standin.ts'

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
      // One way was enough; only what is cut in silence, by statistics, is seen by the count alone.
      const others = outcome.lines.filter((line) => line.startsWith('paging by'))
      expect(others).toEqual(
        name === 'by statistics, less and in silence'
          ? ['paging by statistics brought 12 of 25 rows so far']
          : [],
      )
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
