/** Data that is known from an earlier download is not fetched again, by what each kind of server can say. */
import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { inTemp } from '../system/temp.ts'
import type { Downloaded } from './cache.ts'
import { downloadIfChanged } from './download.ts'
import { PAGED } from './esri_order.ts'
import { esriLayer, somePoints } from './esri_standin.ts'
import { ftpStandin } from './ftp_standin.ts'
import { esriValidators, ftpValidators, type Validators } from './validators.ts'
import { type Asked, type Behave, CSV, csv, given, problemOf, withStandin } from './web_standin.ts'

const TUESDAY = 'Tue, 03 Mar 2026 10:00:00 GMT'
const WEDNESDAY = 'Wed, 04 Mar 2026 10:00:00 GMT'

/** A server that has one version of its data, and knows these words of HTTP. */
function versioned(now: Validators): Behave {
  const said = {
    ...(now.etag ? { etag: now.etag } : {}),
    ...(now.lastModified ? { 'last-modified': now.lastModified } : {}),
  }
  return (asked, response, times) => {
    if (isSame(asked, now)) response.writeHead(304, said).end()
    else csv(CSV, said)(asked, response, times)
  }
}

/** As RFC 9110 §13.2.2 says: where a tag is asked for, the date is not looked at. */
function isSame({ headers }: Asked, { etag, lastModified }: Validators): boolean {
  const tag = headers['if-none-match']
  if (tag !== undefined) return tag === etag
  const since = headers['if-modified-since']
  return since !== undefined && lastModified !== undefined && Date.parse(lastModified) <= Date.parse(since)
}

interface Fetched {
  readonly came: Downloaded
  readonly asked: readonly Asked[]
  readonly files: readonly string[]
  readonly lines: readonly string[]
}

function fetched(behave: Behave, earlier?: Validators, path = '/a.csv'): Promise<Fetched> {
  return withStandin(behave, async (server, { folder }) => {
    const options = given(folder, earlier === undefined ? {} : { earlier })
    const protocol = path === '/0' ? 'ESRI' : 'http'
    const came = await downloadIfChanged(protocol, server.url + path, options)
    return { came, asked: server.asked, files: readdirSync(folder), lines: options.lines }
  })
}

describe('a web server', () => {
  const both = { etag: '"v1"', lastModified: TUESDAY }

  test('is asked for the data as ever where nothing is known, and what it says is kept', async () => {
    const { came, asked } = await fetched(versioned(both))

    expect(came).toMatchObject({ bytes: 25, validators: both })
    expect(asked[0]!.headers['if-none-match']).toBeUndefined()
    expect(asked[0]!.headers['if-modified-since']).toBeUndefined()
  })

  const same: [name: string, now: Validators, earlier: Validators][] = [
    ['the tag', both, both],
    ['the tag alone', { etag: '"v1"' }, { etag: '"v1"' }],
    ['a weak tag', { etag: 'W/"v1"' }, { etag: 'W/"v1"' }],
    ['the date alone', { lastModified: TUESDAY }, { lastModified: TUESDAY }],
  ]
  for (const [name, now, earlier] of same) {
    test(`is asked once and sends nothing when ${name} is the same`, async () => {
      const { came, asked, files, lines } = await fetched(versioned(now), earlier)

      expect(came).toBe('unchanged')
      expect(asked).toHaveLength(1)
      expect(files).toEqual([])
      expect(lines).toEqual([expect.stringContaining('is what it was: the server says so by 304')])
    })
  }

  const changed: [name: string, now: Validators, earlier: Validators][] = [
    ['the tag is another', { etag: '"v2"', lastModified: TUESDAY }, both],
    ['the date is later', { lastModified: WEDNESDAY }, { lastModified: TUESDAY }],
    ['the server knows no tags any more', {}, both],
  ]
  for (const [name, now, earlier] of changed) {
    test(`sends the data with the same request when ${name}`, async () => {
      const { came, asked, files } = await fetched(versioned(now), earlier)

      expect(came).toMatchObject({ bytes: 25 })
      expect(asked).toHaveLength(1)
      expect(files).toEqual(['cache.csv'])
      expect(came === 'unchanged' ? {} : (came.validators ?? {})).toEqual(now)
    })
  }

  test('that passes over the question and sends the same tag is not listened to any longer', async () => {
    const { came, files } = await fetched(csv(CSV, { etag: '"v1"' }), { etag: '"v1"' })

    expect(came).toBe('unchanged')
    expect(files).toEqual([])
  })

  test('that sends a weak tag again may have changed the bytes, which are fetched', async () => {
    expect((await fetched(csv(CSV, { etag: 'W/"v1"' }), { etag: 'W/"v1"' })).came).toMatchObject({
      bytes: 25,
    })
  })

  test('is asked so again after a failure, and where it redirects to', async () => {
    const behave: Behave = (asked, response, times) => {
      if (times === 1) response.writeHead(503).end()
      else if (asked.path === '/a.csv') response.writeHead(302, { location: '/b.csv' }).end()
      else versioned(both)(asked, response, times)
    }
    const { came, asked } = await fetched(behave, both)

    expect(came).toBe('unchanged')
    expect(asked.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
      ['/a.csv', '"v1"'],
      ['/a.csv', '"v1"'],
      ['/b.csv', '"v1"'],
    ])
  })

  test('that broke off is asked for the rest, and not whether it has changed', async () => {
    const behave: Behave = (_asked, response, times) => {
      const said = { 'accept-ranges': 'bytes', etag: '"v2"' }
      if (times > 1) {
        const range = { 'content-range': 'bytes 10-24/25', 'content-length': '15' }
        response.writeHead(206, { ...said, ...range }).end(CSV.slice(10))
        return
      }
      response.writeHead(200, { ...said, 'content-length': '25' }).write(CSV.slice(0, 10))
      setTimeout(() => response.destroy(), 20)
    }
    const { came, asked } = await fetched(behave, both)

    expect(came).toMatchObject({ bytes: 25, validators: { etag: '"v2"' } })
    expect([asked[1]!.headers['if-range'], asked[1]!.headers['if-none-match']]).toEqual(['"v2"', undefined])
  })

  test('that answers 304 to no question has failed', async () => {
    expect(await problemOf(fetched((_asked, response) => void response.writeHead(304).end()))).toBe(
      'download-failed',
    )
  })
})

describe('an FTP server', () => {
  async function fromFtp(mdtm: string, earlier?: Validators) {
    return inTemp('ftp', async (folder) => {
      const server = await ftpStandin({ files: { '/a.csv': Buffer.from(CSV) }, answers: { MDTM: mdtm } })
      try {
        const options = given(folder, earlier === undefined ? {} : { earlier })
        const came = await downloadIfChanged('ftp', `ftp://127.0.0.1:${server.port}/a.csv`, options)
        return {
          came,
          asked: server.asked,
          text: came === 'unchanged' ? '' : readFileSync(came.path, 'utf8'),
        }
      } finally {
        await server.close()
      }
    })
  }

  test('tells when its file was modified, and is not asked for it again when that is the same', async () => {
    const { came } = await fromFtp('213 20260303100000')
    expect(came).toMatchObject({ bytes: 25, validators: { lastModified: '2026-03-03T10:00:00Z' } })

    const again = await fromFtp('213 20260303100000', { lastModified: '2026-03-03T10:00:00Z' })
    expect(again.came).toBe('unchanged')
    expect(again.asked.at(-1)).toBe('MDTM /a.csv')
  })

  test('is asked for the file when it is later, or when the server does not tell', async () => {
    const earlier = { lastModified: '2026-03-03T10:00:00Z' }
    expect((await fromFtp('213 20260304100000', earlier)).text).toBe(CSV)
    expect((await fromFtp('500 what?', earlier)).text).toBe(CSV)
  })
})

describe('an ESRI layer', () => {
  const edited = (metadata: object) => esriLayer({ rows: somePoints(3), metadata: { ...PAGED, ...metadata } })
  const EDITS = { editingInfo: { lastEditDate: Date.UTC(2026, 2, 3, 10) } }
  const DATE = '2026-03-03T10:00:00.000Z'

  test('tells when it was edited, and is asked for nothing else when that is the same', async () => {
    expect((await fetched(edited(EDITS), undefined, '/0')).came).toMatchObject({
      rows: 3,
      validators: { lastModified: DATE },
    })

    const { came, asked, lines } = await fetched(edited(EDITS), { lastModified: DATE }, '/0')
    expect(came).toBe('unchanged')
    expect(asked).toHaveLength(1)
    expect(lines).toEqual([expect.stringContaining(`is what it was: last edited ${DATE}`)])
  })

  test('is fetched when it was edited since, or does not tell', async () => {
    const later = { editingInfo: { lastEditDate: Date.UTC(2026, 2, 3, 11) } }
    expect((await fetched(edited(later), { lastModified: DATE }, '/0')).came).toMatchObject({ rows: 3 })
    expect((await fetched(edited({ editingInfo: null }), { lastModified: DATE }, '/0')).came).toMatchObject({
      rows: 3,
    })
  })
})

describe('what servers say', () => {
  const moments: [words: string, lastModified: string | undefined][] = [
    ['20260303100000', '2026-03-03T10:00:00Z'],
    ['20260303100000.123', '2026-03-03T10:00:00Z'],
    ['yesterday', undefined],
  ]
  for (const [words, lastModified] of moments) {
    test(`${words} on FTP is ${lastModified ?? 'nothing'}`, () => {
      expect(ftpValidators(words)?.lastModified).toBe(lastModified)
    })
  }

  const layers: [name: string, metadata: Record<string, unknown>, lastModified: string | undefined][] = [
    ['rows', { editingInfo: { lastEditDate: 1_000 } }, '1970-01-01T00:00:01.000Z'],
    [
      'the newest edit',
      { editingInfo: { lastEditDate: 1_000, schemaLastEditDate: 2_000 } },
      '1970-01-01T00:00:02.000Z',
    ],
    ['no edit', { editingInfo: { lastEditDate: null } }, undefined],
    ['no information', { editingInfo: null }, undefined],
    ['nothing', {}, undefined],
    ['a date beyond time', { editingInfo: { lastEditDate: 1e300 } }, undefined],
  ]
  for (const [name, metadata, lastModified] of layers) {
    test(`${name} in the metadata of a layer`, () => {
      expect(esriValidators(metadata)?.lastModified).toBe(lastModified)
    })
  }
})
