/** Whole runs that fail: each leaves its problem, a state and a log, and no half-made output. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { openTrial, type Trial, TRIAL_CONFORM, TRIAL_CSV, trialSource } from '../test/trial.ts'

let trial: Trial
beforeEach(async () => {
  trial = await openTrial()
})
afterEach(() => trial.close())

describe('a failed run', () => {
  const tests = {
    'acceptance-tests': [{ description: 'one', inputs: { num: '1' }, expected: { number: '2' } }],
  }
  const far = 'lon,lat,num,name,id\n6050000,2120000,1,A,1\n6050001,2120001,2,B,2\n'
  const cases: [name: string, text: () => Promise<string> | string, code: string, detail: string][] = [
    ['with a source that is not JSON', () => '{', 'source-invalid', ''],
    [
      'with another name',
      () => trialSource({ data: 'x', name: 'county' }),
      'source-invalid',
      'addresses/city',
    ],
    [
      'with data that is gone',
      () => trialSource({ data: `${trial.web.url}/gone.zip` }),
      'download-not-found',
      '404 from http',
    ],
    [
      'with a protocol of its own',
      () => trialSource({ data: 'x', protocol: 'gopher' }),
      'unknown-protocol',
      'gopher',
    ],
    [
      'with a failing test',
      () => trialSource({ data: 'x', test: tests }),
      'acceptance-test-failed',
      'one: expected',
    ],
    [
      'without conform',
      async () => trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }, null),
      'conform-missing',
      '',
    ],
    [
      'with an unknown function',
      () => trialSource({ data: 'x' }, { ...TRIAL_CONFORM, number: { function: 'guess', field: 'num' } }),
      'unknown-function',
      'guess',
    ],
    [
      'with an unknown format',
      async () =>
        trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }, { ...TRIAL_CONFORM, format: 'kml2' }),
      'unknown-format',
      'kml2',
    ],
    [
      'without a format',
      async () =>
        trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }, { ...TRIAL_CONFORM, format: undefined }),
      'format-missing',
      'addresses/city',
    ],
    [
      'without the place columns',
      async () =>
        trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }, { ...TRIAL_CONFORM, lat: 'Y' }),
      'no-such-column',
      'Y',
    ],
    [
      'with only a header',
      async () => trialSource({ data: await trial.serve('b.csv', 'id,lon,lat,num,name\n') }),
      'no-features',
      'without finding one',
    ],
    [
      'with projected coordinates that nobody declared',
      async () => trialSource({ data: await trial.serve('c.csv', far) }),
      'srs-wrong',
      '2 of 2 places are not on the globe, such as at 6050000, 2120000',
    ],
    [
      'with coordinates that are words',
      async () =>
        trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }, { ...TRIAL_CONFORM, lat: 'name' }),
      'conform-failed',
      'not a number',
    ],
  ]
  for (const [name, text, code, detail] of cases) {
    test(`${name} ends with ${code}, and leaves a state and a log`, async () => {
      const result = await trial.run(await text())

      expect(result.ok).toBe(false)
      expect(result.problem!.code as string).toBe(code)
      expect(result.problem!.detail).toContain(detail)
      expect(result.state.processed).toBeNull()
      expect(await trial.log()).toContain('failed: ')
      const files = await readdir(trial.folder)
      expect(files).toContain('index.json')
      for (const gone of [
        'out.geojson',
        'out.geojson.gz',
        'oakville.zip',
        'out.parquet',
        'out.fgb',
        'preview.png',
        'data',
      ])
        expect(files).not.toContain(gone)
    })
  }

  test('keeps the download and its sample, to look at', async () => {
    const result = await trial.run(trialSource({ data: await trial.serve('c.csv', far) }))

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
    await trial.serve('slow.csv', TRIAL_CSV.repeat(1000))
    trial.web.behaves('/slow.csv', { dripBytesPerSecond: 1000 })
    const stop = new AbortController()

    const running = trial.run(trialSource({ data: `${trial.web.url}/slow.csv` }), { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 100)

    expect(running).rejects.toThrow('enough')
    await running.catch(() => {})
    expect(await trial.log()).toContain('stopped: enough')
  })

  test('is what a private address gets where it is not allowed', async () => {
    const result = await trial.run(trialSource({ data: await trial.serve('a.csv', TRIAL_CSV) }), {
      allowPrivate: false,
    })

    expect(result.problem!.code).toBe('download-forbidden-address')
  })
})
