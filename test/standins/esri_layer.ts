/** One layer of a feature server: its description, its features, and their coordinates in two systems. */
import type { Attributes } from './esri_where.ts'

/** A position or a nest of positions; what is no number (`"NaN"`, null) is passed on as it is. */
export type Coordinates = unknown

/** In ESRI's own form: `{x, y}`, `{points}`, `{paths}`, `{rings}`; null where a feature has no place. */
export type EsriGeometry = Readonly<Record<string, Coordinates>> | null

export interface EsriFeature {
  readonly attributes: Attributes
  /** In EPSG:4326. */
  readonly geometry: EsriGeometry
}

/** What a layer holds. */
export interface EsriLayer {
  readonly name?: string
  readonly fields: readonly { readonly name: string; readonly type: string; readonly alias?: string }[]
  readonly features: readonly EsriFeature[]
  /** `esriGeometryPoint` without it. */
  readonly geometryType?: string
  /** So many features a page at most; 1000 without it. */
  readonly maxRecordCount?: number
}

/** How a layer behaves for ever; `misbehave` is for a few calls. Without any it behaves well. */
export interface EsriManners {
  /** Pages hold so many at most, whatever `maxRecordCount` promises. */
  readonly pageCap?: number
  /** Says nothing of the rest: no `exceededTransferLimit`. */
  readonly silentLimit?: boolean
  /** Asked for more at once than this, it fails with an error sent as 200. */
  readonly tooManyAt?: number
  /** The count is wrong by this much. */
  readonly countOff?: number
  /** Cannot count. */
  readonly noCount?: boolean
  readonly noPagination?: boolean
  readonly noStatistics?: boolean
  readonly noIds?: boolean
  /** Each page begins with so many features of the page before. */
  readonly overlap?: number
  /** `fields` of the description is null. */
  readonly nullFields?: boolean
  /** The description does not say which field is the object id. */
  readonly noObjectIdField?: boolean
  /** Only with this token; 499 sent as 200 without it. */
  readonly token?: string
  /** So many bytes a second of every page; 0 for full speed. */
  readonly dripBytesPerSecond?: number
}

/** Earth's radius as the web's maps have it. */
const RADIUS_M = 6_378_137

/** What feature servers call the web's Mercator. */
const MERCATOR = [102_100, 3_857, 900_913]

/** The field that numbers the features. */
export function objectIdField(layer: EsriLayer): string {
  return layer.fields.find(({ type }) => type === 'esriFieldTypeOID')?.name ?? 'OBJECTID'
}

/** The number of a feature. */
export function objectId(layer: EsriLayer, feature: EsriFeature): number {
  return Number(feature.attributes[objectIdField(layer)])
}

/** The description of a layer, as `?f=json` answers it. */
export function layerShape(layer: EsriLayer, { id, manners }: { id: number; manners: EsriManners }) {
  const supportsPagination = !manners.noPagination
  const supportsStatistics = !manners.noStatistics
  return {
    currentVersion: 10.91,
    id,
    name: layer.name ?? 'Layer',
    type: 'Feature Layer',
    description: '',
    geometryType: layer.geometryType ?? 'esriGeometryPoint',
    extent: extent(layer.features, 102_100),
    ...(manners.noObjectIdField ? {} : { objectIdField: objectIdField(layer) }),
    fields: manners.nullFields ? null : layer.fields.map(fieldShape),
    maxRecordCount: layer.maxRecordCount ?? 1_000,
    supportsStatistics,
    supportsAdvancedQueries: true,
    supportsPagination,
    advancedQueryCapabilities: { supportsPagination, supportsStatistics, supportsOrderBy: true },
    supportedQueryFormats: 'JSON',
    capabilities: 'Query',
    sourceSpatialReference: spatialReference(102_100),
  }
}

/** A field, as descriptions and pages have it. */
export function fieldShape({ name, type, alias }: EsriLayer['fields'][number]) {
  return { name, type, alias: alias ?? name, ...(type === 'esriFieldTypeString' ? { length: 255 } : {}) }
}

/** A system of coordinates, with its modern number where the old one is ESRI's own. */
export function spatialReference(wkid: number) {
  return { wkid, latestWkid: MERCATOR.includes(wkid) ? 3_857 : wkid }
}

/** The number in `4326` or `{"wkid": 4326}`; undefined for what this server does not know. */
export function readWkid(text: string | null): number | undefined {
  if (text === null || text === '') return MERCATOR[0]
  const number = Number(
    /^\d+$/.test(text) ? text : (/"(?:latestW|w)kid"\s*:\s*(\d+)/.exec(text)?.[1] ?? 'none'),
  )
  return number === 4_326 || MERCATOR.includes(number) ? number : undefined
}

/** A geometry in another system, rounded to so many digits. */
export function project(geometry: EsriGeometry, wkid: number, digits: number | undefined): EsriGeometry {
  if (geometry === null) return null
  const round = (value: number) => (digits === undefined ? value : Number(value.toFixed(digits)))
  const place = (lon: number, lat: number): [number, number] =>
    MERCATOR.includes(wkid) ? mercator(lon, lat) : [lon, lat]

  function nest(value: Coordinates): Coordinates {
    if (!Array.isArray(value)) return value
    const [x, y, ...more] = value as unknown[]
    if (typeof x !== 'number' || typeof y !== 'number') return value.map(nest)
    return [...place(x, y).map(round), ...more]
  }

  const { x, y } = geometry
  const isPoint = typeof x === 'number' && typeof y === 'number'
  if (isPoint) {
    const [east, north] = place(x, y)
    return { ...geometry, x: round(east), y: round(north) }
  }
  return Object.fromEntries(Object.entries(geometry).map(([key, value]) => [key, nest(value)]))
}

/** The box around features; of those that have a place. */
export function extent(features: readonly EsriFeature[], wkid: number) {
  const box = { xmin: Infinity, ymin: Infinity, xmax: -Infinity, ymax: -Infinity }
  for (const { geometry } of features) {
    for (const [x, y] of positions(project(geometry, wkid, undefined))) {
      box.xmin = Math.min(box.xmin, x)
      box.xmax = Math.max(box.xmax, x)
      box.ymin = Math.min(box.ymin, y)
      box.ymax = Math.max(box.ymax, y)
    }
  }
  return { ...box, spatialReference: spatialReference(wkid) }
}

/** Every position of a geometry that has both numbers. */
export function positions(geometry: EsriGeometry): [x: number, y: number][] {
  if (geometry === null) return []
  const { x, y } = geometry
  if (typeof x === 'number' && typeof y === 'number') return [[x, y]]
  const flat = (value: unknown): [number, number][] => {
    if (!Array.isArray(value)) return []
    const [x, y] = value as unknown[]
    return typeof x === 'number' && typeof y === 'number' ? [[x, y]] : value.flatMap(flat)
  }
  return Object.values(geometry).flatMap(flat)
}

function mercator(lon: number, lat: number): [x: number, y: number] {
  const radians = Math.PI / 180
  return [RADIUS_M * lon * radians, RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (lat * radians) / 2))]
}
