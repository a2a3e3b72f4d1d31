import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import expected from '../../examples/expected.json' with { type: 'json' }
import { selfCommand, start } from '../../worker/system/spawn.ts'
import { type Addresses, serveExamples } from './serve_examples.ts'
import { type Asked, listen } from './server.ts'

const PROGRAM = join(import.meta.dirname, 'serve_examples.ts')

interface Content {
  readonly content: string
}

describe('serveExamples', () => {
  test('has the sources on GitHub, with addresses that have the data', async () => {
    const examples = await serveExamples()
    const { addresses } = examples
    const repository = `${addresses.github}/repos/openaddresses/openaddresses`
    try {
      const compare = (await (
        await fetch(`${repository}/compare/${addresses.before}...${addresses.after}`)
      ).json()) as { files: { filename: string; contents_url: string }[] }

      const answers: Record<string, number> = {}
      for (const { contents_url } of compare.files) {
        const { content } = (await (await fetch(contents_url)).json()) as Content
        const text = Buffer.from(content, 'base64').toString('utf8')
        for (const [, url] of text.matchAll(/"data": "([^"]+)"/g)) {
          const response = await fetch(`${url}?f=json`)
          answers[url!.replace(addresses.url, '')] = response.status
          await response.body?.cancel()
        }
      }

      expect(compare.files.map(({ filename }) => filename)).toEqual([
        ...new Set(expected.map(({ path }) => path)),
      ])
      expect(answers).toEqual({
        '/data/ca/bc/cedar_inlet_addresses.geojson': 200,
        '/data/ca/bc/cedar_inlet_parcels.zip': 200,
        '/data/ca/bc/cedar_inlet_buildings.zip': 200,
        '/data/de/nw/lindenau_hauskoordinaten.csv': 200,
        '/data/fr/07/valbrume_adresses.geojson.gz': 200,
        '/arcgis/rest/services/Pine_Ridge/Address_Points/FeatureServer/0': 200,
        '/data/us/ny/harlow_point_address_points.zip': 200,
        '/data/us/or/stillwater_flats_addresses.zip': 404,
      })
    } finally {
      await examples.close()
    }
  })

  test('delivers the push when it is asked to, signed with the secret that it is given', async () => {
    const heard: Asked[] = []
    const hook = await listen((asked) => {
      heard.push(asked)
      return { status: 202, json: { id: 'abc' } }
    })
    const examples = await serveExamples({ secret: 'play' })
    try {
      const ask = (body: object) =>
        fetch(examples.addresses.push, { method: 'POST', body: JSON.stringify(body) })
      const nowhere = await ask({})
      const given = await ask({ hook: `${hook.url}/hook`, secret: 'hush' })
      const own = await ask({ hook: `${hook.url}/hook` })
      const gone = await ask({ hook: 'http://127.0.0.1:1/hook' })

      const sign = (secret: string, { body }: Asked) =>
        `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      expect([nowhere.status, given.status, own.status, gone.status]).toEqual([400, 200, 200, 502])
      expect(await given.json()).toMatchObject({ status: 202, body: '{"id":"abc"}' })
      expect(heard.map(({ headers }) => headers['x-hub-signature-256'])).toEqual([
        sign('hush', heard[0]!),
        sign('play', heard[1]!),
      ])
      expect(JSON.parse(heard[0]!.body.toString())).toMatchObject({
        ref: 'refs/heads/main',
        before: examples.addresses.before,
        after: examples.addresses.after,
        repository: { full_name: 'openaddresses/openaddresses' },
        commits: [{ added: [...new Set(expected.map(({ path }) => path))] }],
      })
    } finally {
      await examples.close()
      await hook.close()
    }
  })

  test('calls itself by the name that it is given, as it must in a container', async () => {
    const examples = await serveExamples({ baseUrl: 'http://github:8080' })
    try {
      const list = await fetch(
        `http://127.0.0.1:${examples.port}/api/v3/repos/openaddresses/openaddresses/contents/sources/us/ny/harlow_point.json`,
      )
      const { content } = (await list.json()) as Content

      expect(examples.addresses.github).toBe('http://github:8080/api/v3')
      expect(Buffer.from(content, 'base64').toString()).toContain(
        '"data": "http://github:8080/data/us/ny/harlow_point_address_points.zip"',
      )
    } finally {
      await examples.close()
    }
  })
})

const runtimes: [name: string, command: readonly string[]][] = [
  ['Bun', selfCommand(PROGRAM)],
  ['Node', ['node', '--import', import.meta.resolve('tsx'), PROGRAM]],
]
for (const [name, [command, ...args]] of runtimes) {
  test(`as a program under ${name} it tells its addresses in one line, and ends when it is told to`, async () => {
    const told = Promise.withResolvers<string>()
    const program = start(command!, [...args, '--port', '0', '--drip', '0'], { onLine: told.resolve })
    const addresses = JSON.parse(await told.promise) as Addresses

    const response = await fetch(addresses.url)
    const ended = await program.stop()

    expect(await response.json()).toEqual(addresses)
    expect(ended.code).toBe(0)
  })
}
