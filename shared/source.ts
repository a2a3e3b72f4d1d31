/**
 * A source: one JSON file of openaddresses/openaddresses that says where a government keeps its data
 * and what its columns mean.
 *
 * Schema 1 has one nameless list of tags; schema 2 has layers, each with one or more data sources.
 * Everything past `readSource` sees schema 2 only. What is wrong inside one data source stays with
 * that data source, so that its neighbours in the file can still run.
 *
 * Source: openaddresses/CONTRIBUTING.md and schema/source_schema_v2.json.
 */
import { isLayerName, type LayerName } from './layer.ts'
import { SourceError } from './problem.ts'

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A source file in the shape of schema 2. */
export interface Source {
  /** What the file was written in; a file of schema 1 has just one data source, `addresses/primary`. */
  readonly schema: 1 | 2
  readonly coverage?: unknown
  readonly layers: JsonObject
}

/** What the columns of the data mean: options for the reader, and one tag for each attribute. */
export interface Conform {
  readonly format?: string
  readonly file?: string
  /** Name or number of the layer inside a geodatabase and its like. */
  readonly layer?: string | number
  readonly encoding?: string
  readonly csvsplit?: string
  readonly headers?: number
  readonly skiplines?: number
  readonly srs?: string
  readonly lon?: string
  readonly lat?: string
  readonly size?: string
  /** `number`, `street` …: the name of a column, a list of names, or a call of a function. */
  readonly [attribute: string]: unknown
}

/** One entry of a layer: some data, how to fetch it, how to read it. */
export interface DataSource {
  readonly layer: LayerName
  readonly name: string
  /** Address of the data; of a list the first, as the original did. */
  readonly data: string
  /** As written: `http`, `ESRI` …; compared without regard to case. */
  readonly protocol: string
  readonly compression?: string
  readonly conform?: Conform
  readonly skip: boolean
  /** Acceptance tests, read by conform/acceptance.ts. */
  readonly test?: JsonObject
  readonly request?: { readonly headers?: Readonly<Record<string, string>> }
  readonly website?: string
  readonly license?: string | JsonObject
  readonly attribution?: string
  readonly contact?: unknown
  readonly email?: string
  readonly language?: string
  readonly note?: unknown
  readonly year?: string | number
  readonly frequency?: string
  readonly timeout?: unknown
  /** Of the whole file; absent where the file has none. */
  readonly coverage?: unknown
  /** The entry as it stands in the file, to compare two versions of it. */
  readonly entry: JsonObject
  /** Where it stands in its layer, from 0. */
  readonly index: number
  /** What is wrong with its tags; such a data source cannot run. */
  readonly faults: readonly TagFault[]
}

/** A tag that is absent or of the wrong type. */
export interface TagFault {
  /** From the entry to the tag: `['conform', 'headers']`. */
  readonly path: readonly string[]
  readonly message: string
}

type TagType = 'text' | 'number' | 'object' | 'text or number' | 'text or object' | 'text or list' | 'headers'

const REQUIRED_TAGS = ['name', 'data', 'protocol'] as const

const TAG_TYPES: Readonly<Record<string, TagType>> = {
  name: 'text',
  data: 'text or list',
  protocol: 'text',
  compression: 'text',
  conform: 'object',
  test: 'object',
  request: 'headers',
  website: 'text',
  license: 'text or object',
  attribution: 'text',
  email: 'text',
  language: 'text',
  year: 'text or number',
  frequency: 'text',
}

const CONFORM_TYPES: Readonly<Record<string, TagType>> = {
  format: 'text',
  file: 'text',
  layer: 'text or number',
  encoding: 'text',
  csvsplit: 'text',
  headers: 'number',
  skiplines: 'number',
  srs: 'text',
  lon: 'text',
  lat: 'text',
  size: 'text',
}

/** Tags of a conform that are options for the reader; the others are attributes of the layer. */
export const CONFORM_TAGS: readonly string[] = Object.keys(CONFORM_TYPES)

/** Passed on as they are; who reads them doubts them there. */
const UNTYPED_TAGS = ['contact', 'note', 'timeout'] as const

const TYPE_TESTS: Readonly<Record<TagType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => Number.isInteger(value),
  object: isObject,
  'text or number': (value) => typeof value === 'string' || Number.isInteger(value),
  'text or object': (value) => typeof value === 'string' || isObject(value),
  'text or list': (value) => typeof firstOf(value) === 'string',
  headers: (value) => isObject(value) && isTexts(value['headers'] ?? {}),
}

const SOURCE_FOLDER = 'sources/'
const SOURCE_SUFFIX = '.json'

/**
 * Read a source of either schema.
 *
 * @param text  the file's content, UTF-8 JSON
 * @throws {SyntaxError} when the text is not JSON
 * @throws {TypeError} when the JSON is not an object, or has a schema but no layers
 */
export function readSource(text: string): Source {
  const json: unknown = JSON.parse(text)
  if (!isObject(json)) throw new TypeError(`expected a source to be an object, got ${typeName(json)}`)

  const { schema, coverage, layers } = json
  const covered = coverage === undefined ? {} : { coverage }
  if (schema === undefined && layers === undefined) {
    const { coverage: _, ...tags } = json
    return { schema: 1, ...covered, layers: { addresses: [{ name: 'primary', ...tags }] } }
  }
  if (!isObject(layers)) throw new TypeError(`expected layers to be an object, got ${typeName(layers)}`)
  return { schema: 2, ...covered, layers }
}

/** Every data source of the four layers, in file order; what is no object or in no known layer is left out. */
export function dataSources(source: Source): DataSource[] {
  return Object.entries(source.layers).flatMap(([layer, entries]) => {
    if (!isLayerName(layer) || !Array.isArray(entries)) return []
    return (entries as unknown[]).flatMap((entry, index) =>
      isObject(entry) ? [readDataSource(entry, { layer, index, coverage: source.coverage })] : [],
    )
  })
}

/**
 * The data source of this name, ready to run. Of two with one name the first counts; of a source of
 * schema 1 its only one, whatever it is asked for.
 *
 * @throws {SourceError} `source-invalid` when there is none, or when its tags cannot be used
 */
export function findDataSource(source: Source, layer: string, name: string): DataSource {
  const found = dataSources(source).find(
    (entry) => source.schema === 1 || (entry.layer === layer && entry.name === name),
  )
  if (found === undefined) throw new SourceError('source-invalid', `no data source ${layer}/${name}`)

  const [fault] = found.faults
  if (fault !== undefined) {
    throw new SourceError('source-invalid', `${layer}/${name}: ${fault.path.join('.')} ${fault.message}`)
  }
  return found
}

/** `sources/us/ca/berkeley.json` gives `us/ca/berkeley`. */
export function sourceBase(path: string): string {
  const start = path.startsWith(SOURCE_FOLDER) ? SOURCE_FOLDER.length : 0
  const end = path.endsWith(SOURCE_SUFFIX) ? path.length - SOURCE_SUFFIX.length : path.length
  return path.slice(start, end)
}

/** Whether a path in the repository is a source's: a JSON file somewhere below `sources/`. */
export function isSourcePath(path: string): boolean {
  return path.startsWith(SOURCE_FOLDER) && path.endsWith(SOURCE_SUFFIX) && sourceBase(path) !== ''
}

/** Whether a JSON value is an object, and neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JSON value is, as its author would say it. */
export function typeName(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return { object: 'an object', string: 'text', boolean: `${value}` }[typeof value as string] ?? typeof value
}

interface Place {
  readonly layer: LayerName
  readonly index: number
  readonly coverage: unknown
}

function readDataSource(entry: JsonObject, { layer, index, coverage }: Place): DataSource {
  const faults: TagFault[] = REQUIRED_TAGS.filter((tag) => isBlank(entry[tag])).map((tag) => ({
    path: [tag],
    message: 'is missing',
  }))
  const tags = readTags(entry, { types: TAG_TYPES, path: [], faults })
  const { conform } = tags
  if (isObject(conform)) {
    const options = readTags(conform, { types: CONFORM_TYPES, path: ['conform'], faults })
    const attributes = Object.entries(conform).filter(([tag]) => !Object.hasOwn(CONFORM_TYPES, tag))
    tags['conform'] = { ...options, ...Object.fromEntries(attributes) }
  }
  for (const tag of UNTYPED_TAGS) if (tag in entry) tags[tag] = entry[tag]

  // Every tag of TAG_TYPES has passed its test by now, or is left out and told in the faults.
  const typed = tags as Partial<DataSource>
  return {
    ...typed,
    layer,
    name: typed.name ?? '',
    // Blanks around an address were never part of it; three sources have them.
    data: ((firstOf(typed.data) ?? '') as string).trim(),
    protocol: typed.protocol ?? '',
    skip: isTruthy(entry['skip']),
    ...(coverage === undefined ? {} : { coverage }),
    entry,
    index,
    faults,
  }
}

interface TagReading {
  readonly types: Readonly<Record<string, TagType>>
  readonly path: readonly string[]
  readonly faults: TagFault[]
}

function readTags(object: JsonObject, { types, path, faults }: TagReading): Record<string, unknown> {
  const tags: Record<string, unknown> = {}
  for (const [tag, type] of Object.entries(types)) {
    const value = object[tag]
    if (value === undefined || value === null) continue
    if (TYPE_TESTS[type](value)) tags[tag] = value
    else faults.push({ path: [...path, tag], message: `must be ${type}, not ${typeName(value)}` })
  }
  return tags
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : value
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}

/** As Python saw it: the text "false" counts as true, an empty text as false. */
function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}
