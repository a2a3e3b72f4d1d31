/**
 * Shapefiles: geometry in .shp, rows in .dbf, coordinate system in .prj, encoding in .cpg; whatever the
 * case of these extensions.
 *
 * Patches of triangles (MultiPatch) are left to GDAL.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import type { Feature, Row } from '../../shared/row.ts'
import { openTable, readHeader, type Table } from './dbf.ts'
import { cellDecoder, tableEncoding } from './dbf_encoding.ts'
import { readOgr } from './ogr.ts'
import { placed } from './place.ts'
import { openProjection, type Projection } from './projection.ts'
import { BATCH_ROWS, type Reading, shortened } from './reading.ts'
import { MULTIPATCH, openShapes, type ShapeFile } from './shp.ts'
import { type FileWindow, openWindow } from './window.ts'

/** The files of a shapefile that are there, by extension in lower case. */
type Siblings = ReadonlyMap<string, string>

/** Why a row is without its place. */
export const BROKEN = 'has a shape that cannot be read'

/** A shapefile, open. */
export interface Shapefile {
  readonly shapes: ShapeFile
  readonly shp: FileWindow
  readonly shx: FileWindow | undefined
  readonly table: Table | undefined
  readonly projection: Projection
}

export function readShapefile(reading: Reading): AsyncGenerator<Feature[]> {
  return withShapefile(reading, {
    patches: () => readOgr(reading),
    shapes: ({ shapes, table, projection }) =>
      placed(readBatches(reading, shapes, table), projection, reading.onBadRow),
  })
}

/** Open a shapefile for one that reads it, and close it afterwards; patches are read otherwise. */
export async function* withShapefile<T>(
  reading: Reading,
  read: { patches: () => AsyncGenerator<T>; shapes: (file: Shapefile) => AsyncGenerator<T> },
): AsyncGenerator<T> {
  const siblings = await findSiblings(reading.path)
  const windows: FileWindow[] = []
  async function openSibling(extension: string): Promise<FileWindow | undefined> {
    const path = siblings.get(extension)
    if (path === undefined) return undefined
    const window = await openWindow(path)
    windows.push(window)
    return window
  }

  try {
    const shp = await openWindow(reading.path)
    windows.push(shp)
    const shx = await openSibling('.shx')
    const shapes = await openShapes(shp, shx)
    if (shapes.shapeType === MULTIPATCH) {
      yield* read.patches()
      return
    }
    const dbf = await openSibling('.dbf')
    const table = dbf === undefined ? undefined : await openTexts(reading, dbf, siblings)
    yield* read.shapes({ shapes, shp, shx, table, projection: await findProjection(reading, siblings) })
  } finally {
    await Promise.all(windows.map((window) => window.close()))
  }
}

async function findSiblings(path: string): Promise<Siblings> {
  const stem = basename(path, extname(path))
  const names = await readdir(dirname(path))
  const siblings = names.filter((name) => isSibling(name, stem))
  return new Map(siblings.map((name) => [extname(name).toLowerCase(), join(dirname(path), name)]))
}

function isSibling(name: string, stem: string): boolean {
  return basename(name, extname(name)).toLowerCase() === stem.toLowerCase()
}

async function openTexts({ conform, log }: Reading, dbf: FileWindow, siblings: Siblings): Promise<Table> {
  const { languageByte } = await readHeader(dbf)
  const encoding = tableEncoding(await readSmall(siblings.get('.cpg')), languageByte, conform.encoding)
  log(`shapefile texts are ${encoding}`)
  return openTable(dbf, cellDecoder(encoding))
}

/** @throws {SourceError} `srs-missing`, when neither the source nor the file says */
async function findProjection({ conform }: Reading, siblings: Siblings): Promise<Projection> {
  const wkt = await readSmall(siblings.get('.prj'))
  const srs = conform.srs ?? wkt
  if (srs === undefined || srs.trim() === '') {
    throw new SourceError('srs-missing', 'the shapefile has no .prj and the conform no srs')
  }
  return openProjection(srs)
}

async function readSmall(path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : await readFile(path, 'utf8')
}

async function* readBatches(
  { signal, onBadRow }: Reading,
  shapes: ShapeFile,
  table: Table | undefined,
): AsyncGenerator<Feature[]> {
  let batch: Feature[] = []
  for (let index = 0; ; index++) {
    const shape = await shapes.read(index)
    if (shape === undefined) break
    const row: Row | 'deleted' = table === undefined ? {} : await table.read(index)
    if (row === 'deleted') continue
    if (shape === 'broken') onBadRow(BROKEN, shortened(`${index + 1}: ${JSON.stringify(row)}`), 'displaced')
    batch.push({ row, geometry: shape === 'broken' ? null : shape.geometry })
    if (batch.length < BATCH_ROWS) continue
    signal.throwIfAborted()
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
