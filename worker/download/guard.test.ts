import { describe, expect, test } from 'bun:test'
import { download } from './download.ts'
import { isPrivate, visitable } from './guard.ts'
import { given, problemOf, standin, withStandin } from './web_standin.ts'

describe('isPrivate', () => {
  const cases: [address: string, expected: boolean][] = [
    ['127.0.0.1', true],
    ['127.255.255.254', true],
    ['0.0.0.0', true],
    ['10.1.2.3', true],
    ['100.64.0.1', true],
    ['169.254.169.254', true],
    ['172.16.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['8.8.8.8', false],
    ['93.184.215.14', false],
    ['::1', true],
    ['::', true],
    ['fe80::1', true],
    ['fe80::1%eth0', true],
    ['fd00:ec2::254', true],
    ['ff02::1', true],
    ['2606:4700::1111', false],
    ['::ffff:127.0.0.1', true],
    ['::ffff:7f00:1', true],
    ['::ffff:8.8.8.8', false],
    ['::127.0.0.1', true],
    ['64:ff9b::7f00:1', true],
    ['64:ff9b::808:808', false],
    ['2002:a00:1::1', true],
    ['2002:808:808::1', false],
    ['localhost', true],
  ]
  for (const [address, expected] of cases) {
    test(`${address}: ${expected}`, () => expect(isPrivate(address)).toBe(expected))
  }
})

describe('visitable', () => {
  const fence = { allowPrivate: false }
  const urls = [
    'http://localhost/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
  ]
  for (const url of urls) {
    test(`refuses ${url}`, async () => {
      expect(await problemOf(visitable(new URL(url), fence))).toBe('download-forbidden-address')
    })
  }

  test('refuses a name of which one address of several is private', async () => {
    const resolve = async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    const asked = visitable(new URL('http://data.test/'), { ...fence, resolve })
    expect(asked).rejects.toThrow('data.test (10.0.0.1) is not on the public internet')
    expect(await problemOf(asked)).toBe('download-forbidden-address')
  })

  test('lets a host through that is allowed by name, and only that port', async () => {
    const allowed = { ...fence, allowHosts: ['127.0.0.1:8080'] }
    expect(await visitable(new URL('http://127.0.0.1:8080/'), allowed)).toEqual([
      { address: '127.0.0.1', family: 4 },
    ])
    expect(await problemOf(visitable(new URL('http://127.0.0.1:5432/'), allowed))).toBe(
      'download-forbidden-address',
    )
  })

  test('a name that nobody knows is a failed download', async () => {
    const resolve = async () => {
      throw new Error('ENOTFOUND')
    }
    expect(await problemOf(visitable(new URL('http://data.test/'), { ...fence, resolve }))).toBe(
      'download-failed',
    )
  })
})

describe('a download behind the fence', () => {
  test('a private address is not visited', async () => {
    await withStandin(
      (_asked, response) => void response.end('secret'),
      async (server, { folder }) => {
        const options = given(folder, { allowPrivate: false })
        expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe(
          'download-forbidden-address',
        )
        expect(await problemOf(download('ESRI', `${server.url}/0`, options))).toBe(
          'download-forbidden-address',
        )
        expect(await problemOf(download('ftp', `ftp://127.0.0.1:${server.port}/a.csv`, options))).toBe(
          'download-forbidden-address',
        )
        expect(server.asked).toHaveLength(0)
      },
    )
  })

  test('a redirect to a private address is not followed', async () => {
    const inside = await standin((_asked, response) => void response.end('secret'))
    try {
      await withStandin(
        (_asked, response) => void response.writeHead(302, { location: `${inside.url}/admin` }).end(),
        async (outside, { folder }) => {
          const options = given(folder, { allowPrivate: false, allowHosts: [`127.0.0.1:${outside.port}`] })
          expect(await problemOf(download('http', `${outside.url}/a.csv`, options))).toBe(
            'download-forbidden-address',
          )
          expect(outside.asked).toHaveLength(1)
          expect(inside.asked).toHaveLength(0)
        },
      )
    } finally {
      await inside.close()
    }
  })

  test('a redirect to a file is not followed', async () => {
    await withStandin(
      (_asked, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      async (server, options) => {
        expect(await problemOf(download('http', `${server.url}/a.csv`, options))).toBe(
          'download-forbidden-address',
        )
      },
    )
  })

  test('a connection goes to the address that the guard looked at, whatever the name says later', async () => {
    const looked = await standin((_asked, response) => void response.end('number\n1\n'), '127.0.0.2')
    const rebound = await standin((_asked, response) => void response.end('secret'), '127.0.0.1', looked.port)
    let times = 0
    const resolve = async () => {
      times++
      return [{ address: times === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]
    }
    try {
      await withStandin(
        () => {},
        async (_server, { folder }) => {
          const options = given(folder, { resolve })
          await download('http', `http://data.test:${looked.port}/a.csv`, options)

          expect(times).toBe(1)
          expect(looked.asked.map(({ headers }) => headers.host)).toEqual([`data.test:${looked.port}`])
          expect(rebound.asked).toHaveLength(0)
        },
      )
    } finally {
      await looked.close()
      await rebound.close()
    }
  })

  test('a name that becomes private between two tries is refused at the second', async () => {
    const looked = await standin((_asked, response) => void response.writeHead(503).end(), '127.0.0.2')
    let times = 0
    const resolve = async () => {
      times++
      return [{ address: times === 1 ? '127.0.0.2' : '169.254.169.254', family: 4 }]
    }
    // The fence is moved for the stand-in alone: whoever has its address is let through.
    const options = given('/tmp', { resolve, allowPrivate: false, allowHosts: [] })
    const fence = {
      ...options,
      get allowPrivate() {
        return times <= 1
      },
    }
    try {
      expect(await problemOf(download('http', `http://data.test:${looked.port}/a.csv`, fence))).toBe(
        'download-forbidden-address',
      )
      expect(looked.asked).toHaveLength(1)
    } finally {
      await looked.close()
    }
  })

  test('credentials are not handed on to another host', async () => {
    const other = await standin((_asked, response) => void response.end('a\n1\n'))
    try {
      await withStandin(
        (_asked, response) => void response.writeHead(302, { location: `${other.url}/a.csv` }).end(),
        async (server, { folder }) => {
          const options = given(folder, {
            headers: { Authorization: 'Basic eA==', Referer: 'https://x.test' },
          })
          await download('http', `${server.url}/a.csv`, options)

          expect(server.asked[0]!.headers.authorization).toBe('Basic eA==')
          expect(other.asked[0]!.headers.authorization).toBeUndefined()
          expect(other.asked[0]!.headers.referer).toBe('https://x.test')
        },
      )
    } finally {
      await other.close()
    }
  })
})
