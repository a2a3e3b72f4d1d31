/** Runs of data that is known from an earlier run: by what the server said of it, or by its bytes. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { openTrial, type Trial, TRIAL_CSV, trialSource } from '../test/trial.ts'
import { type Standin, standin } from './download/web_standin.ts'

let trial: Trial
let server: Standin
let version: string

beforeEach(async () => {
  trial = await openTrial()
  version = '"v1"'
  server = await standin(({ headers }, response) => {
    if (headers['if-none-match'] === version) response.writeHead(304, { etag: version }).end()
    else
      response
        .writeHead(200, { etag: version, 'last-modified': 'Tue, 03 Mar 2026 10:00:00 GMT' })
        .end(TRIAL_CSV)
  })
})
afterEach(async () => {
  await server.close()
  await trial.close()
})

const run = (earlier?: object) =>
  trial.run(trialSource({ data: `${server.url}/a.csv` }), {
    outputs: ['geojson'],
    ...(earlier === undefined ? {} : { earlier }),
  })

describe('a run', () => {
  test('keeps by what its data is known again, and with that the next asks once and makes nothing', async () => {
    const first = await run()
    const { etag, 'last modified': lastModified, fingerprint } = first.state
    expect([etag, lastModified, first.unchanged]).toEqual([
      '"v1"',
      'Tue, 03 Mar 2026 10:00:00 GMT',
      undefined,
    ])

    const second = await run({ etag, lastModified, fingerprint })

    expect(second).toMatchObject({ ok: true, unchanged: true, problem: null, rows: { read: 0, written: 0 } })
    expect(second.state).toMatchObject({
      cache: null,
      processed: null,
      fingerprint,
      etag,
      'last modified': lastModified,
    })
    expect(server.asked).toHaveLength(2)
    expect((await readdir(trial.folder)).sort()).toEqual(['index.json', 'index.txt', 'output.txt'])
    expect(await trial.log()).toContain('is what it was: the server says so by 304')
  })

  test('works on data that its server calls changed', async () => {
    const { state } = await run()
    version = '"v2"'

    const second = await run({ etag: state.etag })
    expect([second.unchanged, second.rows.written, second.state.etag]).toEqual([undefined, 3, '"v2"'])
  })

  test('makes nothing of data that is called changed and has the same bytes', async () => {
    const { state } = await run()
    version = '"v2"'

    const second = await run({ etag: state.etag, fingerprint: state.fingerprint })
    expect([second.unchanged, second.rows.written, second.state.etag]).toEqual([true, 0, '"v2"'])
    expect(await trial.log()).toContain('the data is what it was: nothing is made of it again')
  })
})
