/**
 * What outsiders' programs read: index.json, state.txt and licenses.json, in the shapes of the original.
 *
 * Source: spec/machine.md 2.2.
 */
import { LICENSE_WORDS, type LicenseAttr, type Region } from './collection.ts'
import type { RunState } from './run.ts'

/** Columns of state.txt, in order; all but the first are keys of the state. */
const STATE_COLUMNS = [
  'source',
  'cache',
  'sample',
  'geometry type',
  'address count',
  'version',
  'fingerprint',
  'cache time',
  'processed',
  'process time',
  'process hash',
  'output',
  'attribution required',
  'attribution name',
  'share-alike',
  'code version',
] as const satisfies readonly (keyof RunState)[]

/** Zips of this size have nothing in them. */
const EMPTY_ZIP_BYTES = 1_024

/** A data source and what its current run left. */
export interface SourceState {
  /** `sources/us/ca/berkeley.json` */
  readonly sourcePath: string
  readonly state: Partial<RunState>
}

/** A collected zip. */
export interface ListedZip {
  readonly url: string
  readonly contentLength: number
  readonly collection: Region
  readonly licenseAttr: LicenseAttr
}

/** Addresses of the maps of the newest set; null where there is none. */
export interface Renders {
  readonly world: string | null
  readonly europe: string | null
  readonly usa: string | null
  readonly geojson: string | null
}

/** state.txt: a table of the current runs, parted by tabs; lines end with CR LF. */
export function stateTable(sources: readonly SourceState[]): string {
  const lines = sources.map(({ sourcePath, state }) => {
    const own = { ...state, source: sourcePath.replace(/^sources\//, '') }
    return STATE_COLUMNS.map((column) => cell(own[column])).join('\t')
  })
  return [STATE_COLUMNS.join('\t'), ...lines, ''].join('\r\n')
}

/** licenses.json: who asks for what, with the path and website of each source. */
export function licenseList(sources: readonly SourceState[]): object {
  const groups = new Map<string, { license: string | null; attribution: string | null; sources: unknown[] }>()
  for (const { sourcePath, state } of sources) {
    const license = state.license ?? null
    const attribution = state['attribution required'] === 'false' ? null : (state['attribution name'] ?? null)
    const key = JSON.stringify([license, attribution])
    const group = groups.get(key) ?? { license, attribution, sources: [] }
    group.sources.push([sourcePath, state.website ?? null])
    groups.set(key, group)
  }
  const inOrder = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
  return { licenses: inOrder }
}

/** index.json: where everything else is. @param base  address of the pages, without a last slash */
export function directory(base: string, zips: readonly ListedZip[], renders: Renders): object {
  const collections: Partial<Record<Region, Partial<Record<LicenseAttr, object>>>> = {}
  for (const { url, contentLength, collection, licenseAttr } of zips) {
    if (contentLength < EMPTY_ZIP_BYTES) continue
    const license = LICENSE_WORDS[licenseAttr]
    collections[collection] = {
      ...collections[collection],
      [licenseAttr]: { url, content_length: contentLength, license },
    }
  }
  return {
    run_states_url: `${base}/state.txt`,
    latest_run_processed_url: `${base}/latest/run/{source}.zip`,
    tileindex_url: `${base}/tiles/{lon}/{lat}.zip`,
    licenses_url: `${base}/latest/licenses.json`,
    latest_set_url: `${base}/latest/set`,
    manifest_url: `${base}/manifest.json`,
    render_world_url: renders.world,
    render_europe_url: renders.europe,
    render_usa_url: renders.usa,
    render_geojson_url: renders.geojson,
    collections,
  }
}

/** As Python's csv module writes it. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  return /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
