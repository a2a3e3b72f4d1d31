/**
 * Somebody else's ESRI server, for tests: a layer with rows that can be asked in every way of paging, and a
 * place to misbehave.
 */
import type { ServerResponse } from 'node:http'
import type { Asked, Behave } from './web_standin.ts'

export interface StandinRow {
  readonly id: number
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly geometry?: unknown
}

export interface StandinLayer {
  readonly rows: readonly StandinRow[]
  /** Joins what the layer says of itself. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly idField?: string
  /** What it gives at once, whatever it says. */
  readonly cap?: number
  /** Says nothing when a page was cut. */
  readonly isSilent?: boolean
  /** Answers itself, and says so by true. `kind` tells what is asked for. */
  readonly misbehave?: (kind: Kind, asked: Asked, response: ServerResponse, times: number) => boolean
}

export type Kind = 'metadata' | 'count' | 'ids' | 'statistics' | 'page'

/** Rows with ids from 1 on, a name each, and a point. */
export function somePoints(number: number, first = 1): StandinRow[] {
  return Array.from({ length: number }, (_, index) => ({
    id: first + index,
    attributes: { NAME: `row ${first + index}` },
    geometry: { x: index / 8, y: 50 },
  }))
}

/** A layer's behaviour, for `standin`. */
export function esriLayer(layer: StandinLayer): Behave {
  const idField = layer.idField ?? 'OBJECTID'
  const times: Record<string, number> = {}
  return (asked, response) => {
    const kind = kindOf(asked)
    times[kind] = (times[kind] ?? 0) + 1
    if (layer.misbehave?.(kind, asked, response, times[kind]!)) return
    sendJson(response, answer(kind, asked.params, { ...layer, idField }))
  }
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): true {
  response.writeHead(status, { 'content-type': 'text/plain;charset=utf-8' }).end(JSON.stringify(body))
  return true
}

export function sendText(response: ServerResponse, body: string, status = 200): true {
  response.writeHead(status, { 'content-type': 'text/html' }).end(body)
  return true
}

/** An error as ArcGIS sends it: with status 200. */
export function sendError(response: ServerResponse, code: number, message: string): true {
  return sendJson(response, { error: { code, message, details: [] } })
}

function kindOf({ path, params }: Asked): Kind {
  if (!new URL(path, 'http://x').pathname.endsWith('/query')) return 'metadata'
  if (params.get('returnCountOnly') === 'true') return 'count'
  if (params.get('returnIdsOnly') === 'true') return 'ids'
  return params.has('outStatistics') ? 'statistics' : 'page'
}

type Layer = StandinLayer & { readonly idField: string }

function answer(kind: Kind, params: URLSearchParams, layer: Layer): unknown {
  const { rows, idField } = layer
  switch (kind) {
    case 'metadata':
      return {
        type: 'Feature Layer',
        maxRecordCount: 1_000,
        fields: [
          { name: idField, type: 'esriFieldTypeOID' },
          { name: 'NAME', type: 'esriFieldTypeString' },
        ],
        ...layer.metadata,
      }
    case 'count':
      return { count: rows.length }
    case 'ids':
      return { objectIdFieldName: idField, objectIds: rows.filter(where(params)).map(({ id }) => id) }
    case 'statistics': {
      const ids = rows.map(({ id }) => id)
      return { features: [{ attributes: { THE_MIN: Math.min(...ids), THE_MAX: Math.max(...ids) } }] }
    }
    case 'page':
      return page(params, layer)
    default:
      return kind satisfies never
  }
}

function page(params: URLSearchParams, { rows, idField, cap = 1_000, isSilent }: Layer): unknown {
  const found = rows.filter(where(params))
  const start = Number(params.get('resultOffset') ?? 0)
  const wanted = Math.min(cap, Number(params.get('resultRecordCount') ?? cap))
  const some = found.slice(start, start + wanted)
  const isCut = start + some.length < found.length
  return {
    objectIdFieldName: idField,
    ...(isCut && isSilent !== true ? { exceededTransferLimit: true } : {}),
    features: some.map(({ id, attributes, geometry }) => ({
      attributes: { [idField]: id, ...attributes },
      geometry,
    })),
  }
}

function where(params: URLSearchParams): (row: StandinRow) => boolean {
  const text = params.get('where') ?? '1=1'
  const range = /^\S+ (>=?) (-?\d+) AND \S+ <= (-?\d+)$/.exec(text)
  const pair = /^\S+ = (-?\d+) OR \S+ = (-?\d+)$/.exec(text)
  const envelope = params.get('geometry')
  if (envelope !== null) return inside(JSON.parse(envelope) as Box)
  if (pair) return ({ id }) => id === Number(pair[1]) || id === Number(pair[2])
  if (!range) return () => true
  const [, sign, from, to] = range
  return ({ id }) => (sign === '>' ? id > Number(from) : id >= Number(from)) && id <= Number(to)
}

interface Box {
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
}

function inside({ xmin, ymin, xmax, ymax }: Box): (row: StandinRow) => boolean {
  return ({ geometry }) => {
    const { x, y } = (geometry ?? {}) as { x: number; y: number }
    return x >= xmin && x <= xmax && y >= ymin && y <= ymax
  }
}
