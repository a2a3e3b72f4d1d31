/**
 * Outputs whose columns have types, although a row's attributes are only known when it comes.
 *
 * A column holds numbers when everything that is in it, in all rows, is a number; otherwise it holds
 * text. Files want to know that before their first row. So it is guessed from the first batch, which is
 * right but for rare sources, and where it was wrong the file is written once more from `out.geojson`.
 */
import { join } from 'node:path'
import { isLayerName, LAYERS } from '../../shared/layer.ts'
import type { OutFeature } from '../../shared/row.ts'
import { OUT_GEOJSON } from './geojson.ts'
import { artifact, type Leaving, type Made, type Output, type OutRow, rowsOf } from './output.ts'
import { readLines } from './read_lines.ts'

/** One attribute as a column. */
export interface Column {
  readonly name: string
  readonly type: 'text' | 'number'
}

/** A file with typed columns. */
export interface TypedFile {
  write(features: readonly OutFeature[]): Promise<void>
  close(): Promise<void>
  /** Stop, and remove the file. */
  abandon(): Promise<void>
}

/** What is made. */
export interface TypedKind {
  /** File name in the run's folder. */
  readonly name: string
  /** Content type. */
  readonly type: string
  readonly open: (path: string, columns: readonly Column[]) => TypedFile
}

/** What an attribute has had in it so far. */
interface Seen {
  readonly name: string
  texts: number
  numbers: number
}

/** An output of typed columns. It stands after `geojson` in the table of outputs. */
export function typedOutput({ folder, layer, signal }: Leaving, kind: TypedKind): Output {
  const path = join(folder, kind.name)
  const seen: Seen[] = namesOf(layer).map((name) => ({ name, texts: 0, numbers: 0 }))
  let columns: readonly Column[] | undefined
  let file: TypedFile | undefined
  let count = 0

  async function again(right: readonly Column[]): Promise<void> {
    await file?.abandon()
    file = kind.open(path, right)
    for await (const lines of readLines(join(folder, OUT_GEOJSON))) {
      signal.throwIfAborted()
      await file.write(rowsOf(lines).map(({ feature }) => feature))
    }
  }

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      if (rows.length === 0) return
      const features = rows.map(({ feature }) => feature)
      look(seen, features)
      count += rows.length
      if (columns === undefined) {
        columns = columnsOf(seen)
        file = kind.open(path, columns)
      }
      await file?.write(features)
    },

    async close(): Promise<Made> {
      const right = columnsOf(seen)
      if (columns === undefined || !same(columns, right)) await again(right)
      await file?.close()
      return { artifacts: [await artifact(folder, kind.name, kind.type)], rows: count }
    },

    async abandon(): Promise<void> {
      await file?.abandon()
    },
  }
}

/** A value for a column; what is blank in a column of numbers is nothing. */
export function valueFor({ name, type }: Column, { properties }: OutFeature): string | number | null {
  const value = properties[name] ?? null
  if (type === 'text') return value === null ? null : String(value)
  return typeof value === 'number' ? value : null
}

function namesOf(layer: string): readonly string[] {
  return isLayerName(layer) ? LAYERS[layer] : []
}

function look(seen: readonly Seen[], features: readonly OutFeature[]): void {
  for (const one of seen) {
    const { name } = one
    for (const { properties } of features) {
      const value = properties[name]
      if (typeof value === 'number') one.numbers += 1
      else if (value !== null && value !== undefined && value !== '') one.texts += 1
    }
  }
}

function columnsOf(seen: readonly Seen[]): Column[] {
  return seen.map(({ name, texts, numbers }) => ({
    name,
    type: numbers > 0 && texts === 0 ? 'number' : 'text',
  }))
}

function same(some: readonly Column[], others: readonly Column[]): boolean {
  return some.every(({ type }, index) => type === others[index]?.type)
}
