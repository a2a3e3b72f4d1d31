/** Which requests a download makes, in order, beside those of the reference. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { scored } from '../../test/conformance/score.ts'
import { download } from './download.ts'
import { esriLayer, sendError, sendJson, sendText, somePoints, type StandinLayer } from './esri_standin.ts'
import { given, problemOf, withStandin } from './web_standin.ts'

const FILE = fileURLToPath(new URL('../../../shared/conformance/esri.json', import.meta.url))
const isThere = existsSync(FILE)
if (!isThere) console.warn(`skipped, for want of ${FILE}: the request plans of worker/download`)

interface Request {
  readonly method: string
  readonly path: string
  readonly params: Record<string, string>
}

interface RequestPlan {
  readonly name: string
  readonly requests: Request[]
}

const plans = isThere
  ? (JSON.parse(readFileSync(FILE, 'utf8')) as { request_plans: RequestPlan[] }).request_plans
  : []

const PAGED = { advancedQueryCapabilities: { supportsPagination: true } }

/** A server for each plan, as its note describes it. */
const servers: Record<string, StandinLayer> = {
  resultOffset: { rows: somePoints(6), metadata: { ...PAGED, maxRecordCount: 2 } },
  'resultOffset-big-max': { rows: somePoints(1_500), metadata: { ...PAGED, maxRecordCount: 5_000 } },
  'resultOffset-no-maxRecordCount': {
    rows: somePoints(700),
    metadata: { supportsPagination: true, maxRecordCount: undefined },
  },
  'zero rows': { rows: [], metadata: PAGED },
  statistics: { rows: somePoints(7), metadata: { supportsStatistics: true, maxRecordCount: 3 } },
  'statistics-invalid': {
    rows: somePoints(7),
    metadata: { supportsStatistics: true, maxRecordCount: 3 },
    misbehave: (kind, _asked, response) =>
      kind === 'statistics' && sendJson(response, { features: [{ attributes: { THE_MIN: 1, THE_MAX: 9 } }] }),
  },
  'oid-enumeration': {
    rows: [1, 2, 3, 5, 6, 7, 14].map((id) => ({ id, geometry: { x: 1, y: 2 } })),
    metadata: { maxRecordCount: 3 },
  },
  'count unsupported but pagination': {
    rows: somePoints(4),
    metadata: { ...PAGED, maxRecordCount: 3 },
    misbehave: (kind, _asked, response) => kind === 'count' && sendError(response, 400, 'Invalid parameters'),
  },
  objectIdField: { rows: somePoints(2), idField: 'FID', metadata: { objectIdField: 'FID', fields: [] } },
  'no oid field': {
    rows: somePoints(2),
    metadata: { fields: [{ name: 'NAME', type: 'esriFieldTypeString' }] },
    misbehave: (kind, _asked, response) => kind === 'ids' && sendJson(response, { objectIds: [1, 2] }),
  },
  envelopes: {
    rows: [
      [1, 1],
      [9, 1],
      [1, 9],
      [9, 9],
    ].map(([x, y], index) => ({ id: index + 1, geometry: { x, y } })),
    metadata: { maxRecordCount: 2, extent: { xmin: 0, ymin: 0, xmax: 10, ymax: 10 } },
    cap: 2,
    misbehave: (kind, _asked, response) =>
      kind === 'ids' && sendError(response, 400, 'returnIdsOnly is not supported'),
  },
  'retry then success': {
    rows: somePoints(1),
    metadata: { ...PAGED, maxRecordCount: 3 },
    misbehave: (kind, _asked, response, times) =>
      kind === 'page' && times <= 2 && sendText(response, 'oops', 500),
  },
  'retry exhausted': {
    rows: somePoints(1),
    metadata: { ...PAGED, maxRecordCount: 3 },
    misbehave: (kind, _asked, response) => kind === 'page' && sendText(response, 'oops', 500),
  },
  'error in page': {
    rows: somePoints(1),
    metadata: { ...PAGED, maxRecordCount: 3 },
    misbehave: (kind, _asked, response) => kind === 'page' && sendError(response, 500, 'bad'),
  },
  'not json': {
    rows: somePoints(1),
    metadata: { ...PAGED, maxRecordCount: 3 },
    misbehave: (kind, _asked, response) => kind === 'page' && sendText(response, 'not json'),
  },
  'every fifth page pauses': { rows: somePoints(11), metadata: { ...PAGED, maxRecordCount: 1 } },
  'token required': {
    rows: [],
    misbehave: (_kind, _asked, response) => sendError(response, 499, 'Token Required'),
  },
  'error without details': {
    rows: [],
    misbehave: (_kind, _asked, response) => sendJson(response, { error: { code: 400, message: 'bad' } }),
  },
}

/** What becomes of a download that cannot succeed. */
const problems: Record<string, string> = {
  'no oid field': 'download-failed',
  'retry exhausted': 'download-server-error',
  'error in page': 'download-failed',
  'not json': 'download-not-data',
  'token required': 'token-required',
  'error without details': 'download-failed',
}

/** Where we do something else on purpose: how far the requests are the same, and why not further. */
const DELIBERATE: Readonly<Record<string, [same: number, reason: string]>> = {
  'no oid field': [2, 'demand 81: the list of ids may tell what the field is called'],
  envelopes: [4, '§5.2: the reference writes quarters with swapped borders'],
  'retry exhausted': [5, 'demand 83: smaller pages and other ways of paging are tried before giving up'],
  'error in page': [5, 'demand 83: smaller pages and other ways of paging are tried before giving up'],
  'not json': [3, 'demand 82: what is no JSON may pass, and is asked for again'],
}

describe.skipIf(!isThere)('the requests of a download', () => {
  test('are known for every plan of the reference', () => {
    expect(plans.map(({ name }) => name).sort()).toEqual(Object.keys(servers).sort())
  })

  for (const { name, requests } of plans) {
    const [same, reason] = DELIBERATE[name] ?? [requests.length, undefined]
    scored(
      'esri.json',
      name,
      () =>
        withStandin(esriLayer(servers[name]!), async (server, { folder }) => {
          const options = given(folder, { esri: { parallel: 1 }, columns: ['NAME'] })
          const downloaded = download('ESRI', `${server.url}/0`, options)
          if (problems[name] === undefined) expect((await downloaded).rows).toBe(servers[name]!.rows.length)
          else expect(await problemOf(downloaded)).toBe(problems[name])

          const made = server.asked.map(({ method, path, params }) => ({
            method,
            path: new URL(path, 'http://x').pathname.replace(/^\/0/, '') || '/',
            params: Object.fromEntries(params),
          }))
          expect(reason === undefined ? made : made.slice(0, same)).toEqual(
            requests.slice(0, same).map(spelled),
          )
        }),
      { deliberate: reason },
    )
  }
})

/** JSON in a parameter is compared by value: Python puts blanks into it. */
function spelled({ method, path, params }: Request): Request {
  const { geometry } = params
  return geometry === undefined
    ? { method, path, params }
    : { method, path, params: { ...params, geometry: JSON.stringify(JSON.parse(geometry)) } }
}
