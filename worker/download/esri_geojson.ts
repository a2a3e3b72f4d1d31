/**
 * An ESRI download as one GeoJSON collection: all attributes as the server typed them, one feature a line.
 *
 * Features without a place are kept, with a geometry of null, and counted.
 */
import { esriGeometry } from '../../shared/geometry/esri_geometry.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import type { Geometry } from '../../shared/row.ts'
import { isObject, type JsonObject, unmarked } from './esri_json.ts'
import { seen } from './esri_seen.ts'
import type { Counts, Table } from './esri_table.ts'
import type { Page } from './esri_window.ts'
import { hashedFile } from './hashed_file.ts'

/** Begin a collection, replacing what is there; `close` it in any case. */
export async function esriGeojson(path: string): Promise<Table> {
  const file = await hashedFile(path, 'the features')
  const ids = seen()
  const counts: Counts = { features: 0, rows: 0, repeated: 0, nowhere: 0, withoutGeometry: 0, badGeometry: 0 }
  await file.write('{"type": "FeatureCollection", "features": [\n')

  async function write({ features, ids: pageIds }: Page): Promise<void> {
    let text = ''
    features.forEach((feature, index) => {
      const id = pageIds[index] ?? ''
      if (id !== '' && !ids.add(id)) {
        counts.repeated++
        return
      }
      text += `${counts.features === 0 ? '' : ',\n'}${featureText(feature, counts)}`
      counts.features++
      counts.rows++
    })
    await file.write(text)
  }

  async function close(): ReturnType<Table['close']> {
    await file.write('\n]}\n').catch(async (error: unknown) => {
      await file.close()
      throw error
    })
    return file.close()
  }

  return { counts, write, close }
}

function featureText(feature: JsonObject, counts: Counts): string {
  const attributes = unmarked(feature['attributes'])
  const geometry = geometryOf(unmarked(feature['geometry']), counts)
  return JSON.stringify({ type: 'Feature', properties: isObject(attributes) ? attributes : {}, geometry })
}

function geometryOf(json: unknown, counts: Counts): Geometry | null {
  try {
    const geometry = esriGeometry(json)
    if (geometry === null) counts.withoutGeometry++
    else if (geometry.type === 'Point' && geometry.coordinates.length === 0) counts.nowhere++
    else return geometry
  } catch (error) {
    if (!(error instanceof GeometryError)) throw error
    counts.badGeometry++
  }
  return null
}
