/**
 * `out.geojson`: one feature a line, in the order of the data, as the reference writes it.
 *
 * The plain file is what later steps of the same run read (tiles, say) and what somebody at a
 * terminal looks at; what is published is `out.geojson.gz`.
 */
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { artifact, type Leaving, type Lines, type Made, type Output, type OutRow } from './output.ts'
import { textSink } from './text_sink.ts'

/** The working file, in the run's folder. */
export const OUT_GEOJSON = 'out.geojson'

/** The published file. */
export const OUT_GEOJSON_GZ = 'out.geojson.gz'

/**
 * So much of the packed file comes at once. It is packed beside the conform, on another core; with the
 * 16 KB that are usual, packing would stop and wait for us many times a batch.
 */
const CHUNK_BYTES = 512 * 1024

export function geojson({ folder }: Leaving): Output {
  const plain = textSink(join(folder, OUT_GEOJSON))
  const packed = textSink(join(folder, OUT_GEOJSON_GZ), createGzip({ chunkSize: CHUNK_BYTES }))
  let count = 0

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      let text = ''
      for (const { line } of rows) text += `${line}\n`
      count += rows.length
      await Promise.all([plain.write(text), packed.write(text)])
    },

    async writeLines(lines: Lines): Promise<void> {
      count += lines.count
      await Promise.all([plain.write(lines.bytes), packed.write(lines.bytes)])
    },

    async close(): Promise<Made> {
      await Promise.all([plain.close(), packed.close()])
      const made = await artifact(folder, OUT_GEOJSON_GZ, 'application/gzip')
      return { artifacts: [made], rows: count }
    },

    async abandon(): Promise<void> {
      await Promise.all([plain.abandon(), packed.abandon()])
    },
  }
}
