import { describe, expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inTemp } from '../system/temp.ts'
import type { Cache } from './cache.ts'
import { download } from './download.ts'
import { type FtpBehaviour, ftpStandin } from './ftp_standin.ts'
import { given, problemOf } from './web_standin.ts'

const FILE = randomBytes(200_000)
const files = { '/pub/data.zip': FILE, '/pub/mit leerzeichen.csv': Buffer.from('a\n1\n') }

interface Outcome {
  readonly cache: Cache
  readonly content: Buffer
  readonly asked: readonly string[]
}

function fetched(path: string, behaviour: Partial<FtpBehaviour> = {}, login = ''): Promise<Outcome> {
  return inTemp('ftp', async (folder) => {
    const server = await ftpStandin({ files, ...behaviour })
    try {
      const options = given(folder, {
        patience: { triesMax: 2, delayMs: () => 1, idleMs: 300, connectMs: 500 },
      })
      const cache = await download('ftp', `ftp://${login}127.0.0.1:${server.port}${path}`, options)
      return { cache, content: readFileSync(cache.path), asked: server.asked }
    } finally {
      await server.close()
    }
  })
}

describe('download by FTP', () => {
  test('logs in as nobody, asks for the size, and takes the file', async () => {
    const { cache, content, asked } = await fetched('/pub/data.zip')

    expect(content.equals(FILE)).toBe(true)
    expect(cache).toMatchObject({
      bytes: 200_000,
      fingerprint: createHash('md5').update(FILE).digest('hex'),
      extension: '.zip',
      isEsri: false,
    })
    expect(asked).toEqual([
      'USER anonymous',
      'PASS anonymous@',
      'TYPE I',
      'MDTM /pub/data.zip',
      'SIZE /pub/data.zip',
      'EPSV',
      'RETR /pub/data.zip',
    ])
  })

  test('logs in with the name and the password of the address', async () => {
    const { asked } = await fetched('/pub/data.zip', {}, 'ann:s%40crèt@')
    expect(asked.slice(0, 2)).toEqual(['USER ann', 'PASS s@crèt'])
  })

  test('does without SIZE and EPSV, and connects to the host it knows, whatever PASV says', async () => {
    const behaviour = { unknown: ['SIZE', 'EPSV'], host: '10.9.8.7' }
    const { content } = await fetched('/pub/data.zip', behaviour)
    expect(content.equals(FILE)).toBe(true)
  })

  test('sends the path as it is written', async () => {
    expect((await fetched('/pub/mit leerzeichen.csv')).content.toString()).toBe('a\n1\n')
  })

  const faults: [name: string, path: string, behaviour: Partial<FtpBehaviour>, code: string][] = [
    ['a file that is not there', '/pub/none.zip', {}, 'download-not-found'],
    ['a login that is refused', '/pub/data.zip', { answers: { PASS: '530 no' } }, 'download-blocked'],
    [
      'a server with too many users',
      '/pub/data.zip',
      { answers: { USER: '421 come back later' } },
      'download-failed',
    ],
    ['a file that ends too early', '/pub/data.zip', { bytesMax: 1_000 }, 'download-incomplete'],
    ['a file without a byte', '/pub/data.zip', { unknown: ['SIZE'], bytesMax: 0 }, 'download-not-data'],
    ['more than the disk holds', '/pub/data.zip', { answers: { SIZE: `213 ${2 ** 52}` } }, 'disk-full'],
    [
      'a data connection that says nothing',
      '/pub/data.zip',
      { answers: { RETR: '150 wait' } },
      'download-timed-out',
    ],
  ]
  for (const [name, path, behaviour, code] of faults) {
    test(`${name}: ${code}`, async () => {
      expect(await problemOf(fetched(path, behaviour))).toBe(code)
    })
  }

  test('a line break in the address does not become a command', async () => {
    expect(await problemOf(fetched('/pub/data.zip', {}, 'ann%0d%0aDELE%20x:y@'))).toBe('download-failed')
  })
})
