import { describe, expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { download } from './download.ts'
import { type Behave, CSV, csv, given, problemOf, withStandin } from './web_standin.ts'

describe('download over http', () => {
  test('writes the file, hashes it, and asks once under our own name', async () => {
    await withStandin(csv(), async (server, options) => {
      const cache = await download('http', `${server.url}/data.csv`, options)

      expect(cache).toEqual({
        path: `${options.folder}/cache.csv`,
        bytes: 25,
        fingerprint: createHash('md5').update(CSV).digest('hex'),
        extension: '.csv',
        isEsri: false,
      })
      expect(readFileSync(cache.path, 'utf8')).toBe(CSV)
      expect(server.asked).toHaveLength(1)
      expect(server.asked[0]!.headers['user-agent']).toStartWith('openaddresses-machine/')
      expect(options.told.at(-1)).toEqual({ stage: 'download', bytes: 25, bytesTotal: 25 })
    })
  })

  test('asks once also where the address tells no extension', async () => {
    await withStandin(csv(), async (server, options) => {
      const cache = await download('HTTP', `${server.url}/export.aspx?table=1`, options)

      expect(cache.extension).toBe('.csv')
      expect(server.asked).toHaveLength(1)
    })
  })

  test('sends the headers of the source, but none that belong to the connection', async () => {
    await withStandin(csv(), async (server, { folder }) => {
      await download(
        'http',
        `${server.url}/a.csv`,
        given(folder, { headers: { Referer: 'https://x.test', Host: 'evil' } }),
      )

      expect(server.asked[0]!.headers.referer).toBe('https://x.test')
      expect(server.asked[0]!.headers.host).toBe(`127.0.0.1:${server.port}`)
    })
  })

  test('follows redirects, relative ones too', async () => {
    const behave: Behave = ({ path }, response) => {
      if (path === '/data.csv') response.end(CSV)
      else response.writeHead(302, { location: '/data.csv' }).end()
    }
    await withStandin(behave, async (server, options) => {
      expect((await download('http', `${server.url}/old.csv`, options)).bytes).toBe(25)
      expect(server.asked.map(({ path }) => path)).toEqual(['/old.csv', '/data.csv'])
    })
  })

  test('gives up on redirects without end', async () => {
    await withStandin(
      (_asked, response) => void response.writeHead(302, { location: '/again' }).end(),
      async (server, { folder }) => {
        const options = given(folder, { patience: { triesMax: 1 } })
        expect(await problemOf(download('http', `${server.url}/`, options))).toBe('download-failed')
        expect(server.asked).toHaveLength(21)
      },
    )
  })

  test('tells progress at most every quarter of a second', async () => {
    await withStandin(csv(randomBytes(8_000_000)), async (server, options) => {
      const began = performance.now()
      await download('http', `${server.url}/a.csv`, options)
      const quarters = (performance.now() - began) / 250

      expect(options.told.length).toBeLessThanOrEqual(quarters + 2)
    })
  })

  test('undoes a content encoding that it did not ask for', async () => {
    await withStandin(csv(gzipSync(CSV), { 'content-encoding': 'gzip' }), async (server, options) => {
      const cache = await download('http', `${server.url}/data.csv`, options)

      expect(readFileSync(cache.path, 'utf8')).toBe(CSV)
      expect(server.asked[0]!.headers['accept-encoding']).toBe('identity')
    })
  })

  test('leaves nothing but the cache in the folder', async () => {
    await withStandin(csv(), async (server, options) => {
      await download('http', `${server.url}/data.csv`, options)
      expect(readdirSync(options.folder)).toEqual(['cache.csv'])
    })
  })

  const unknown: [protocol: string, url: string, code: string][] = [
    ['gopher', 'http://example.com/', 'unknown-protocol'],
    ['http', 'gopher://example.com/', 'download-forbidden-address'],
    ['http', 'no address', 'download-forbidden-address'],
    ['file', '/etc/passwd', 'download-forbidden-address'],
  ]
  for (const [protocol, url, code] of unknown) {
    test(`refuses ${protocol} with ${url}: ${code}`, async () => {
      expect(await problemOf(download(protocol, url, given('/nowhere')))).toBe(code)
    })
  }
})
