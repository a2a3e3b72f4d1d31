/**
 * ESRI: a layer of an ArcGIS server, fetched page by page into a CSV.
 *
 * Most of the world's sources are this. The server's own count is the measure: ways of paging are tried
 * one after the other until all rows are there, each filling in what the others missed, and a download
 * that stays short is refused.
 *
 * Source: processing.md §5; demands A5.
 */
import { join } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import type { Downloaded, DownloadOptions, EsriManners } from './cache.ts'
import { sizeText } from './disk.ts'
import { envelopes } from './esri_envelopes.ts'
import { ids } from './esri_ids.ts'
import { numberOf } from './esri_json.ts'
import { type EsriLayer, readLayer } from './esri_layer.ts'
import { offset } from './esri_offset.ts'
import { readPages } from './esri_pages.ts'
import { type Seen, seen } from './esri_seen.ts'
import { type EsriServer, esriServer, isHopeless } from './esri_server.ts'
import { statistics } from './esri_statistics.ts'
import { esriTable, type Table, type TableOptions } from './esri_table.ts'
import type { Page, Plan, Strategy, Terrain } from './esri_window.ts'
import { every } from './progress.ts'
import { keepAlive } from './request.ts'
import { shown } from './request_errors.ts'
import { PATIENCE, type Patience, type RetryOptions, withRetries } from './retry.ts'
import { esriValidators, isSameDate, UNCHANGED } from './validators.ts'

/** From the cheapest to the last resort. */
const STRATEGIES: readonly Strategy[] = [offset, statistics, ids, envelopes]

/** Two at once fill the server's pauses; more would be impolite without being asked to. */
const PARALLEL = 2

/** A page takes its time, but the original's five minutes of silence are too long to wait three times. */
const IDLE_MS = 120_000

/** A question that prepares the paging is put so often. */
const TRIES_PLAN = 3

/**
 * Download a layer.
 *
 * @param openTable  begins what the rows are written to; absent, the CSV that runs read
 */
export async function downloadEsri(
  url: string,
  options: DownloadOptions,
  openTable: (path: string, options: TableOptions) => Promise<Table> = esriTable,
): Promise<Downloaded> {
  const patience: Patience = { ...PATIENCE, idleMs: IDLE_MS, ...options.patience }
  const connections = keepAlive()
  try {
    const server = esriServer(url, { ...options, patience, connections })
    const metadata = await withRetries(() => server.metadata(), { ...options, patience })
    const validators = esriValidators(metadata)
    if (isSameDate(validators, options.earlier)) {
      options.log(`${shown(url)} is what it was: last edited ${validators?.lastModified}`)
      return UNCHANGED
    }
    const layer = readLayer(metadata, options.esri?.pageRowsMax)
    const patient = patiently(server, { ...options, patience })
    const count = await countRows(patient, { ...options, patience })
    options.log(
      `${shown(url)}: ${count ?? 'nobody knows how many'} rows, ${layer.pageRows} on a page at most`,
    )
    warnOfColumns(layer, options)

    const path = join(options.folder, 'cache.csv')
    const table = await openTable(path, {
      columns: columnsOf(layer, options),
      lat: options.lat,
      lon: options.lon,
    })
    try {
      const terrain: Terrain = { server: patient, layer, count, log: options.log }
      if (count !== 0) await readAll(terrain, table, { ...options, patience, server })
    } catch (error) {
      await table.close().catch(() => {})
      throw error
    }
    const { bytes, fingerprint } = await table.close()
    options.log(`downloaded ${table.counts.rows} rows, ${sizeText(server.bytes())} received`)
    const { rows } = table.counts
    return { path, bytes, fingerprint, extension: '.csv', isEsri: true, rows, validators }
  } finally {
    connections.close()
  }
}

type Options = DownloadOptions & RetryOptions

/** For questions that prepare the paging; pages have a patience of their own. */
function patiently(server: EsriServer, options: Options): EsriServer {
  const patience = { ...options.patience, triesMax: Math.min(TRIES_PLAN, options.patience.triesMax) }
  const query: EsriServer['query'] = (asked, signal) =>
    withRetries(() => server.query(asked, signal), { ...options, patience })
  return { ...server, query }
}

/** The number of rows; undefined where the server does not tell. */
async function countRows(server: EsriServer, options: Options): Promise<number | undefined> {
  const params = { where: '1=1', returnCountOnly: 'true' }
  try {
    const answer = await server.query({ method: 'GET', params })
    return numberOf(answer['count'])
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof SourceError) || isHopeless(error)) throw error
    options.log(`the server does not count its rows: ${error.message}`)
    return undefined
  }
}

interface Paging extends Options {
  readonly server: EsriServer
}

/** Read by one strategy after the other until everything is there. */
async function readAll(terrain: Terrain, table: Table, options: Paging): Promise<void> {
  let failure: SourceError | undefined
  let expected = terrain.count
  for (const strategy of order(terrain, options.esri)) {
    // Nobody could tell which rows are there already.
    if (terrain.layer.idField === undefined && table.counts.features > 0) break
    try {
      const plan = await strategy.plan(terrain)
      expected ??= plan.rows
      const came = await readPlan(plan, terrain, table, options)
      if (plan.isById && expected !== undefined && came >= expected && table.counts.features < expected) {
        options.log(
          `${came - table.counts.features} rows have an object id that another row has, too: left out`,
        )
        return tellCounts(table, options)
      }
    } catch (error) {
      failure = strategyFailure(error, options)
      options.log(`paging by ${strategy.name} failed: ${failure.message}`)
      if (expected === undefined) continue
    }
    if (expected === undefined || table.counts.features >= expected) return tellCounts(table, options)
    options.log(`paging by ${strategy.name} brought ${table.counts.features} of ${expected} rows so far`)
  }
  refuseShort(table, { expected, failure, options })
}

function order(terrain: Terrain, manners: EsriManners = {}): readonly Strategy[] {
  const forced = STRATEGIES.filter(({ name }) => name === manners.strategy)
  return [
    ...forced,
    ...STRATEGIES.filter((strategy) => !forced.includes(strategy) && strategy.isOffered(terrain)),
  ]
}

/**
 * @returns how many rows there are by what came. An id that stands twice on one page is two rows; a page
 *   that comes again is not, as from servers that pass over the condition.
 */
async function readPlan(plan: Plan, terrain: Terrain, table: Table, options: Paging): Promise<number> {
  const began = performance.now()
  const before = table.counts.rows
  const inPlan = seen()
  let came = 0
  const tell = every(() => {
    const seconds = (performance.now() - began) / 1000
    const { rows } = table.counts
    const rowsPerSecond = Math.round((rows - before) / Math.max(seconds, 0.001))
    options.tell({ stage: 'download', bytes: terrain.server.bytes(), rows, rowsPerSecond })
  })
  const pages = readPages(plan.windows, {
    server: options.server,
    idField: plan.idField ?? terrain.layer.idField,
    patience: options.patience,
    signal: options.signal,
    log: options.log,
    parallel: options.esri?.parallel ?? PARALLEL,
    pauseMs: options.esri?.pauseMs ?? 0,
  })
  for await (const page of pages) {
    await table.write(page)
    came += rowsOn(page, inPlan)
    tell.now()
  }
  tell.last()
  return came
}

function rowsOn({ ids }: Page, inPlan: Seen): number {
  const fresh = new Set<string>()
  for (const id of ids) if (inPlan.add(id)) fresh.add(id)
  return ids.filter((id) => fresh.has(id)).length
}

/** A failure after which another strategy may still work; any other is thrown. */
function strategyFailure(error: unknown, { signal }: Options): SourceError {
  signal.throwIfAborted()
  if (!(error instanceof SourceError) || isHopeless(error)) throw error
  return error
}

interface Shortage {
  readonly expected: number | undefined
  readonly failure: SourceError | undefined
  readonly options: Options
}

function refuseShort(table: Table, { expected, failure, options }: Shortage): void {
  const { features } = table.counts
  if (features === 0 && failure !== undefined) throw failure
  const numbers = `${features} of ${expected ?? 'an unknown number of'} rows came`
  const because = failure === undefined ? '' : `; the last failure: ${failure.problem.detail}`
  if (options.esri?.acceptShort !== true) {
    throw new SourceError('download-incomplete', `${numbers}${because}`, { cause: failure })
  }
  options.log(`${numbers}, which is accepted here${because}`)
  tellCounts(table, options)
}

function tellCounts({ counts }: Table, { log }: Options): void {
  const { repeated, nowhere, withoutGeometry, badGeometry } = counts
  const lines: [number, string][] = [
    [repeated, 'came more than once, and are taken once'],
    [nowhere, 'have NaN for a place'],
    [withoutGeometry, 'have no geometry, and are left out'],
    [badGeometry, 'have a geometry that cannot be one, and are left out'],
  ]
  for (const [number, what] of lines) if (number > 0) log(`${number} features ${what}`)
}

/** The columns to keep, sorted as the original sorted them; all fields where the conform names none. */
function columnsOf(layer: EsriLayer, { columns }: DownloadOptions): readonly string[] | undefined {
  if (columns === undefined || columns === null || columns.length === 0) return layer.fields
  return [...new Set(columns)].sort()
}

function warnOfColumns({ fields }: EsriLayer, { columns, log }: DownloadOptions): void {
  if (fields === undefined || fields.length === 0) return
  const missing = columns?.filter((name) => !fields.includes(name)) ?? []
  if (missing.length > 0) log(`the layer has no column ${missing.join(', ')}; there are ${fields.join(', ')}`)
}
