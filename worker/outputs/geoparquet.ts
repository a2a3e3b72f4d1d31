/**
 * `out.parquet`: the rows as GeoParquet 1.1, for DuckDB, pandas, QGIS and everything that reads columns.
 *
 * One column for each attribute of the layer, the geometry as WKB, and a box for each feature, by which
 * readers pass over what they need not see. Rows are held back until a group of them is full, and a
 * group is full by its bytes too, so parcels of a thousand corners need no more memory than points.
 * Packed by Snappy, which every reader knows and which gives the same bytes under Bun and Node.
 */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import type { SchemaElement } from 'hyparquet'
import type { OutFeature } from '../../shared/row.ts'
import {
  type Bbox,
  BBOX_COLUMN,
  BBOX_EDGES,
  geoMetadata,
  GEOMETRY_COLUMN,
  noFacts,
  noteGeometry,
} from './geo_metadata.ts'
import type { Leaving, Output } from './output.ts'
import { textSink } from './text_sink.ts'
import { type Column, type TypedFile, typedOutput, valueFor } from './typed_output.ts'
import { wkb } from './wkb.ts'

export const OUT_PARQUET = 'out.parquet'

/** Enough rows that a group packs well, and few enough to hold. */
const GROUP_ROWS = 20_000

/** Bytes of geometry after which a group is full, however few its rows. */
const GROUP_BYTES = 16 * 1024 ** 2

export function geoparquet(leaving: Leaving): Output {
  return typedOutput(leaving, {
    name: OUT_PARQUET,
    type: 'application/vnd.apache.parquet',
    open: (path, columns) => parquetFile(textSink(path), columns),
  })
}

/** Where the bytes of a file go. */
export interface Sink {
  write(bytes: Buffer): Promise<void>
  close(): Promise<void>
  /** Stop, and remove what was begun. */
  abandon(): Promise<void>
}

/** A GeoParquet file; its groups of rows are larger where the whole is, since readers hold a table of them. */
export function parquetFile(
  sink: Sink,
  columns: readonly Column[],
  { groupRows = GROUP_ROWS }: { readonly groupRows?: number } = {},
): TypedFile {
  const bytes = new ByteWriter()
  const parquet = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: 'Machine' })
  const facts = noFacts()
  let group = emptyGroup(columns)

  /** Hand over what the library has written; it goes on in the same memory. */
  async function passOn(): Promise<void> {
    const part = Buffer.from(bytes.buffer.slice(0, bytes.index))
    bytes.index = 0
    await sink.write(part)
  }

  async function writeGroup(): Promise<void> {
    const columnData = sourcesOf(columns, group)
    const rowGroupSize = group.geometries.length
    group = emptyGroup(columns)
    if (rowGroupSize === 0) return
    await parquet.write({ columnData, rowGroupSize })
    await passOn()
  }

  return {
    async write(features: readonly OutFeature[]): Promise<void> {
      for (const feature of features) {
        for (const [index, column] of columns.entries()) group.values[index]!.push(valueFor(column, feature))
        const { geometry } = feature
        const binary = geometry === null ? null : wkb(geometry)
        group.geometries.push(binary)
        group.boxes.push(geometry === null ? null : noteGeometry(facts, geometry))
        group.bytes += binary?.length ?? 0
        if (group.geometries.length >= groupRows || group.bytes >= GROUP_BYTES) await writeGroup()
      }
    },

    async close(): Promise<void> {
      await writeGroup()
      parquet.kvMetadata = [{ key: 'geo', value: geoMetadata(facts) }]
      await parquet.finish()
      await passOn()
      await sink.close()
    },

    abandon: () => sink.abandon(),
  }
}

/** Rows that are not written yet, column by column. */
interface Group {
  readonly values: (string | number | null)[][]
  readonly geometries: (Uint8Array | null)[]
  readonly boxes: (Bbox | null)[]
  /** Of the geometries. */
  bytes: number
}

function emptyGroup(columns: readonly Column[]): Group {
  return { values: columns.map(() => []), geometries: [], boxes: [], bytes: 0 }
}

function sourcesOf(columns: readonly Column[], { values, geometries, boxes }: Group): ColumnSource[] {
  return [
    ...columns.map(({ name }, index) => ({ name, data: values[index]! })),
    // Geometries hardly repeat, and an ordering of them means nothing.
    { name: GEOMETRY_COLUMN, data: geometries, encoding: 'PLAIN', statistics: false },
    { name: BBOX_COLUMN, data: boxes },
  ]
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length + 2 },
    ...columns.map(
      ({ name, type }): SchemaElement =>
        type === 'number'
          ? { name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }
          : { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ),
    { name: GEOMETRY_COLUMN, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
    { name: BBOX_COLUMN, num_children: BBOX_EDGES.length, repetition_type: 'OPTIONAL' },
    ...BBOX_EDGES.map((name): SchemaElement => ({ name, type: 'FLOAT', repetition_type: 'REQUIRED' })),
  ]
}
