/**
 * `out.fgb`: the rows as FlatGeobuf, for QGIS, GDAL and maps in a browser.
 *
 * It is written row by row, so it has no index: readers go through it from the first feature to the
 * last, which they do as fast as the disk. An index would need all rows at once, sorted by place.
 * Heights are left out, because here a file has them everywhere or nowhere; GeoJSON and GeoParquet
 * keep them.
 */
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { extendBounds, noBounds } from '../../shared/geometry/bounds.ts'
import type { OutFeature } from '../../shared/row.ts'
import { writeFgbFeature } from './fgb_feature.ts'
import { type FgbFacts, fgbHead } from './fgb_header.ts'
import { newPage } from './flatbuffer_writer.ts'
import type { Leaving, Output } from './output.ts'
import { textSink } from './text_sink.ts'
import { type Column, type TypedFile, typedOutput } from './typed_output.ts'
import { TYPE_CODES } from './wkb.ts'

export const OUT_FGB = 'out.fgb'

/** One write to the disk. */
const PIECE_BYTES = 256 * 1024

export function flatgeobuf(leaving: Leaving): Output {
  const name = basename(leaving.sourceName)
  return typedOutput(leaving, {
    name: OUT_FGB,
    type: 'application/flatgeobuf',
    open: (path, columns) => openFgb(path, name, columns),
  })
}

function openFgb(path: string, name: string, columns: readonly Column[]): TypedFile {
  const sink = textSink(path)
  const page = newPage()
  const types = new Set<number>()
  const bounds = noBounds()
  let count = 0
  const facts = (): FgbFacts => {
    const [geometryType = 0] = types.size === 1 ? types : []
    return { columns, count, bounds, geometryType }
  }
  let began: Promise<void> | undefined = sink.write(fgbHead(name, facts()))

  async function passOn(): Promise<void> {
    const piece = Buffer.from(page.bytes.subarray(0, page.at))
    page.at = 0
    await sink.write(piece)
  }

  return {
    async write(features: readonly OutFeature[]): Promise<void> {
      await began
      began = undefined
      for (const feature of features) {
        writeFgbFeature(page, columns, feature)
        count += 1
        extendBounds(bounds, feature.geometry)
        if (feature.geometry !== null) types.add(TYPE_CODES[feature.geometry.type])
        if (page.at >= PIECE_BYTES) await passOn()
      }
    },

    async close(): Promise<void> {
      await began
      await passOn()
      await sink.close()
      const file = await open(path, 'r+')
      try {
        const head = fgbHead(name, facts())
        await file.write(head, 0, head.length, 0)
      } finally {
        await file.close()
      }
    },

    abandon: () => sink.abandon(),
  }
}
