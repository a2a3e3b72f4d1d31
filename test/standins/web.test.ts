import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWeb, type Web } from './web.ts'

let folder: string
let web: Web

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-web-'))
  await writeFile(join(folder, 'letters.csv'), 'abcdefghijklmnopqrstuvwxyz')
  await writeFile(join(folder, 'a.zip'), 'PK')
  web = await startWeb({ folder })
})

afterAll(async () => {
  await web.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  web.behave()
  web.behaves('/letters.csv', undefined)
  web.calls.length = 0
})

describe('a web server that behaves', () => {
  test('serves files with their type and length, and 404 where there is none', async () => {
    const csv = await fetch(`${web.url}/letters.csv`)
    const zip = await fetch(`${web.url}/a.zip`, { method: 'HEAD' })
    const none = await fetch(`${web.url}/none.csv`)

    expect(await csv.text()).toBe('abcdefghijklmnopqrstuvwxyz')
    expect(csv.headers.get('content-type')).toBe('text/csv')
    expect(zip.headers.get('content-type')).toBe('application/zip')
    expect(zip.headers.get('content-length')).toBe('2')
    expect(none.status).toBe(404)
    expect(web.calls.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['GET', '/letters.csv', 200],
      ['HEAD', '/a.zip', 200],
      ['GET', '/none.csv', 404],
    ])
  })

  const ranges: [range: string, status: number, body: string, contentRange: string | null][] = [
    ['bytes=0-2', 206, 'abc', 'bytes 0-2/26'],
    ['bytes=23-', 206, 'xyz', 'bytes 23-25/26'],
    ['bytes=-2', 206, 'yz', 'bytes 24-25/26'],
    ['bytes=24-99', 206, 'yz', 'bytes 24-25/26'],
    ['bytes=99-', 416, '', 'bytes */26'],
    ['lines=1', 200, 'abcdefghijklmnopqrstuvwxyz', null],
  ]
  for (const [range, status, body, contentRange] of ranges) {
    test(`answers ${range} with ${status}`, async () => {
      const response = await fetch(`${web.url}/letters.csv`, { headers: { range } })

      expect(response.status).toBe(status)
      expect(await response.text()).toBe(body)
      expect(response.headers.get('content-range')).toBe(contentRange)
    })
  }

  test('answers 304 to whoever has it already', async () => {
    const etag = (await fetch(`${web.url}/letters.csv`)).headers.get('etag')!

    const again = await fetch(`${web.url}/letters.csv`, { headers: { 'if-none-match': etag } })

    expect(again.status).toBe(304)
  })

  test('does not leave its folder', async () => {
    const response = await fetch(`${web.url}/..%2f..%2fetc%2fpasswd`)

    expect(response.status).toBe(404)
  })
})

describe('the manners of a path', () => {
  test('a short body breaks off before the length that was promised', async () => {
    web.behaves('/letters.csv', { shortAt: 5 })

    const response = await fetch(`${web.url}/letters.csv`)

    expect(response.headers.get('content-length')).toBe('26')
    await expect(response.text()).rejects.toThrow()
  })

  test('a notice is a page with status 200', async () => {
    web.behaves('/letters.csv', { notice: true })

    const response = await fetch(`${web.url}/letters.csv`)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('Scheduled maintenance')
  })

  test('drops come one after the other, at the speed that was asked for', async () => {
    web.behaves('/letters.csv', { dripBytesPerSecond: 52 })
    const start = performance.now()

    const response = await fetch(`${web.url}/letters.csv`)
    const chunks: number[] = []
    for await (const chunk of response.body!) chunks.push((chunk as Uint8Array).length)

    expect(chunks.reduce((sum, length) => sum + length, 0)).toBe(26)
    expect(chunks.length).toBeGreaterThan(2)
    expect(performance.now() - start).toBeGreaterThan(350)
  })

  test('no length, another type, a disposition and a redirect are told as asked', async () => {
    web.behaves('/letters.csv', {
      noLength: true,
      type: 'application/x',
      disposition: 'attachment; filename=b.zip',
    })
    const odd = await fetch(`${web.url}/letters.csv`)
    web.behaves('/letters.csv', { redirect: '/a.zip' })
    const moved = await fetch(`${web.url}/letters.csv`)

    expect(odd.headers.get('content-length')).toBeNull()
    expect(odd.headers.get('content-type')).toBe('application/x')
    expect(odd.headers.get('content-disposition')).toBe('attachment; filename=b.zip')
    expect(await odd.text()).toHaveLength(26)
    expect(await moved.text()).toBe('PK')
  })
})

describe('misbehave', () => {
  test('fails as often as it was told, for the path it was told, and then no more', async () => {
    web.misbehave({ path: '/letters.csv', status: 503, times: 2, headers: { 'retry-after': '1' } })

    const statuses = []
    for (const name of ['letters.csv', 'a.zip', 'letters.csv', 'letters.csv']) {
      const response = await fetch(`${web.url}/${name}`)
      statuses.push([name, response.status, response.headers.get('retry-after')])
    }

    expect(statuses).toEqual([
      ['letters.csv', 503, '1'],
      ['a.zip', 200, null],
      ['letters.csv', 503, '1'],
      ['letters.csv', 200, null],
    ])
  })

  test('lets some calls go well first, and ends when told to', async () => {
    const end = web.misbehave({ after: 1, status: 500, times: 9 })
    const get = async () => (await fetch(`${web.url}/a.zip`)).status

    const before = [await get(), await get()]
    end()

    expect([...before, await get()]).toEqual([200, 500, 200])
  })

  test('comes late, and is still true', async () => {
    web.misbehave({ path: /letters/, delayMs: 120 })
    const start = performance.now()

    const response = await fetch(`${web.url}/letters.csv`)

    expect(response.status).toBe(200)
    expect(performance.now() - start).toBeGreaterThan(110)
  })

  test('never answers', async () => {
    web.misbehave({ hang: true })

    const response = fetch(`${web.url}/a.zip`, { signal: AbortSignal.timeout(150) })

    await expect(response).rejects.toThrow('timed out')
    await response.catch(() => {})
    expect(web.calls.map(({ status }) => status)).toEqual([null])
  })

  test('breaks the connection', async () => {
    web.misbehave({ cut: true, times: 5 })

    await expect(fetch(`${web.url}/a.zip`, { headers: { connection: 'close' } })).rejects.toThrow()
  })
})

test('close ends what hangs on it', async () => {
  const other = await startWeb({ folder })
  other.misbehave({ hang: true })
  const hanging = fetch(`${other.url}/a.zip`).then(
    () => 'answered',
    () => 'ended',
  )
  while (other.calls.length === 0) await Bun.sleep(5)

  await other.close()

  expect(await hanging).toBe('ended')
})
