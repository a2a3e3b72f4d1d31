/** Whole runs that are good: data from a web server, results on the disk. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Progress } from '../shared/run.ts'
import { serveExamples } from '../test/standins/serve_examples.ts'
import { openTrial, type Trial, TRIAL_CONFORM, TRIAL_CSV, trialSource } from '../test/trial.ts'

let trial: Trial
beforeEach(async () => {
  trial = await openTrial()
})
afterEach(() => trial.close())

describe('a good run', () => {
  test('makes addresses of a CSV, with a state, a sample, a log and the classic zip', async () => {
    const license = { text: 'CC BY 4.0', 'attribution name': 'City of Oakville', 'share-alike': false }
    const data = await trial.serve('a.csv', TRIAL_CSV)
    const result = await trial.run(trialSource({ data, website: 'https://oakville.example', license }))

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
    expect(
      (await trial.features()).map(({ properties, geometry }) => [properties['number'], geometry]),
    ).toEqual([
      ['12', { type: 'Point', coordinates: [-122.25, 37.5] }],
      ['14', { type: 'Point', coordinates: [-122.125, 37.75] }],
      ['16', null],
    ])
    expect(result.artifacts.map(({ name }) => name).filter((name) => name !== 'slippymap.pmtiles')).toEqual([
      'out.geojson.gz',
      'oakville.zip',
      'out.parquet',
      'out.fgb',
      'preview.png',
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
      fingerprint: createHash('md5').update(TRIAL_CSV).digest('hex'),
      processed: 'oakville.zip',
      'process hash': createHash('md5')
        .update(await readFile(join(trial.folder, 'oakville.zip')))
        .digest('hex'),
      'attribution required': 'true',
      'attribution name': 'City of Oakville',
      'share-alike': 'false',
      'source problem': null,
      'code version': '0.1.0',
      'tests passed': null,
    })
    expect(gunzipSync(await readFile(join(trial.folder, 'out.geojson.gz'))).toString()).toBe(
      await readFile(join(trial.folder, 'out.geojson'), 'utf8'),
    )
  })

  test('tells its stages in order, and rows while it conforms', async () => {
    const told: Progress[] = []
    await trial.run(trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }), {
      tell: (progress) => told.push(progress),
    })

    const stages = told.map(({ stage }) => stage).filter((stage, index, all) => stage !== all[index - 1])
    expect(stages).toEqual(['download', 'unpack', 'conform', 'outputs'])
    expect(told.at(-1)).toEqual({ stage: 'outputs', rows: 3 })
  })

  test('writes a log that the author of the source can use', async () => {
    const data = await trial.serve('a.csv.gz', gzipSync(`${TRIAL_CSV}4,1,2,3,4,5,6\n5,x,1,2,3\n`))
    const conform = { ...TRIAL_CONFORM, postcode: 'zip' }
    const result = await trial.run(trialSource({ data, compression: 'gzip' }, conform))

    expect(result.rows).toEqual({
      read: 5,
      written: 4,
      dropped: { 'has more cells than there are columns': 1 },
    })
    const text = await trial.log()
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
    const data = await trial.serve('a.geojson', JSON.stringify({ type: 'FeatureCollection', features }))
    const number = { function: 'prefixed_number', field: 'a' }
    const good = await trial.run(trialSource({ data }, { format: 'geojson', number, street: 'b' }))
    expect(good.rows.written).toBe(2)

    const lacking = { function: 'prefixed_number', field: 'nowhere' }
    const bad = await trial.run(trialSource({ data }, { format: 'geojson', number: lacking, street: 'b' }))
    expect(bad.problem).toEqual({
      code: 'no-such-column',
      detail: 'every row has no column "nowhere"; there are a, b',
    })
    expect(bad.rows).toEqual({ read: 2, written: 0, dropped: { 'has no column "nowhere"': 2 } })
  })

  test('makes nothing of an earlier run in the same folder its own', async () => {
    await trial.run(trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }))
    const failed = await trial.run(trialSource({ data: `${trial.web.url}/gone.zip` }))

    expect(failed.ok).toBe(false)
    expect((await readdir(trial.folder)).sort()).toEqual(['index.json', 'index.txt', 'output.txt'])
  })

  test('is a skipped one too, which says so and downloads nothing', async () => {
    const result = await trial.run(trialSource({ data: `${trial.web.url}/gone.zip`, skip: true }))

    expect([result.ok, result.problem, result.state.skipped]).toEqual([true, null, true])
    expect(result.state['source problem']).toBe('Source says to skip')
    expect(result.state.cache).toBeNull()
  })

  test('warns of a coverage that is not there', async () => {
    const { coverage: _, ...rest } = JSON.parse(trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }))
    const result = await trial.run(JSON.stringify(rest))

    expect([result.ok, result.state['source problem']]).toEqual([true, 'Missing or incomplete coverage'])
    expect(await trial.log()).toContain('warning: the coverage of the source is missing or incomplete')
  })

  test('makes only the outputs that were asked for', async () => {
    const result = await trial.run(trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }), {
      outputs: ['zip'],
    })

    expect(await readdir(trial.folder)).not.toContain('out.geojson')
    expect(result.artifacts[0]!.name).toBe('oakville.zip')
  })
})

describe('the examples', () => {
  test('run as their table of expectations says: zipped shapefile, CSV, gzipped GeoJSON, ESRI, three layers', async () => {
    const expected = JSON.parse(await readFile('examples/expected.json', 'utf8')) as {
      path: string
      layer: string
      name: string
      state: 'good' | 'bad'
      problem: string | null
      rows: number | null
    }[]
    const examples = await serveExamples()
    const found: unknown[] = []
    for (const { path, layer, name } of expected) {
      const text = await readFile(join('examples', path), 'utf8')
      const here = text.replaceAll('http://data.example', examples.addresses.url)
      const result = await trial.run(here, { layer, name })
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

    await examples.close()

    expect(found).toEqual(expected)
  }, 60_000)
})
