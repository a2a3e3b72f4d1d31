/** Everything else by GDAL, as cells: the same rows and places as ogr.ts gives, for the engine. */
import type { CellBatch } from './cells.ts'
import { hiddenColumn } from './cells.ts'
import { readFgbHeader } from './fgb.ts'
import { readFgbCells } from './fgb_cells.ts'
import { readConverted, restOf, withConverted } from './ogr.ts'
import type { Converted } from './ogr_convert.ts'
import { placed } from './place.ts'
import { placeCells } from './place_cells.ts'
import type { Projection } from './projection.ts'
import type { Reading } from './reading.ts'
import { cellsOfFeatures } from './row_cells.ts'

export function readOgrCells(reading: Reading): AsyncGenerator<CellBatch> {
  return withConverted(reading, (converted, projection) => cellsOf(reading, converted, projection))
}

async function* cellsOf(
  reading: Reading,
  converted: Converted,
  projection: Projection,
): AsyncGenerator<CellBatch> {
  const { onBadRow, signal, conform } = reading
  const { fgb, layer } = converted
  const header = fgb === null ? undefined : await readFgbHeader(fgb)
  const names = header?.columns.slice(1).map(({ name }) => name) ?? []
  // What came as GeoJSON, and columns that an object would not keep apart.
  if (fgb === null || header === undefined || !areApart(names)) {
    yield* cellsOfFeatures(placed(readConverted(reading, converted), projection, onBadRow))
    return
  }
  const batches = readFgbCells(fgb, {
    header,
    signal,
    numberTexts: conform.format === 'xml' ? layer.realColumns : [],
    mayBeFlat: layer.geometryType.startsWith('Unknown'),
    rest: restOf(reading, converted),
  })
  for await (const batch of batches) yield placeCells(batch, projection, onBadRow)
}

function areApart(names: readonly string[]): boolean {
  return names.length > 0 && new Set(names).size === names.length && !names.some(hiddenColumn)
}
