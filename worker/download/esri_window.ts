/**
 * Windows: a download of an ESRI layer is cut into windows, and each is asked for as one page.
 *
 * Every way of paging is a plan of windows. A window knows what to ask next when its page did not bring
 * all of it, because the server's limit is lower than it says; and how to cut itself smaller when the server
 * cannot bear it.
 */
import type { EsriLayer } from './esri_layer.ts'
import type { EsriServer, Query } from './esri_server.ts'
import type { JsonObject } from './esri_json.ts'

export interface Page {
  readonly features: readonly JsonObject[]
  /** The server says that there is more. */
  readonly isExceeded: boolean
  /** Object ids of the features, as text. */
  readonly ids: readonly string[]
}

export interface Window {
  readonly query: Query
  /** The most rows it can bring. */
  readonly rows: number
  /** What is still to be asked after this page; nothing when it brought everything. */
  rest(page: Page): readonly Window[]
  /** Smaller windows for the same rows; none when it cannot be smaller. */
  parts(): readonly Window[]
}

export interface Terrain {
  readonly server: EsriServer
  readonly layer: EsriLayer
  /** As the server counted; undefined where it cannot count. */
  readonly count: number | undefined
  readonly log: (line: string) => void
}

/** A way of paging. */
export interface Strategy {
  readonly name: 'offset' | 'statistics' | 'ids' | 'envelopes'
  /** Whether the server says that it can be asked so. */
  isOffered(terrain: Terrain): boolean
  /**
   * The windows, and the number of rows they promise where the way tells one.
   *
   * @throws {SourceError} when the server cannot be asked so after all
   */
  plan(terrain: Terrain): Promise<Plan>
}

export interface Plan {
  readonly windows: Iterable<Window>
  /** Each row lies in exactly one window, by its object id: what comes twice is there twice. */
  readonly isById: boolean
  readonly rows?: number
  /** Where only the plan found out what the object ids are called. */
  readonly idField?: string
}

/** Smaller by this factor, when a page is too much for a server. */
export const SMALLER = 4

/** What every page asks for, spelled as the original spelled it. */
export const PAGE_PARAMS = { returnGeometry: 'True', outSR: '4326', outFields: '*' }

/** Ask for a page by POST: conditions may be long. Seven decimals are a centimetre. */
export function pageQuery(params: Readonly<Record<string, string>>): Query {
  return { method: 'POST', params: { ...params, geometryPrecision: '7', ...PAGE_PARAMS } }
}

/** Cut a list into parts of so many. */
export function* chunks<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}
