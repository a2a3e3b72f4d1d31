import { describe, expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { download } from './download.ts'
import { type Behave, CSV, csv, given, problemOf, standin, withStandin } from './web_standin.ts'

describe('what a server can do wrong', () => {
  const statuses: [status: number, code: string, tries: number][] = [
    [204, 'download-not-data', 1],
    [400, 'download-failed', 1],
    [401, 'download-blocked', 1],
    [403, 'download-blocked', 1],
    [404, 'download-not-found', 1],
    [408, 'download-timed-out', 3],
    [410, 'download-not-found', 1],
    [429, 'download-failed', 3],
    [499, 'download-failed', 1],
    [500, 'download-server-error', 3],
    [503, 'download-server-error', 3],
  ]
  for (const [status, code, tries] of statuses) {
    test(`${status} is ${code}, asked ${tries} times`, async () => {
      await withStandin(
        (_asked, response) => void response.writeHead(status).end(),
        async (server, { folder }) => {
          const options = given(folder, { patience: { triesMax: 3, delayMs: () => 1 } })
          expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe(code)
          expect(server.asked).toHaveLength(tries)
        },
      )
    })
  }

  test('500 and then the data is fine', async () => {
    const behave: Behave = (_asked, response, times) => {
      if (times < 3) response.writeHead(500).end('<html>oops</html>')
      else response.end(CSV)
    }
    await withStandin(behave, async (server, options) => {
      expect((await download('http', `${server.url}/a.csv`, options)).bytes).toBe(25)
      expect(server.asked).toHaveLength(3)
    })
  })

  test('waits as long as Retry-After says', async () => {
    const behave: Behave = (_asked, response, times) => {
      if (times === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.end(CSV)
    }
    await withStandin(behave, async (server, options) => {
      const began = performance.now()
      await download('http', `${server.url}/a.csv`, options)
      expect(performance.now() - began).toBeGreaterThanOrEqual(990)
    })
  })

  test('a body that ends too early is incomplete, with both numbers', async () => {
    const behave: Behave = (_asked, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('short')
      setTimeout(() => response.destroy(), 20)
    }
    await withStandin(behave, async (server, { folder }) => {
      const options = given(folder, { patience: { triesMax: 2, delayMs: () => 1 } })
      const failed = download('http', `${server.url}/a.csv`, options)
      expect(failed).rejects.toThrow('5 bytes came, 1000 bytes were announced')
      expect(await problemOf(failed)).toBe('download-incomplete')
      expect(server.asked).toHaveLength(2)
    })
  })

  test('a chunked body that breaks off is incomplete', async () => {
    const behave: Behave = (_asked, response) => {
      response.writeHead(200).write('short')
      setTimeout(() => response.destroy(), 20)
    }
    await withStandin(behave, async (server, { folder }) => {
      const options = given(folder, { patience: { triesMax: 1 } })
      expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-incomplete')
    })
  })

  test('a transfer that broke is taken up where it broke', async () => {
    const body = randomBytes(50_000)
    const behave: Behave = ({ headers }, response, times) => {
      const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0)
      const common = { 'accept-ranges': 'bytes', etag: '"v1"' }
      if (times === 1) {
        response.writeHead(200, { ...common, 'content-length': '50000' }).write(body.subarray(0, 20_000))
        setTimeout(() => response.destroy(), 50)
        return
      }
      const range = `bytes ${from}-49999/50000`
      response.writeHead(206, { ...common, 'content-range': range, 'content-length': String(50_000 - from) })
      response.end(body.subarray(from))
    }
    await withStandin(behave, async (server, options) => {
      const cache = await download('http', `${server.url}/a.zip`, options)

      expect(cache.fingerprint).toBe(createHash('md5').update(body).digest('hex'))
      expect(readFileSync(cache.path).equals(body)).toBe(true)
      expect(server.asked[1]!.headers.range).toBe('bytes=20000-')
      expect(server.asked[1]!.headers['if-range']).toBe('"v1"')
    })
  })

  test('a file that changed meanwhile starts again', async () => {
    const behave: Behave = (_asked, response, times) => {
      const headers = { 'accept-ranges': 'bytes', etag: `"v${times}"` }
      if (times > 1) return void response.writeHead(200, headers).end(CSV)
      response.writeHead(200, { ...headers, 'content-length': '1000' }).write('old')
      setTimeout(() => response.destroy(), 20)
    }
    await withStandin(behave, async (server, options) => {
      const cache = await download('http', `${server.url}/a.csv`, options)
      expect(readFileSync(cache.path, 'utf8')).toBe(CSV)
      expect(cache.fingerprint).toBe(createHash('md5').update(CSV).digest('hex'))
    })
  })

  const pages = [
    '<!DOCTYPE html><title>Sign in</title>',
    '\ufeff\n  <html lang="en"><head></head>',
    '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML">',
    '<!-- cached --><HTML >',
  ]
  for (const page of pages) {
    test(`a page is not data: ${JSON.stringify(page)}`, async () => {
      await withStandin(csv(page), async (server, options) => {
        expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-not-data')
        expect(server.asked).toHaveLength(1)
      })
    })
  }

  test('a CSV that is called HTML is data', async () => {
    await withStandin(csv(CSV, { 'content-type': 'text/html' }), async (server, options) => {
      expect((await download('http', `${server.url}/a.csv`, options)).bytes).toBe(25)
    })
  })

  test('nothing at all is not data', async () => {
    await withStandin(csv(''), async (server, options) => {
      expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-not-data')
    })
  })

  test('a server that says nothing has timed out', async () => {
    await withStandin(
      () => {},
      async (server, { folder }) => {
        const options = given(folder, { patience: { triesMax: 2, idleMs: 60, delayMs: () => 1 } })
        expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-timed-out')
        expect(server.asked).toHaveLength(2)
      },
    )
  })

  test('a server that stops in the middle has timed out', async () => {
    await withStandin(
      (_asked, response) => void response.writeHead(200).write('a'),
      async (server, { folder }) => {
        const options = given(folder, { patience: { triesMax: 1, idleMs: 60 } })
        expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-timed-out')
      },
    )
  })

  test('a port where nobody listens has failed', async () => {
    const server = await standin(() => {})
    await server.close()
    const options = given('/tmp', { patience: { triesMax: 1 } })
    expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe('download-failed')
  })

  test('an order to stop is obeyed at once, and is no problem of the source', async () => {
    const stop = new AbortController()
    await withStandin(
      (_asked, response) => {
        response.writeHead(200).write('a')
        setTimeout(() => stop.abort(new Error('told to stop')), 20)
      },
      async (server, { folder }) => {
        const options = given(folder, { signal: stop.signal })
        expect(download('http', `${server.url}/a.csv`, options)).rejects.toThrow('told to stop')
        await download('http', `${server.url}/a.csv`, options).catch(() => {})
        expect(server.asked).toHaveLength(1)
      },
    )
  })

  test('more than the disk holds is not even begun', async () => {
    await withStandin(
      (_asked, response) => {
        response.writeHead(200, { 'content-length': String(2 ** 52) }).write('a')
      },
      async (server, options) => {
        expect(
          await problemOf(download('http', `${server.url}/a.csv`, { ...options, patience: { triesMax: 1 } })),
        ).toBe('disk-full')
      },
    )
  })
})
