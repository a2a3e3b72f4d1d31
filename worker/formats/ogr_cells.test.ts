/** What GDAL converts, as cells, against its features: over random layers, from metres to degrees. */
import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { anyGeometry } from '../../shared/geometry/arbitrary_geometry.ts'
import { run } from '../system/spawn.ts'
import { inTemp } from '../system/temp.ts'
import { cellFeatures, outcomeOf } from './read_cells_cases.ts'
import { readFeatures } from './read_features.ts'

const HAS_GDAL = await run('ogr2ogr', ['--version']).then(
  () => true,
  () => false,
)
if (!HAS_GDAL) console.log('skipped: the cells of GDAL, as ogr2ogr is not installed')

const properties = fc.record({
  text: fc.oneof(fc.constantFrom('', 'MAIN ST', '"', '\\', 'é', ' 5', null), fc.string({ unit: 'binary' })),
  whole: fc.oneof(fc.integer(), fc.constantFrom(0, -1, 10, null)),
  big: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1), 1e10)),
  real: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0.1, 12, 1e-7, null)),
  yes: fc.boolean(),
})

/** Layers by what GDAL calls them, and which geometries they hold. */
const LAYERS: readonly (readonly [layer: string, types: readonly string[]])[] = [
  ['POINT', ['Point']],
  ['MULTILINESTRING', ['LineString', 'MultiLineString']],
  ['MULTIPOLYGON', ['Polygon', 'MultiPolygon']],
  ['GEOMETRY', ['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiPolygon', 'GeometryCollection']],
]

describe.if(HAS_GDAL)('the cells of what GDAL reads', () => {
  for (const [layer, types] of LAYERS) {
    test(`are those of its features, in a layer of ${layer}`, async () => {
      const geometry = anyGeometry.filter(({ type }) => types.includes(type))
      const feature = fc.record({
        type: fc.constant('Feature'),
        properties,
        geometry: fc.option(geometry, { freq: 8 }),
      })
      const features = fc.array(feature, { minLength: 20, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(features, async (some) => {
          const [cells, rows] = await both(
            JSON.stringify({ type: 'FeatureCollection', features: some }),
            layer,
          )

          expect(cells.features).toHaveLength(some.length)
          expect(cells).toEqual(rows)
        }),
        { numRuns: 2 },
      )
    })
  }
})

function both(text: string, layer: string) {
  return inTemp('ogr-cells', async (folder) => {
    const [source, path] = [join(folder, 'a.json'), join(folder, 'a.gpkg')]
    await writeFile(source, text)
    await run('ogr2ogr', ['-f', 'GPKG', '-nlt', layer, '-a_srs', 'EPSG:3857', path, source])
    const conform = { format: 'gpkg' }
    return [
      await outcomeOf(path, conform, cellFeatures),
      await outcomeOf(path, conform, readFeatures),
    ] as const
  })
}
