/**
 * Which file is meant: of the files that a download brought, the one to read.
 *
 * Table: format → rule. `file` decides where it can, in any case, by its path or by its name alone.
 *
 * Source: processing.md §6.3; demands 67 and 68; the name `shapefile-polygon`: §13 #5.
 */
import { basename, extname } from 'node:path'
import { SourceError } from '../../shared/problem.ts'

type Rule = (paths: readonly string[], file: string | undefined) => string | undefined

const FORMATS: Readonly<Record<string, Rule>> = {
  shapefile: (paths, file) => single(withExtension(paths, '.shp'), file),
  'shapefile-polygon': (paths, file) => single(withExtension(paths, '.shp'), file),
  geojson: (paths, file) => single(withExtension(paths, '.json', '.geojson'), file),
  csv: chooseCsv,
  gdb: (paths, file) => single(geodatabases(paths), file),
  gpkg: (paths, file) => single(withExtension(paths, '.gpkg'), file),
  xml: chooseXml,
}

/** So many names fit into a message. */
const NAMES_SHOWN = 20

/**
 * Choose the file to read.
 *
 * @param file  `conform.file`
 * @param isEsri  then it is the CSV that the download wrote, whatever the format is called
 * @throws {SourceError} `unknown-format`, or `no-such-file` with the names that there are
 */
export function chooseFile(
  paths: readonly string[],
  format: string,
  file: string | undefined,
  isEsri: boolean,
): string {
  // An empty format is a shapefile's, as in the original.
  const name = format.toLowerCase() || 'shapefile'
  const rule = FORMATS[name]
  if (rule === undefined) {
    throw new SourceError('unknown-format', `"${format}", known are ${Object.keys(FORMATS).join(', ')}`)
  }
  const path = isEsri ? withExtension(paths, '.csv')[0] : rule(paths, file || undefined)
  if (path !== undefined) return path
  throw new SourceError(
    'no-such-file',
    `no ${name}${file ? ` "${file}"` : ''} to choose among ${shown(paths)}`,
  )
}

/**
 * A shapefile is one layer, which is called after its file; formats with several are asked when they are read.
 *
 * @param layer  `conform.layer`
 * @throws {SourceError} `no-such-layer`
 */
export function assertLayer(path: string, layer: string | number | undefined): void {
  if (layer === undefined || !path.toLowerCase().endsWith('.shp')) return
  const name = basename(path, extname(path))
  if (layer === 0 || (typeof layer === 'string' && layer.toLowerCase() === name.toLowerCase())) return
  throw new SourceError('no-such-layer', `no ${JSON.stringify(layer)}; there is 0, called ${name}`)
}

/** The only one; of several the one that `file` names. */
function single(paths: readonly string[], file: string | undefined): string | undefined {
  if (paths.length <= 1) return paths[0]
  return named(paths, file)
}

function chooseCsv(paths: readonly string[], file: string | undefined): string | undefined {
  if (file !== undefined) return named(paths, file)
  return withExtension(paths, '.csv')[0] ?? paths[0]
}

function chooseXml(paths: readonly string[], file: string | undefined): string | undefined {
  if (file !== undefined) return named(paths, file)
  return ['.gml', '.xml', '.kml'].flatMap((extension) => withExtension(paths, extension))[0]
}

/** By the whole path first, then by the name alone. */
function named(paths: readonly string[], file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  const wanted = `/${file
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .toLowerCase()}`
  const name = wanted.slice(wanted.lastIndexOf('/'))
  const byEnd = (end: string) =>
    paths.find((path) => `/${path.replaceAll('\\', '/').toLowerCase()}`.endsWith(end))
  return byEnd(wanted) ?? byEnd(name)
}

function withExtension(paths: readonly string[], ...extensions: string[]): readonly string[] {
  return paths.filter((path) => extensions.some((extension) => path.toLowerCase().endsWith(extension)))
}

/** The folders, whether the paths are theirs or those of files inside. */
function geodatabases(paths: readonly string[]): readonly string[] {
  const folders = paths.flatMap((path) => /^.*?\.gdb(?=$|[/\\])/i.exec(path)?.[0] ?? [])
  return [...new Set(folders)]
}

function shown(paths: readonly string[]): string {
  if (paths.length === 0) return 'no files at all'
  const names = paths.slice(0, NAMES_SHOWN).map((path) => path.split(/[/\\]/).slice(-2).join('/'))
  return names.join(', ') + (paths.length > NAMES_SHOWN ? ` and ${paths.length - NAMES_SHOWN} more` : '')
}
