import { describe, expect, test } from 'bun:test'
import { downloaded, expected, names, PAGED } from './esri_order.ts'
import { sendError, sendJson, somePoints, type StandinLayer } from './esri_standin.ts'
import { problemOf } from './web_standin.ts'

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

  test('a service whose own condition overrides ours is refused: the same page comes again and again', async () => {
    const page = rows.slice(0, 4).map(({ id, attributes, geometry }) => ({
      attributes: { OBJECTID: id, ...attributes },
      geometry,
    }))
    const layer: StandinLayer = {
      rows,
      metadata: { maxRecordCount: 2 },
      misbehave: (kind, _asked, response) => kind === 'page' && sendJson(response, { features: page }),
    }
    const refused = downloaded(layer)
    expect(refused).rejects.toThrow('4 of 8 rows came')
    expect(await problemOf(refused)).toBe('download-incomplete')
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
