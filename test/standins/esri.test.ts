import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type Esri, startEsri } from './esri.ts'
import type { EsriLayer } from './esri_layer.ts'
import { readWhere } from './esri_where.ts'

const PATH = '/Town/Points/FeatureServer/0'

/** Seven features, numbered 1, 2, 3, 5, 6, 7, 9; the last without a place. */
const LAYER: EsriLayer = {
  name: 'Points',
  fields: [
    { name: 'OBJECTID', type: 'esriFieldTypeOID' },
    { name: 'STREET', type: 'esriFieldTypeString' },
  ],
  features: [1, 2, 3, 5, 6, 7, 9].map((id) => ({
    attributes: { OBJECTID: id, STREET: id === 3 ? null : `Street ${id}` },
    geometry: id === 9 ? null : { x: -94 - id / 10, y: 46.123456789 },
  })),
  maxRecordCount: 3,
}

let esri: Esri

beforeAll(async () => {
  esri = await startEsri({ layers: { [PATH]: LAYER } })
})

afterAll(() => esri.close())

beforeEach(() => {
  esri.behaves(PATH, undefined)
  esri.behave()
})

interface Page {
  readonly features?: {
    readonly attributes: Record<string, unknown>
    readonly geometry: Record<string, number>
  }[]
  readonly exceededTransferLimit?: boolean
  readonly count?: number
  readonly objectIds?: number[]
  readonly error?: { readonly code: number; readonly message: string; readonly details: string[] }
}

async function ask(parameters: Record<string, string>): Promise<Page> {
  const query = new URLSearchParams({ f: 'json', where: '1=1', ...parameters })
  const response = await fetch(`${esri.url}${PATH}/query?${query}`)
  return (await response.json()) as Page
}

function ids({ features = [] }: Page): unknown[] {
  return features.map(({ attributes }) => attributes['OBJECTID'])
}

describe('a feature server that behaves', () => {
  test('describes itself as JSON, and as a page for people', async () => {
    const layer = await (await fetch(`${esri.url}${PATH}?f=json`)).json()
    const page = await fetch(`${esri.url}${PATH}`)

    expect(layer).toMatchObject({
      name: 'Points',
      objectIdField: 'OBJECTID',
      geometryType: 'esriGeometryPoint',
      maxRecordCount: 3,
      advancedQueryCapabilities: { supportsPagination: true, supportsStatistics: true },
      fields: [{ name: 'OBJECTID' }, { name: 'STREET', length: 255 }],
    })
    expect(page.headers.get('content-type')).toStartWith('text/html')
  })

  test('counts, and lists ids', async () => {
    expect(await ask({ returnCountOnly: 'true' })).toEqual({ count: 7 })
    expect(await ask({ returnIdsOnly: 'true', where: 'OBJECTID > 5' })).toEqual({
      objectIdFieldName: 'OBJECTID',
      objectIds: [6, 7, 9],
    } as Page)
  })

  test('gives pages of no more than it says, and tells when there are more', async () => {
    const first = await ask({ resultOffset: '0', resultRecordCount: '1000' })
    const last = await ask({ resultOffset: '6', resultRecordCount: '3' })

    expect([ids(first), first.exceededTransferLimit]).toEqual([[1, 2, 3], true])
    expect([ids(last), last.exceededTransferLimit]).toEqual([[9], undefined])
  })

  test('is asked by POST as well', async () => {
    const body = new URLSearchParams({ f: 'json', where: 'OBJECTID >= 2 AND OBJECTID <= 5', outFields: '*' })
    const response = await fetch(`${esri.url}${PATH}/query`, { method: 'POST', body })

    expect(ids((await response.json()) as Page)).toEqual([2, 3, 5])
  })

  test('has coordinates in web Mercator unless it is told otherwise, and rounds them on demand', async () => {
    const [own] = (await ask({ objectIds: '1' })).features!
    const [asked] = (await ask({ objectIds: '1', outSR: '4326', geometryPrecision: '7' })).features!

    expect(own!.geometry['x']).toBeCloseTo(-10_475_164.1, 1)
    expect(own!.geometry['y']).toBeCloseTo(5_800_155.4, 1)
    expect(asked!.geometry).toEqual({ x: -94.1, y: 46.1234568 })
  })

  test('gives null where a feature has no place, and nothing where geometry is not wanted', async () => {
    const [none] = (await ask({ objectIds: '9' })).features!
    const [unwanted] = (await ask({ objectIds: '1', returnGeometry: 'false' })).features!

    expect(none!.geometry).toBeNull()
    expect(unwanted).toEqual({ attributes: { OBJECTID: 1 } } as never)
  })

  test('knows statistics, envelopes and order', async () => {
    const outStatistics = JSON.stringify([
      { statisticType: 'min', onStatisticField: 'OBJECTID', outStatisticFieldName: 'low' },
      { statisticType: 'max', onStatisticField: 'objectid', outStatisticFieldName: 'high' },
    ])
    const envelope = { geometry: '-94.55,46,-94.25,47', geometryType: 'esriGeometryEnvelope', inSR: '4326' }

    expect((await ask({ outStatistics })).features).toEqual([{ attributes: { low: 1, high: 9 } }] as never)
    expect(ids(await ask({ ...envelope, where: '' }))).toEqual([3, 5])
    expect(ids(await ask({ orderByFields: 'OBJECTID DESC' }))).toEqual([9, 7, 6])
  })

  const wrong: [what: string, parameters: Record<string, string>, code: number][] = [
    ['nothing is asked', { where: '' }, 400],
    ['the where is not understood', { where: 'OBJECTID LIKE' }, 400],
    ['a field does not exist', { where: 'NOPE = 1' }, 400],
    ['a field of outFields does not exist', { outFields: 'STREET,NOPE' }, 400],
    ['the system is unknown', { outSR: '99999' }, 400],
  ]
  for (const [what, parameters, code] of wrong) {
    test(`sends an error as 200 when ${what}`, async () => {
      const { error } = await ask(parameters)

      expect(error?.code).toBe(code)
    })
  }

  test('answers as JSON that there is no such service', async () => {
    const response = await fetch(`${esri.url}/None/FeatureServer/0?f=json`)

    expect(await response.json()).toEqual({ error: { code: 404, message: 'Service not found', details: [] } })
  })
})

describe('a feature server that does not', () => {
  test('caps its pages below what it promised, and says nothing of the rest', async () => {
    esri.behaves(PATH, { pageCap: 2, silentLimit: true })

    const page = await ask({ resultOffset: '0', resultRecordCount: '3' })

    expect([ids(page), page.exceededTransferLimit]).toEqual([[1, 2], undefined])
  })

  test('counts wrong, or not at all', async () => {
    esri.behaves(PATH, { countOff: 2 })
    expect(await ask({ returnCountOnly: 'true' })).toEqual({ count: 9 })
    esri.behaves(PATH, { noCount: true })
    expect((await ask({ returnCountOnly: 'true' })).error?.code).toBe(400)
  })

  test('cannot page, nor do statistics, nor list ids, and says so in its description', async () => {
    esri.behaves(PATH, { noPagination: true, noStatistics: true, noIds: true, nullFields: true })

    const layer = (await (await fetch(`${esri.url}${PATH}?f=json`)).json()) as Record<string, unknown>

    expect(layer['fields']).toBeNull()
    expect(layer['supportsPagination']).toBe(false)
    expect((await ask({ resultOffset: '0' })).error?.message).toBe('Pagination is not supported.')
    expect((await ask({ outStatistics: '[]' })).error?.code).toBe(400)
    expect((await ask({ returnIdsOnly: 'true' })).error?.code).toBe(400)
    expect(ids(await ask({}))).toEqual([1, 2, 3])
  })

  test('repeats features of the page before', async () => {
    esri.behaves(PATH, { overlap: 1 })

    expect(ids(await ask({ resultOffset: '3', resultRecordCount: '3' }))).toEqual([3, 5, 6])
  })

  test('fails when asked for too many at once', async () => {
    esri.behaves(PATH, { tooManyAt: 2 })

    expect((await ask({ resultRecordCount: '3' })).error?.code).toBe(500)
    expect(ids(await ask({ resultRecordCount: '2' }))).toEqual([1, 2])
  })

  test('wants a token', async () => {
    esri.behaves(PATH, { token: 'open' })

    expect((await ask({})).error).toEqual({ code: 499, message: 'Token Required', details: [] })
    expect(ids(await ask({ token: 'open' }))).toEqual([1, 2, 3])
  })

  test('fails, hides behind a page, or leaves out details for as many calls as it is told', async () => {
    esri.misbehave({ path: `${PATH}/query`, status: 502 })
    esri.misbehave({
      path: `${PATH}/query`,
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    })
    esri.misbehave({ path: `${PATH}/query`, status: 200, json: { error: { code: 500, message: 'Failed' } } })
    const url = `${esri.url}${PATH}/query?f=json&where=1%3D1&returnCountOnly=true`

    const answers = []
    for (let i = 0; i < 4; i++) {
      const response = await fetch(url)
      answers.push([response.status, (await response.text()).slice(0, 12)])
    }

    expect(answers).toEqual([
      [502, 'Trouble 502\n'],
      [200, '<html>'],
      [200, '{"error":{"c'],
      [200, '{"count":7}'],
    ])
  })
})

describe('readWhere', () => {
  const features = [
    { ID: 1, NAME: "O'Fallon" },
    { ID: 2, NAME: null },
    { ID: 3, NAME: 'Main' },
  ]
  const cases: [where: string, ids: number[]][] = [
    ['1=1', [1, 2, 3]],
    ['1 = 0', []],
    ['ID >= 2', [2, 3]],
    ['ID > 1 AND ID <= 2', [2]],
    ['id = 1 OR id = 3', [1, 3]],
    ['ID IN (1, 3)', [1, 3]],
    ['ID BETWEEN 2 AND 3', [2, 3]],
    ["NAME = 'O''Fallon'", [1]],
    ['NAME IS NULL', [2]],
    ['NAME IS NOT NULL and ID <> 1', [3]],
    ["(ID = 1 OR ID = 2) AND NAME = 'Main'", []],
  ]
  for (const [where, expected] of cases) {
    test(where, () => {
      const test = readWhere(where, ['ID', 'NAME'])

      expect(features.filter(test).map(({ ID }) => ID)).toEqual(expected)
    })
  }
})
