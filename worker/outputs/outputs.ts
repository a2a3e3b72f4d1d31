/**
 * The table of outputs: what a run leaves, and the one place where all of them are written to.
 *
 * A new output is a file that makes an `Output`, and a line here. Order matters where one reads what
 * another made: they are closed from top to bottom.
 */
import { addressZip } from './address_zip.ts'
import { flatgeobuf } from './flatgeobuf.ts'
import { geojson } from './geojson.ts'
import { geoparquet } from './geoparquet.ts'
import { type Leaving, type Lines, type Made, type Output, type OutRow, rowsOf } from './output.ts'
import { preview } from './preview.ts'
import { slippymap } from './slippymap.ts'

/** Every output, under the name by which it can be asked for. */
export const OUTPUTS = {
  geojson: { room: 1.5, layers: 'all', open: geojson },
  zip: { room: 0.3, layers: ['addresses'], open: addressZip },
  geoparquet: { room: 0.5, layers: 'all', needs: 'geojson', open: geoparquet },
  flatgeobuf: { room: 1, layers: 'all', needs: 'geojson', open: flatgeobuf },
  preview: { room: 0.2, layers: 'all', open: preview },
  slippymap: { room: 1.5, layers: 'all', needs: 'geojson', open: slippymap },
} as const satisfies Record<string, OutputKind>

/** An output that can be asked for. */
export type OutputName = keyof typeof OUTPUTS

interface OutputKind {
  /** Bytes that it writes for each byte of the data, at least; temporary files count. */
  readonly room: number
  /** Layers that it is made for. */
  readonly layers: 'all' | readonly string[]
  /** The output whose file it reads. */
  readonly needs?: string
  readonly open: (leaving: Leaving) => Output
}

/** All outputs of a run as one. */
export interface Outputs {
  write(rows: readonly OutRow[]): Promise<void>
  /** The same, for rows that are lines already; the bytes must not change before two more batches were written. */
  writeLines(lines: Lines): Promise<void>
  /** End all, one after the other; each is told as it is made. */
  close(tell?: (name: OutputName, made: Made) => void): Promise<void>
  /** End all without a result, and remove what was begun. */
  abandon(): Promise<void>
}

/** Open the outputs that were asked for, as far as they make sense for the layer, and what they read. */
export function openOutputs(asked: readonly OutputName[], leaving: Leaving): Outputs {
  const open = made(asked, leaving.layer).map((name) => [name, OUTPUTS[name].open(leaving)] as const)

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      await Promise.all(open.map(([, output]) => output.write(rows)))
    },

    async writeLines(lines: Lines): Promise<void> {
      let rows: readonly OutRow[] | undefined
      await Promise.all(
        open.map(([, output]) => {
          if (output.writeLines !== undefined) return output.writeLines(lines)
          rows ??= rowsOf(lines)
          return output.write(rows)
        }),
      )
    },

    async close(tell: (name: OutputName, made: Made) => void = () => {}): Promise<void> {
      for (const [name, output] of open) tell(name, await output.close())
    },

    async abandon(): Promise<void> {
      await Promise.all(open.map(([, output]) => output.abandon()))
    },
  }
}

/** Every name, in the order of the table. */
export function outputNames(): OutputName[] {
  return Object.keys(OUTPUTS) as OutputName[]
}

/** Bytes on the disk that outputs of so many bytes of data need, as far as one can know before. */
export function roomFor(asked: readonly OutputName[], layer: string, bytes: number): number {
  return bytes * made(asked, layer).reduce((sum, name) => sum + OUTPUTS[name].room, 0)
}

/** What is made when some are asked for: those that make sense for the layer, and what they read. */
function made(asked: readonly OutputName[], layer: string): OutputName[] {
  const kinds: Readonly<Record<OutputName, OutputKind>> = OUTPUTS
  const needed = asked.flatMap((name) => [name, kinds[name].needs])
  return outputNames().filter((name) => needed.includes(name) && isFor(kinds[name], layer))
}

function isFor(kind: OutputKind, layer: string): boolean {
  return kind.layers === 'all' || kind.layers.includes(layer)
}
