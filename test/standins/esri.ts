/**
 * An ESRI feature server: layers with their description and queries, in pages, over GET and POST.
 *
 * It has the paging that real servers have: `maxRecordCount`, `resultOffset`, `exceededTransferLimit`,
 * ids, statistics, `where` and envelopes; coordinates are in web Mercator unless `outSR` says otherwise;
 * without `f=json` it answers a page for people; errors come as 200. Manners and troubles make it worse.
 */
import { drip } from './drip.ts'
import {
  type EsriFeature,
  type EsriLayer,
  type EsriManners,
  extent,
  fieldShape,
  layerShape,
  objectId,
  objectIdField,
  positions,
  project,
  readWkid,
  spatialReference,
} from './esri_layer.ts'
import { readWhere } from './esri_where.ts'
import { type Answer, type Asked, listen, type Respond, type Server, type ServerOptions } from './server.ts'
import { type Troubled, withTroubles } from './trouble.ts'

export interface EsriOptions {
  /** By path, which ends in the number of the layer: `/Pine_Ridge/Addresses/FeatureServer/0`. */
  readonly layers: Readonly<Record<string, EsriLayer>>
  /** Manners of every layer that has none of its own. */
  readonly manners?: EsriManners
}

export interface EsriWorld extends Troubled {
  /** Set the manners of one layer; `undefined` makes it behave again. */
  behaves(path: string, manners: EsriManners | undefined): void
}

export type Esri = Server & EsriWorld

/** Start a feature server of its own. */
export async function startEsri(options: EsriOptions & ServerOptions): Promise<Esri> {
  const world = playEsri(options)
  const server = await listen(world.respond, options)
  return { ...server, ...world }
}

/** The same without a port, to be mounted. */
export function playEsri({ layers, manners = {} }: EsriOptions): EsriWorld {
  const own = new Map<string, EsriManners>()
  const respond: Respond = (asked) => {
    const path = decodeURIComponent(asked.path).replace(/\/+$/, '')
    const [layerPath, isQuery] = path.endsWith('/query')
      ? [path.slice(0, -'/query'.length), true]
      : [path, false]
    const layer = layers[layerPath]
    if (layer === undefined) return services(layers, path)

    const given = { ...manners, ...own.get(layerPath) }
    const parameters = readParameters(asked)
    if (parameters.get('f') !== 'json') return forPeople(layer)
    if (given.token !== undefined && tokenOf(asked, parameters) !== given.token) {
      return failed(499, 'Token Required', [])
    }
    const id = Number(layerPath.split('/').at(-1))
    const json = isQuery
      ? query({ layer, manners: given }, parameters)
      : layerShape(layer, { id, manners: given })
    return 'error' in json ? { json } : slowly(json, given.dripBytesPerSecond ?? 0, asked)
  }
  return {
    ...withTroubles(respond),
    behaves(path, manners) {
      if (manners === undefined) own.delete(path)
      else own.set(path, manners)
    },
  }
}

interface Of {
  readonly layer: EsriLayer
  readonly manners: EsriManners
}

/** An error as feature servers send it: in the body, under a status of 200. */
function failure(code: number, message: string, details: readonly string[]) {
  return { error: { code, message, details } }
}

function failed(code: number, message: string, details: readonly string[]): Answer {
  return { json: failure(code, message, details) }
}

function query({ layer, manners }: Of, parameters: URLSearchParams): object {
  const found = select(layer, parameters)
  if (!Array.isArray(found)) return found
  const isTrue = (name: string) => parameters.get(name)?.toLowerCase() === 'true'

  if (isTrue('returnCountOnly')) {
    if (manners.noCount) return failure(400, 'Invalid or missing input parameters.', [])
    return { count: found.length + (manners.countOff ?? 0) }
  }
  if (isTrue('returnIdsOnly')) {
    if (manners.noIds) return failure(400, 'Unable to complete operation.', [])
    const objectIds = found.map((feature) => objectId(layer, feature))
    return { objectIdFieldName: objectIdField(layer), objectIds }
  }
  if (isTrue('returnExtentOnly')) {
    const wkid = readWkid(parameters.get('outSR')) ?? 102_100
    return { extent: extent(found, wkid), count: found.length }
  }
  if (parameters.has('outStatistics')) {
    if (manners.noStatistics)
      return failure(400, 'Unable to complete operation.', ['Statistics are not supported.'])
    return statistics(layer, { found, text: parameters.get('outStatistics') ?? '' })
  }
  return page({ layer, manners }, { found, parameters })
}

/** The features that a query means, in the order that it asks for; or why it cannot be understood. */
function select(layer: EsriLayer, parameters: URLSearchParams): EsriFeature[] | object {
  const [where, ids, geometry] = ['where', 'objectIds', 'geometry'].map((name) => parameters.get(name) ?? '')
  if (where === '' && ids === '' && geometry === '')
    return failure(400, 'Invalid or missing input parameters.', [])
  let found = [...layer.features]
  const names = layer.fields.map(({ name }) => name)
  if (where !== '') {
    try {
      const test = readWhere(where!, names)
      // `1=1` compares two numbers, which are the same for every feature.
      found = found.filter(({ attributes }) => test(attributes))
    } catch {
      return failure(400, 'Unable to complete operation.', ['Unable to perform query operation.'])
    }
  }
  if (ids !== '') {
    const wanted = new Set(ids!.split(',').map(Number))
    found = found.filter((feature) => wanted.has(objectId(layer, feature)))
  }
  if (geometry !== '')
    found = within(found, { geometry: geometry!, wkid: readWkid(parameters.get('inSR')) ?? 102_100 })
  const [field, direction] = (parameters.get('orderByFields') ?? '').split(/\s+/)
  if (!field) return found
  if (!names.includes(field))
    return failure(400, 'Unable to complete operation.', [`Invalid field: ${field}`])
  const sign = direction?.toUpperCase() === 'DESC' ? -1 : 1
  const value = ({ attributes }: EsriFeature) => attributes[field] ?? ''
  return found.sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : 0))
}

/** Features with a position in an envelope, given as four numbers or as JSON. */
function within(
  features: EsriFeature[],
  { geometry, wkid }: { geometry: string; wkid: number },
): EsriFeature[] {
  const named = geometry.startsWith('{') ? (JSON.parse(geometry) as Record<string, number>) : undefined
  const numbers = named
    ? [named['xmin'], named['ymin'], named['xmax'], named['ymax']]
    : geometry.split(',').map(Number)
  const [west = 0, south = 0, east = 0, north = 0] = numbers
  return features.filter(({ geometry }) =>
    positions(project(geometry, wkid, undefined)).some(
      ([x, y]) => x >= west && x <= east && y >= south && y <= north,
    ),
  )
}

function statistics(layer: EsriLayer, { found, text }: { found: EsriFeature[]; text: string }): object {
  const asked = parsed(text)
  if (!Array.isArray(asked)) return failure(400, "'outStatistics' parameter is invalid", [])
  const attributes: Record<string, number | null> = {}
  for (const { statisticType, onStatisticField, outStatisticFieldName } of asked as Record<
    string,
    string
  >[]) {
    const field = layer.fields.find(
      ({ name }) => name.toLowerCase() === onStatisticField?.toLowerCase(),
    )?.name
    if (field === undefined)
      return failure(400, 'Unable to complete operation.', [`Invalid field: ${onStatisticField}`])
    const values = found
      .map(({ attributes }) => attributes[field])
      .filter((value) => typeof value === 'number')
    const sum = values.reduce((sum, value) => sum + value, 0)
    const results: Record<string, number> = {
      count: values.length,
      sum,
      avg: sum / values.length,
      min: values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
      max: values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
    }
    const result = results[statisticType ?? '']
    attributes[outStatisticFieldName ?? `${statisticType}_${field}`] = Number.isFinite(result)
      ? result!
      : null
  }
  return { features: [{ attributes }] }
}

/** One page of features; more than one only where the server can page. */
function page(
  { layer, manners }: Of,
  { found, parameters }: { found: EsriFeature[]; parameters: URLSearchParams },
) {
  const isPaged = parameters.has('resultOffset') || parameters.has('resultRecordCount')
  if (isPaged && manners.noPagination) return failure(400, 'Pagination is not supported.', [])
  const asked = Number(parameters.get('resultRecordCount') || Number.POSITIVE_INFINITY)
  const limit = Math.min(layer.maxRecordCount ?? 1_000, manners.pageCap ?? Number.POSITIVE_INFINITY)
  if (manners.tooManyAt !== undefined && Math.min(asked, found.length, limit) > manners.tooManyAt) {
    return failure(500, 'Error performing query operation', [])
  }
  const wkid = readWkid(parameters.get('outSR'))
  if (wkid === undefined) return failure(400, "'outSR' parameter is invalid", [])
  const names = fieldsAsked(layer, parameters.get('outFields') ?? objectIdField(layer))
  if (names === undefined)
    return failure(400, 'Unable to complete operation.', ['Invalid field in outFields.'])

  const offset = Number(parameters.get('resultOffset') || 0)
  const start = Math.max(0, offset - (offset === 0 ? 0 : (manners.overlap ?? 0)))
  const end = start + Math.min(asked, limit)
  const hasGeometry = parameters.get('returnGeometry')?.toLowerCase() !== 'false'
  const precision = parameters.get('geometryPrecision')
  const digits = precision === null || precision === '' ? undefined : Number(precision)
  return {
    objectIdFieldName: objectIdField(layer),
    globalIdFieldName: '',
    geometryType: layer.geometryType ?? 'esriGeometryPoint',
    spatialReference: spatialReference(wkid),
    fields: layer.fields.filter(({ name }) => names.includes(name)).map(fieldShape),
    features: found.slice(start, end).map(({ attributes, geometry }) => ({
      attributes: Object.fromEntries(names.map((name) => [name, attributes[name] ?? null])),
      ...(hasGeometry ? { geometry: project(geometry, wkid, digits) } : {}),
    })),
    ...(end < found.length && !manners.silentLimit ? { exceededTransferLimit: true } : {}),
  }
}

function fieldsAsked(layer: EsriLayer, text: string): string[] | undefined {
  const all = layer.fields.map(({ name }) => name)
  if (text === '*') return all
  const asked = text.split(',').map((name) => name.trim())
  const found = all.filter((name) => asked.some((one) => one.toLowerCase() === name.toLowerCase()))
  return found.length === asked.length ? found : undefined
}

function readParameters(asked: Asked): URLSearchParams {
  const all = new URLSearchParams(asked.query)
  if (asked.method === 'POST')
    for (const [name, value] of new URLSearchParams(asked.body.toString())) all.set(name, value)
  return all
}

function tokenOf(asked: Asked, parameters: URLSearchParams): string | undefined {
  const header = asked.headers['x-esri-authorization']
  return parameters.get('token') ?? String(header ?? '').replace(/^Bearer /, '')
}

function slowly(json: object, bytesPerSecond: number, asked: Asked): Answer {
  const content = Buffer.from(JSON.stringify(json))
  return {
    headers: { 'content-type': 'application/json;charset=UTF-8', 'content-length': `${content.length}` },
    body: drip(content, bytesPerSecond, asked.signal),
  }
}

/** Without `f=json` a server shows a page. */
function forPeople(layer: EsriLayer): Answer {
  return {
    headers: { 'content-type': 'text/html;charset=utf-8' },
    body: `<html><head><title>${layer.name ?? 'Layer'}</title></head><body><h2>Layer: ${layer.name}</h2></body></html>\n`,
  }
}

/** The services above the layers, and what is none of them. */
function services(layers: EsriOptions['layers'], path: string): Answer {
  const below = Object.entries(layers).filter(([layerPath]) => layerPath.startsWith(`${path}/`))
  if (below.length === 0) return failed(404, 'Service not found', [])
  const shown = below.map(([layerPath, { name }]) => ({ id: Number(layerPath.split('/').at(-1)), name }))
  return { json: { currentVersion: 10.91, layers: shown, capabilities: 'Query' } }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
