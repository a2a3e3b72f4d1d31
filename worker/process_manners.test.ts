/** Politeness by configuration: a run treats the ESRI server of a host as it was told. */
import { expect, test } from 'bun:test'
import { openTrial, trialSource } from '../test/trial.ts'
import { PAGED } from './download/esri_order.ts'
import { esriLayer, somePoints } from './download/esri_standin.ts'
import { withStandin } from './download/web_standin.ts'
import { ConfigError, hostManners } from './env.ts'

test('the manners of a host are those of its runs, and of no other', async () => {
  const trial = await openTrial()
  try {
    await withStandin(esriLayer({ rows: somePoints(5), metadata: PAGED }), async (server) => {
      const source = trialSource(
        { data: `${server.url}/0`, protocol: 'ESRI' },
        { format: 'geojson', street: 'NAME' },
      )
      const pages = async (host: string) => {
        const before = server.asked.length
        const manners = { [host]: { parallel: 1, pageRowsMax: 2 } }
        expect((await trial.run(source, { manners, outputs: ['geojson'] })).rows.written).toBe(5)
        return server.asked.slice(before).flatMap(({ params }) => params.get('resultRecordCount') ?? [])
      }

      expect(await pages(`127.0.0.1:${server.port}`)).toEqual(['2', '2', '2'])
      expect(await pages('gis.example.gov')).toEqual(['1000'])
    })
  } finally {
    await trial.close()
  }
})

test('they come from the environment, and what is wrong with them is said', () => {
  expect(hostManners({ HOST_MANNERS: '{"gis.example.gov": {"pauseMs": 500}}' })).toEqual({
    'gis.example.gov': { pauseMs: 500 },
  })
  expect(hostManners({ HOST_MANNERS: '' })).toEqual({})
  expect(() => hostManners({ HOST_MANNERS: '{"a": {"pause": 1}}' })).toThrow(
    new ConfigError(
      'HOST_MANNERS: a: pause is not known; known are parallel, pageRowsMax, pauseMs, strategy',
    ),
  )
})
