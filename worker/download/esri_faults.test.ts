import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { download } from './download.ts'
import { downloaded, expected, from, names, PAGED } from './esri_order.ts'
import { esriLayer, sendError, sendJson, sendText, somePoints, type StandinLayer } from './esri_standin.ts'
import { given, problemOf, withStandin } from './web_standin.ts'

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
      expect(outcome.lines.join()).not.toContain('paging by')
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
      expect(outcome.lines.join()).not.toContain('paging by')
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
