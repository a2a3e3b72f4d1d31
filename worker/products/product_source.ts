/** What a product is made of: the runs whose data it takes in, as plain values. */
import { createHash } from 'node:crypto'
import type { License } from '../../shared/license.ts'

/** The current run of one data source, and the file with its rows. */
export interface ProductSource {
  /** Such as `sources/us/ca/berkeley.json`. */
  readonly sourcePath: string
  readonly layer: string
  /** Of the data source within its layer. */
  readonly name: string
  readonly website: string | null
  readonly license: License
  /** When the run settled that made the data; a reused result keeps the date of the run that did the work. */
  readonly dataDate: Date
  /** The run that did the work, and in whose folder the file is. */
  readonly runId: number
  /** As the run counted them. */
  readonly rows: number
  /** Key of `out.geojson.gz` in storage. */
  readonly key: string
  /** Null where the run did not say. */
  readonly bytes: number | null
  /** Null for runs of before it was kept. */
  readonly sha256: string | null
}

/** `us/ca/berkeley` */
export function sourceBase({ sourcePath }: Pick<ProductSource, 'sourcePath'>): string {
  return sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
}

/**
 * Where a data source lies inside an archive, without an ending: `us/ca/berkeley` as the world knows it, or
 * `us/ca/berkeley/city` where its file has several. No two have the same.
 */
export function insidePaths(sources: readonly ProductSource[]): string[] {
  const files = new Map<string, number>()
  for (const source of sources) files.set(sourceBase(source), (files.get(sourceBase(source)) ?? 0) + 1)
  const taken = new Set<string>()
  return sources.map((source) => {
    const base = plainPath(sourceBase(source))
    const wanted = files.get(sourceBase(source)) === 1 ? base : `${base}/${plainPart(source.name)}`
    let path = wanted
    for (let count = 2; taken.has(path.toLowerCase()); count += 1) path = `${wanted}-${count}`
    taken.add(path.toLowerCase())
    return path
  })
}

/** A digest of everything that a product is made of, so that the same is not made twice. */
export function madeFrom(way: string, sources: readonly ProductSource[]): string {
  const hash = createHash('sha256').update(`${way}\n`)
  for (const source of sources) hash.update(`${JSON.stringify(source)}\n`)
  return hash.digest('hex')
}

/** When the newest of the data was made; null where there is none. */
export function newestDate(sources: readonly ProductSource[]): Date | null {
  if (sources.length === 0) return null
  return new Date(Math.max(...sources.map(({ dataDate }) => dataDate.getTime())))
}

/** A path that any unpacking program accepts: relative, without `.`, `..` and empty parts. */
function plainPath(path: string): string {
  return path.split(/[\\/]/).map(plainPart).join('/')
}

function plainPart(part: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const plain = part.replaceAll(/[\\/:*?"<>|\u0000-\u001f\u007f]/g, '_')
  return /^\.*$/.test(plain) ? '_' : plain
}
