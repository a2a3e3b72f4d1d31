import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Site, siteOver, testSite } from '../test/site.ts'
import { elsewhere } from './folder.ts'

const FILE = '/runs/12/out.geojson.gz'

let site: Site

beforeAll(async () => {
  site = await testSite()
  const run = join(site.folder, 'runs/12')
  await mkdir(run, { recursive: true })
  await mkdir(join(run, 'folder'))
  await writeFile(join(run, 'out.geojson.gz'), '0123456789')
  await writeFile(join(run, 'empty.csv'), '')
  await writeFile(join(run, 'name with ü & "quotes".zip'), 'zip')
  await writeFile(join(run, '.hidden'), 'hidden')
  await writeFile(join(run, 'page.html'), '<script>alert(1)</script>')
  await writeFile(join(run, 'picture.svg'), '<svg/>')
  await writeFile(join(run, 'big.csv'), Buffer.alloc(8 * 1024 * 1024, 'x'))
  await writeFile(join(site.folder, 'secret.txt'), 'secret')
  await symlink(tmpdir(), join(run, 'away'))
  await symlink('/etc/passwd', join(run, 'passwd.txt'))
  await symlink(join(run, 'out.geojson.gz'), join(run, 'inside.gz'))
})

afterAll(() => site.close())

describe('a file of a run', () => {
  test('is sent with its type and size, to be kept for ever', async () => {
    const response = await site.ask(FILE)

    expect(await response.text()).toBe('0123456789')
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': '10',
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
  })

  const ranges: [header: string, status: number, text: string, contentRange: string | null][] = [
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=5-1', 200, '0123456789', null],
  ]
  for (const [header, status, text, contentRange] of ranges) {
    test(`answers ${header} with ${status}`, async () => {
      const response = await site.ask(FILE, { headers: { Range: header } })

      expect(response.status).toBe(status)
      expect(response.headers.get('Content-Range')).toBe(contentRange)
      expect(await response.text()).toBe(text)
      if (status === 206) expect(response.headers.get('Content-Length')).toBe(`${text.length}`)
    })
  }

  test('is told of by HEAD, with no byte of it', async () => {
    const response = await site.ask(FILE, { method: 'HEAD', headers: { Range: 'bytes=0-3' } })

    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Length')).toBe('10')
    expect(await response.text()).toBe('')
  })

  test('is not sent again to who has it', async () => {
    const etag = (await site.ask(FILE)).headers.get('ETag')!

    const same = await site.ask(FILE, { headers: { 'If-None-Match': `"other", ${etag}` } })
    const other = await site.ask(FILE, { headers: { 'If-None-Match': '"other"' } })

    expect([same.status, other.status]).toEqual([304, 200])
  })

  test('is sent whole to who has the beginning of another version', async () => {
    const etag = (await site.ask(FILE)).headers.get('ETag')!
    const rest = (tag: string) => site.ask(FILE, { headers: { Range: 'bytes=5-', 'If-Range': tag } })

    expect([(await rest(etag)).status, (await rest('"other"')).status]).toEqual([206, 200])
  })

  test('may be empty', async () => {
    const response = await site.ask('/runs/12/empty.csv')

    expect([response.status, response.headers.get('Content-Length'), await response.text()]).toEqual([
      200,
      '0',
      '',
    ])
    expect((await site.ask('/runs/12/empty.csv', { headers: { Range: 'bytes=0-' } })).status).toBe(416)
  })

  test('may have any name', async () => {
    const response = await site.ask(`/runs/12/${encodeURIComponent('name with ü & "quotes".zip')}`)

    expect(await response.text()).toBe('zip')
  })

  test('may be a link to another file of the folder', async () => {
    expect(await (await site.ask('/runs/12/inside.gz')).text()).toBe('0123456789')
  })

  test('of a stranger is never shown as a page', async () => {
    for (const name of ['page.html', 'picture.svg']) {
      const { headers } = await site.ask(`/runs/12/${name}`)
      expect(headers.get('Content-Type')).toBe('application/octet-stream')
      expect(headers.get('Content-Security-Policy')).toContain('sandbox')
    }
  })

  test('is closed when its reader goes away', async () => {
    const before = (await readdir('/proc/self/fd').catch(() => [])).length
    for (let n = 0; n < 20; n += 1) {
      const reader = (await site.ask('/runs/12/big.csv')).body!.getReader()
      await reader.read()
      await reader.cancel()
    }
    await Bun.sleep(100)

    const after = (await readdir('/proc/self/fd').catch(() => [])).length
    expect(after - before).toBeLessThan(10)
  })
})

describe('there is no file', () => {
  const paths = [
    '/runs/12/nothing.csv',
    '/runs/13/out.geojson.gz',
    '/runs/12/folder',
    '/runs/12/.hidden',
    '/runs/12/..%2f12%2fout.geojson.gz',
    '/runs/12/..%2f..%2fsecret.txt',
    '/runs/12/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/runs/12/..%5c..%5csecret.txt',
    '/runs/12/folder%2f..%2fout.geojson.gz',
    '/runs/12/%2fetc%2fpasswd',
    '/runs/12/out.geojson.gz%00.png',
    '/runs/12/away',
    '/runs/12/away%2fx',
    '/runs/12/passwd.txt',
    '/runs/..%2f..%2fetc/passwd',
    '/runs/..%2fruns%2f12/out.geojson.gz',
    '/runs/1e1/out.geojson.gz',
    '/static/..%2fapp.ts',
    '/static/nothing.css',
    '/static/%2e%2e%2fmain.ts',
    `/runs/12/${'x'.repeat(5_000)}`,
  ]
  for (const path of paths) {
    test(`at ${path.slice(0, 60)}`, async () => {
      const response = await site.ask(path, { headers: { Accept: 'application/json' } })

      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: expect.any(String) })
    })
  }

  test('at all as long as the folder is not there', async () => {
    const early = siteOver(site, join(site.folder, 'later'))

    expect((await early.ask(FILE)).status).toBe(404)
  })

  test('and a browser sees a page that says which', async () => {
    const text = await site.html('/runs/12/nothing.csv')

    expect(text).toContain('Run 12 left no file &quot;nothing.csv&quot;')
  })
})

describe('where a bucket has the files', () => {
  test('people are sent there, whatever a file is called', async () => {
    const away = siteOver(site, site.folder, { file: elsewhere('https://bucket.example/oa') })

    const response = await away.ask('/runs/12/a%20b%3Fc%23d.zip', { redirect: 'manual' })

    expect(response.status).toBe(302)
    expect(response.headers.get('Location')).toBe('https://bucket.example/oa/runs/12/a%20b%3Fc%23d.zip')
  })
})
