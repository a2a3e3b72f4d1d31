/** How fast an ESRI server is asked: as it bears it, as its host was configured, and never the same twice. */
import { describe, expect, test } from 'bun:test'
import { downloaded, expected, from, names, PAGED } from './esri_order.ts'
import { esriLayer, sendError, sendText, somePoints, type StandinLayer } from './esri_standin.ts'
import { downloadIfChanged } from './download.ts'
import { type Asked, type Behave, given, withStandin } from './web_standin.ts'

const rows = somePoints(60)
const metadata = { ...PAGED, maxRecordCount: 2 }

/** A server that takes a moment for each answer, and notes how many it was asked for at once. */
function slowly(layer: StandinLayer): { readonly behave: Behave; readonly together: number[] } {
  let underWay = 0
  const together: number[] = []
  const behave = esriLayer(layer)
  return {
    together,
    behave(asked, response, times) {
      together.push(++underWay)
      setTimeout(() => {
        underWay--
        behave(asked, response, times)
      }, 5)
    },
  }
}

describe('the pace', () => {
  test('is two pages at once, and no pause, where all goes well: sixty pages at once, not ten seconds after each five', async () => {
    const { behave, together } = slowly({ rows, metadata })
    const began = performance.now()
    const outcome = await withStandin(behave, (server, { folder }) => from(server, folder, {}))

    expect(names(outcome)).toEqual(expected(rows))
    expect(Math.max(...together)).toBe(2)
    // The original would have slept for a minute; a test may take one.
    expect(performance.now() - began).toBeLessThan(50_000)
  })

  test('becomes one page after a failure, and two again after ten pages without one', async () => {
    const { behave, together } = slowly({
      rows,
      metadata,
      misbehave: (kind, _asked, response, times) =>
        kind === 'page' && times === 1 && sendText(response, '', 500),
    })
    const outcome = await withStandin(behave, (server, { folder }) => from(server, folder, {}))

    expect(names(outcome)).toEqual(expected(rows))
    // Metadata and count; the page that failed, and its neighbour that was under way.
    expect(together.slice(5, 12)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(Math.max(...together.slice(15))).toBe(2)
  })

  test('waits longer after each failure in a row, and shortly again after a success', async () => {
    const waits: number[] = []
    const misbehave: StandinLayer['misbehave'] = (kind, _asked, response, times) =>
      kind === 'page' && [1, 2, 4].includes(times) && sendText(response, '', 503)
    await withStandin(esriLayer({ rows, metadata, misbehave }), async (server, { folder }) => {
      const patience = {
        delayMs: (failures: number) => {
          waits.push(failures)
          return 1
        },
        connectMs: 2_000,
        idleMs: 2_000,
      }
      const options = given(folder, { columns: ['NAME'], patience, esri: { parallel: 1 } })
      expect(await downloadIfChanged('ESRI', `${server.url}/0`, options)).toMatchObject({ rows: 60 })
    })

    expect(waits).toEqual([1, 2, 1])
  })

  test('asks for larger pages again when smaller ones went well for a while', async () => {
    let isTired = true
    const sizes: number[] = []
    const misbehave: StandinLayer['misbehave'] = (kind, { params }, response) => {
      if (kind !== 'page') return false
      const size = Number(params.get('resultRecordCount'))
      sizes.push(size)
      if (size <= 4) isTired = sizes.length < 12
      return size > 4 && isTired && sendError(response, 500, 'Error performing query operation')
    }
    const outcome = await downloaded(
      { rows: somePoints(200), metadata: { ...PAGED, maxRecordCount: 16 }, misbehave },
      { esri: { parallel: 1 } },
    )

    expect(outcome.rows).toBe(200)
    expect(sizes.slice(0, 4)).toEqual([16, 16, 16, 4])
    expect(sizes.at(-1)).toBeGreaterThan(4)
  })

  test('is that of the configuration: a page at a time, small, and with a pause after each', async () => {
    const { behave, together } = slowly({ rows: somePoints(6), metadata: PAGED })
    const began = performance.now()
    const esri = { parallel: 1, pageRowsMax: 2, pauseMs: 100 }
    const { asked } = await withStandin(behave, (server, { folder }) => from(server, folder, { esri }))

    expect(Math.max(...together)).toBe(1)
    expect(pages(asked)).toEqual(['0', '2', '4'])
    expect(performance.now() - began).toBeGreaterThanOrEqual(295)
  })

  test('goes on where it was after a failure: what came before is not asked for again', async () => {
    const misbehave: StandinLayer['misbehave'] = (kind, { params }, response, times) =>
      kind === 'page' && params.get('resultOffset') === '40' && times < 23 && sendText(response, '', 504)
    const { asked } = await downloaded({ rows, metadata, misbehave }, { esri: { parallel: 1 } })

    const offsets = pages(asked)
    expect(offsets.filter((offset) => Number(offset) < 40)).toEqual(offsets.slice(0, 20))
    expect(new Set(offsets.slice(0, 20)).size).toBe(20)
  })
})

describe('a condition in the address of a layer', () => {
  const OWN = "TOWN = 'Oakville'"
  const path = `/0?where=${encodeURIComponent(OWN)}&token=x`

  /** A server to which a condition may come from one place only, and which does not know the towns of its rows. */
  function withTowns(layer: StandinLayer): Behave {
    const behave = esriLayer(layer)
    return (asked, response, times) => {
      if (!asked.path.includes('/query')) return behave(asked, response, times)
      const conditions = asked.params.getAll('where')
      const inner = conditions[0] === OWN ? '1=1' : conditions[0]?.replace(`(${OWN}) AND `, '').slice(1, -1)
      if (conditions.length !== 1 || !conditions[0]!.includes(OWN))
        return void sendError(response, 400, 'where?')
      asked.params.set('where', inner ?? '')
      behave(asked, response, times)
    }
  }

  const layers: [name: string, layer: StandinLayer][] = [
    ['offset', { rows, metadata }],
    ['statistics', { rows, metadata: { supportsStatistics: true, maxRecordCount: 20 } }],
    ['ids', { rows, metadata: { maxRecordCount: 20 } }],
  ]
  for (const [name, layer] of layers) {
    test(`joins that of the paging by ${name}, and every row comes once`, async () => {
      const outcome = await withStandin(withTowns(layer), (server, { folder }) =>
        from(server, folder, { path }),
      )

      expect(names(outcome).sort()).toEqual(expected(rows).sort())
      expect(outcome.lines.join()).not.toContain('more than once')
      for (const { path: asked } of outcome.asked) expect(asked).toContain('token=x')
    })
  }
})

function pages(asked: readonly Asked[]): string[] {
  return asked.flatMap(({ params }) => params.get('resultOffset') ?? [])
}
