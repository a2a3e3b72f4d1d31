/**
 * One layer of anything that GDAL reads, converted to what our own readers read: FlatGeobuf.
 *
 * Coordinates stay as they are; PROJ comes later. FlatGeobuf as GDAL writes it leaves out features without
 * a geometry, and those with an empty one: where the count says that some are missing, they are fetched as
 * GeoJSON, and each carries the number by which it finds its place among the others. It has no lists either,
 * and arcs that are no GeoJSON: a layer with either, which is rare, comes as GeoJSON as a whole.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import { readFgbHeader, surveyFgb } from './fgb.ts'
import type { Gdal } from './gdal.ts'
import { countIn, describeLayer, type LayerFacts, listLayers } from './ogr_layer.ts'
import { named } from './reading.ts'
import { UNCOUNTED, uncounted } from './ogr_uncounted.ts'
import { countTags } from './xml_tags.ts'

/** What is to be converted. */
export interface ConvertTask {
  /** As GDAL sees it. */
  readonly path: string
  /** The same file as we see it. */
  readonly source: string
  readonly layer: string | number
  readonly isXml: boolean
  /** Where the result goes, as we see it. */
  readonly folder: string
  /** The same folder as GDAL sees it. */
  readonly target: string
}

/** What came of it. */
export interface Converted {
  readonly layer: LayerFacts
  /** Features with a geometry, in the folder of the task; null where all are in the rest. */
  readonly fgb: string | null
  /** GeoJSON of those without, when there are any. */
  readonly rest: string | null
}

/** The number of each feature, first of the columns; no layer of the world has a column of this name. */
export const FID_COLUMN = 'oa:fid'

/** Types that FlatGeobuf has in its own way; as texts they are GDAL's, such as `2020/01/02`. */
const TYPES_AS_TEXT = ['-fieldTypeToString', 'Date,DateTime,Time,Binary']

/**
 * GML is looked through to guess the types of its columns. Its rows are read as texts all the same: before
 * GDAL 3.8 a column of codes such as `05321` is one of integers, and its zeros are lost.
 */
const GML_AS_TEXT = ['--config', 'GML_FIELDTYPES', 'ALWAYS_STRING']

/** What was found is not to be written beside a file that is not ours. */
const GML_READ_ONLY = ['-oo', 'WRITE_GFS=NO']

/** As many digits as a double has behind the point of a degree. */
const GEOJSON = ['-f', 'GeoJSON', '-lco', 'COORDINATE_PRECISION=15']

/** Why a feature is not in the FlatGeobuf; the second is asked for only when the first does not explain all. */
const WITHOUT_PLACE = ['OGR_GEOMETRY IS NULL', "OGR_GEOMETRY IS NULL OR OGR_GEOM_WKT LIKE '%EMPTY'"]

/**
 * Convert a layer.
 *
 * @throws {SourceError} `no-such-layer`, with the names of those there are
 */
export async function convertLayer(gdal: Gdal, task: ConvertTask, signal: AbortSignal): Promise<Converted> {
  const { folder, target, isXml } = task
  // Programs see the same files as we do; then GML is read by a link, and what is found is kept beside that.
  const path = isXml && folder === target ? await linked(task) : task.path
  const reading = isXml && path === task.path ? GML_READ_ONLY : []
  const layer = await findLayer(gdal, { ...task, path }, reading)
  await keepTexts(path)

  const options = [...reading, ...(isXml ? GML_AS_TEXT : []), '-dialect', 'OGRSQL', ...TYPES_AS_TEXT]
  const query = (where: string) =>
    `SELECT FID AS "${FID_COLUMN}", * FROM "${layer.name.replaceAll('"', '\\"')}"${where}`
  async function toGeojson(name: string, where: string): Promise<string> {
    await gdal.translate([...GEOJSON, ...options, '-sql', query(where)], join(target, name), path)
    return join(folder, name)
  }
  if (layer.listColumns.length > 0) return { layer, fgb: null, rest: await toGeojson('all.geojson', '') }

  const formatOptions = ['-f', 'FlatGeobuf', '-lco', 'SPATIAL_INDEX=NO', ...geometryOptions(layer)]
  await gdal.translate([...formatOptions, ...options, '-sql', query('')], join(target, 'layer.fgb'), path)
  const fgb = join(folder, 'layer.fgb')
  const { count, hasCurves } = await surveyFgb(fgb, await readFgbHeader(fgb), signal)
  if (hasCurves) return { layer, fgb: null, rest: await toGeojson('all.geojson', '') }

  // What is not said without reading it all is asked for only where the tags do not tell.
  const tags = isXml ? await countTags(task.source, layer.name, signal) : layer.count
  const total = tags >= count ? tags : countIn(await gdal.info([...reading, '-so'], path, layer.name))
  let missing = total - count
  let rest: string | null = null
  for (const [index, condition] of WITHOUT_PLACE.entries()) {
    if (missing <= 0) break
    rest = await toGeojson(`rest${index}.geojson`, ` WHERE ${condition}`)
    missing -= await countLines(rest)
  }
  return { layer, fgb, rest }
}

async function findLayer(
  gdal: Gdal,
  { path, layer, isXml, folder, target }: ConvertTask,
  options: readonly string[],
): Promise<LayerFacts> {
  const names = listLayers(await gdal.info([...options, '-q'], path))
  const name = pick(names, layer)
  if (name === undefined) {
    throw new SourceError('no-such-layer', `no ${JSON.stringify(layer)}; there are ${named(names)}`)
  }
  if (!isXml) return describeLayer(name, await gdal.info([...options, '-so'], path, name))
  await writeFile(join(folder, UNCOUNTED), uncounted(path, name, options))
  return describeLayer(name, await gdal.info(['-so'], join(target, UNCOUNTED), name))
}

/** By number, or by name, if need be without regard to case. */
function pick(names: readonly string[], wanted: string | number): string | undefined {
  if (typeof wanted === 'number') return names[wanted]
  const same = wanted.toLowerCase()
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === same)
}

/**
 * Any geometry may come, whatever the layer says of itself. Heights are kept where the layer
 * has them, or says nothing; then the reader leaves out those that are all zero.
 */
function geometryOptions({ geometryType }: LayerFacts): string[] {
  const hasZ = /^3D |^Unknown/.test(geometryType)
  return ['-nlt', hasZ ? 'GEOMETRYZ' : 'GEOMETRY']
}

/** The file and its schema under the same names in a folder of ours. */
async function linked({ path, folder }: ConvertTask): Promise<string> {
  const stem = basename(path, extname(path))
  for (const name of await readdir(dirname(path))) {
    const isSchema = name === `${stem}.xsd` || name === `${stem}.gfs`
    if (name === basename(path) || isSchema) await symlink(join(dirname(path), name), join(folder, name))
  }
  return join(folder, basename(path))
}

/** What GDAL has found out about the GML: of that the columns are kept, and their types made texts. */
async function keepTexts(path: string): Promise<void> {
  const found = path.replace(/\.[^./]*$/, '.gfs')
  if (!/\.gml$|\.xml$/i.test(path) || !existsSync(found)) return
  const text = await readFile(found, 'utf8')
  await writeFile(
    found,
    text.replaceAll(/<Type>(?:Integer64|Integer|Real|Float|Short)<\/Type>/g, '<Type>String</Type>'),
  )
}

/** GDAL writes a feature a line. */
async function countLines(path: string): Promise<number> {
  const text = await readFile(path, 'utf8')
  return text.split('\n').filter((line) => line.startsWith('{ "type": "Feature",')).length
}
