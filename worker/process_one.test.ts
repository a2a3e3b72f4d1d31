/** Whole runs: data from a web server, results on the disk. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Progress, RunResult } from '../shared/run.ts'
import { type Examples, serveExamples } from '../test/standins/serve_examples.ts'
import { startWeb, type Web } from '../test/standins/web.ts'
import { type ProcessOptions, processOne } from './process_one.ts'

let served: string
let folder: string
let web: Web

beforeAll(async () => {
  served = await mkdtemp(join(tmpdir(), 'machine-served-'))
  web = await startWeb({ folder: served })
})
afterAll(async () => {
  await web.close()
  await rm(served, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-run-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const CSV =
  'id,lon,lat,num,name\n1,-122.25,37.5,12,Oak St\n2,-122.125,37.75, 14.0,"Elm St, rear"\n3,,,16,Ash St\n'
const CONFORM = { format: 'csv', lon: 'lon', lat: 'lat', number: 'num', street: 'name', id: 'id' }

function source(tags: object, conform: object | null = CONFORM): string {
  const entry = { name: 'city', protocol: 'http', ...(conform === null ? {} : { conform }), ...tags }
  return JSON.stringify({
    schema: 2,
    coverage: { 'US Census': { geoid: '06' } },
    layers: { addresses: [entry] },
  })
}

function run(text: string, options: Partial<ProcessOptions> = {}): Promise<RunResult> {
  return processOne('us/ca/oakville', text, {
    folder,
    layer: 'addresses',
    name: 'city',
    tell: () => {},
    signal: new AbortController().signal,
    now: () => new Date('2026-03-27T12:00:00Z'),
    allowPrivate: true,
    version: '0.1.0',
    ...options,
  })
}

async function serve(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(served, name), content)
  return `${web.url}/${name}`
}

async function lines(): Promise<{ properties: Record<string, unknown>; geometry: unknown }[]> {
  const text = await readFile(join(folder, 'out.geojson'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const log = () => readFile(join(folder, 'output.txt'), 'utf8')

describe('a good run', () => {
  test('makes addresses of a CSV, with a state, a sample, a log and the classic zip', async () => {
    const license = { text: 'CC BY 4.0', 'attribution name': 'City of Oakville', 'share-alike': false }
    const data = await serve('a.csv', CSV)
    const result = await run(source({ data, website: 'https://oakville.example', license }))

    expect(result.ok).toBe(true)
    expect(result.problem).toBeNull()
    expect(result.rows).toEqual({ read: 3, written: 3, dropped: {} })
    expect(result.filled).toMatchObject({ number: 3, street: 3, id: 3, unit: 0 })
    expect(result.bounds).toEqual([-122.25, 37.5, -122.125, 37.75])
    expect(result.sample).toEqual([
      ['id', 'num', 'name'],
      ['1', '12', 'Oak St'],
      ['2', ' 14.0', 'Elm St, rear'],
      ['3', '16', 'Ash St'],
    ])
    expect((await lines()).map(({ properties, geometry }) => [properties['number'], geometry])).toEqual([
      ['12', { type: 'Point', coordinates: [-122.25, 37.5] }],
      ['14', { type: 'Point', coordinates: [-122.125, 37.75] }],
      ['16', null],
    ])
    expect(result.artifacts.map(({ name }) => name).filter((name) => name !== 'slippymap.pmtiles')).toEqual([
      'out.geojson.gz',
      'oakville.zip',
      'cache.csv',
      'sample.json',
      'output.txt',
      'index.json',
      'index.txt',
    ])
    expect(result.state).toMatchObject({
      source: 'oakville.json',
      layer: 'addresses',
      name: 'city',
      skipped: false,
      cache: 'cache.csv',
      sample: 'sample.json',
      website: 'https://oakville.example',
      license: 'CC BY 4.0',
      'geometry type': 'Point',
      'address count': 3,
      'feat count': 3,
      fingerprint: createHash('md5').update(CSV).digest('hex'),
      processed: 'oakville.zip',
      'process hash': createHash('md5')
        .update(await readFile(join(folder, 'oakville.zip')))
        .digest('hex'),
      'attribution required': 'true',
      'attribution name': 'City of Oakville',
      'share-alike': 'false',
      'source problem': null,
      'code version': '0.1.0',
      'tests passed': null,
    })
    expect(gunzipSync(await readFile(join(folder, 'out.geojson.gz'))).toString()).toBe(
      await readFile(join(folder, 'out.geojson'), 'utf8'),
    )
  })

  test('tells its stages in order, and rows while it conforms', async () => {
    const told: Progress[] = []
    await run(source({ data: await serve('a.csv', CSV) }), { tell: (progress) => told.push(progress) })

    const stages = told.map(({ stage }) => stage).filter((stage, index, all) => stage !== all[index - 1])
    expect(stages).toEqual(['download', 'unpack', 'conform', 'outputs'])
    expect(told.at(-1)).toEqual({ stage: 'outputs', rows: 3 })
  })

  test('writes a log that the author of the source can use', async () => {
    const data = await serve('a.csv.gz', gzipSync(`${CSV}4,1,2,3,4,5,6\n5,x,1,2,3\n`))
    const conform = { ...CONFORM, postcode: 'zip' }
    const result = await run(source({ data, compression: 'gzip' }, conform))

    expect(result.rows).toEqual({
      read: 5,
      written: 4,
      dropped: { 'has more cells than there are columns': 1 },
    })
    const text = await log()
    expect(text).toContain('2026-03-27 12:00:00 us/ca/oakville addresses/city, Machine 0.1.0\n')
    expect(text).toContain(`downloading ${data}\n`)
    expect(text).toContain('columns: id, num, name\n')
    expect(text).toContain('the conform names a column "zip" that the data does not have\n')
    expect(text).toContain('read 5 rows, conformed 4, 2 of them with a place\n')
    expect(text).toContain(
      'dropped 1 rows: each has more cells than there are columns; such as 4, 1, 2, 3, 4, 5, 6\n',
    )
    expect(text).toContain(
      'kept without a place 1 rows: each has a coordinate that is not a number; such as 5, x',
    )
    expect(text).toContain(' bytes of 4 rows\n')
  })

  test('drops rows that lack what a function needs, and goes on', async () => {
    const features = [
      { type: 'Feature', properties: { a: '1', b: 'x' }, geometry: { type: 'Point', coordinates: [1, 2] } },
      { type: 'Feature', properties: { a: '2', b: 'y' }, geometry: { type: 'Point', coordinates: [3, 4] } },
    ]
    const data = await serve('a.geojson', JSON.stringify({ type: 'FeatureCollection', features }))
    const number = { function: 'prefixed_number', field: 'a' }
    const good = await run(source({ data }, { format: 'geojson', number, street: 'b' }))
    expect(good.rows.written).toBe(2)

    const lacking = { function: 'prefixed_number', field: 'nowhere' }
    const bad = await run(source({ data }, { format: 'geojson', number: lacking, street: 'b' }))
    expect(bad.problem).toEqual({
      code: 'no-such-column',
      detail: 'every row has no column "nowhere"; there are a, b',
    })
    expect(bad.rows).toEqual({ read: 2, written: 0, dropped: { 'has no column "nowhere"': 2 } })
  })

  test('makes nothing of an earlier run in the same folder its own', async () => {
    await run(source({ data: await serve('a.csv', CSV) }))
    const failed = await run(source({ data: `${web.url}/gone.zip` }))

    expect(failed.ok).toBe(false)
    expect((await readdir(folder)).sort()).toEqual(['index.json', 'index.txt', 'output.txt'])
  })

  test('is a skipped one too, which says so and downloads nothing', async () => {
    const result = await run(source({ data: `${web.url}/gone.zip`, skip: true }))

    expect([result.ok, result.problem, result.state.skipped]).toEqual([true, null, true])
    expect(result.state['source problem']).toBe('Source says to skip')
    expect(result.state.cache).toBeNull()
  })

  test('warns of a coverage that is not there', async () => {
    const { coverage: _, ...rest } = JSON.parse(source({ data: await serve('a.csv', CSV) }))
    const result = await run(JSON.stringify(rest))

    expect([result.ok, result.state['source problem']]).toEqual([true, 'Missing or incomplete coverage'])
    expect(await log()).toContain('warning: the coverage of the source is missing or incomplete')
  })

  test('makes only the outputs that were asked for', async () => {
    const result = await run(source({ data: await serve('a.csv', CSV) }), { outputs: ['zip'] })

    expect(await readdir(folder)).not.toContain('out.geojson')
    expect(result.artifacts[0]!.name).toBe('oakville.zip')
  })
})

describe('a failed run', () => {
  const tests = {
    'acceptance-tests': [{ description: 'one', inputs: { num: '1' }, expected: { number: '2' } }],
  }
  const far = 'lon,lat,num,name,id\n6050000,2120000,1,A,1\n6050001,2120001,2,B,2\n'
  const cases: [name: string, text: () => Promise<string> | string, code: string, detail: string][] = [
    ['with a source that is not JSON', () => '{', 'source-invalid', ''],
    ['with another name', () => source({ data: 'x', name: 'county' }), 'source-invalid', 'addresses/city'],
    [
      'with data that is gone',
      () => source({ data: `${web.url}/gone.zip` }),
      'download-not-found',
      '404 from http',
    ],
    [
      'with a protocol of its own',
      () => source({ data: 'x', protocol: 'gopher' }),
      'unknown-protocol',
      'gopher',
    ],
    [
      'with a failing test',
      () => source({ data: 'x', test: tests }),
      'acceptance-test-failed',
      'one: expected',
    ],
    ['without conform', async () => source({ data: await serve('a.csv', CSV) }, null), 'conform-missing', ''],
    [
      'with an unknown function',
      () => source({ data: 'x' }, { ...CONFORM, number: { function: 'guess', field: 'num' } }),
      'unknown-function',
      'guess',
    ],
    [
      'with an unknown format',
      async () => source({ data: await serve('a.csv', CSV) }, { ...CONFORM, format: 'kml2' }),
      'unknown-format',
      'kml2',
    ],
    [
      'without the place columns',
      async () => source({ data: await serve('a.csv', CSV) }, { ...CONFORM, lat: 'Y' }),
      'no-such-column',
      'Y',
    ],
    [
      'with only a header',
      async () => source({ data: await serve('b.csv', 'id,lon,lat,num,name\n') }),
      'no-features',
      'without finding one',
    ],
    [
      'with projected coordinates that nobody declared',
      async () => source({ data: await serve('c.csv', far) }),
      'srs-wrong',
      '2 of 2 places are not on the globe, such as at 6050000, 2120000',
    ],
    [
      'with coordinates that are words',
      async () => source({ data: await serve('a.csv', CSV) }, { ...CONFORM, lat: 'name' }),
      'conform-failed',
      'not a number',
    ],
  ]
  for (const [name, text, code, detail] of cases) {
    test(`${name} ends with ${code}, and leaves a state and a log`, async () => {
      const result = await run(await text())

      expect(result.ok).toBe(false)
      expect(result.problem!.code as string).toBe(code)
      expect(result.problem!.detail).toContain(detail)
      expect(result.state.processed).toBeNull()
      expect(await log()).toContain('failed: ')
      const files = await readdir(folder)
      expect(files).toContain('index.json')
      for (const gone of ['out.geojson', 'out.geojson.gz', 'oakville.zip', 'data'])
        expect(files).not.toContain(gone)
    })
  }

  test('keeps the download and its sample, to look at', async () => {
    const result = await run(source({ data: await serve('c.csv', far) }))

    expect(result.state).toMatchObject({ cache: 'cache.csv', sample: 'sample.json', 'feat count': 0 })
    expect(result.artifacts.map(({ name }) => name)).toEqual([
      'cache.csv',
      'sample.json',
      'output.txt',
      'index.json',
      'index.txt',
    ])
  })

  test('is none when it was told to stop: then it throws', async () => {
    await serve('slow.csv', CSV.repeat(1000))
    web.behaves('/slow.csv', { dripBytesPerSecond: 1000 })
    const stop = new AbortController()

    const running = run(source({ data: `${web.url}/slow.csv` }), { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 100)

    expect(running).rejects.toThrow('enough')
    await running.catch(() => {})
    expect(await log()).toContain('stopped: enough')
  })

  test('is what a private address gets where it is not allowed', async () => {
    const result = await run(source({ data: await serve('a.csv', CSV) }), { allowPrivate: false })

    expect(result.problem!.code).toBe('download-forbidden-address')
  })
})

describe('the examples', () => {
  let examples: Examples
  beforeAll(async () => {
    examples = await serveExamples()
  })
  afterAll(() => examples.close())

  test('run as their table of expectations says: zipped shapefile, CSV, gzipped GeoJSON, ESRI, three layers', async () => {
    const expected = JSON.parse(await readFile('examples/expected.json', 'utf8')) as {
      path: string
      layer: string
      name: string
      state: 'good' | 'bad'
      problem: string | null
      rows: number | null
    }[]
    const found: unknown[] = []
    for (const { path, layer, name } of expected) {
      const text = await readFile(join('examples', path), 'utf8')
      const here = text.replaceAll('http://data.example', examples.addresses.url)
      const result = await run(here, { layer, name })
      const state = result.ok ? 'good' : 'bad'
      const rows = result.ok ? result.rows.written : null
      found.push({
        path,
        layer,
        name,
        state,
        problem: result.problem?.code ?? null,
        rows,
      })
    }

    expect(found).toEqual(expected)
  }, 60_000)
})
