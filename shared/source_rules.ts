/**
 * Rules for a source file as a whole, and for the tags of its data sources: what is fetched, and from where.
 *
 * What stands in a conform is looked at in conform_rules.ts.
 */
import { runAcceptanceTests } from './conform/acceptance.ts'
import { conformFindings } from './conform_rules.ts'
import { COVERAGE_KEYS, isCovered } from './coverage.ts'
import { below, type Finding, refused, warned } from './finding.ts'
import { isLayerName, LAYERS } from './layer.ts'
import { SourceError } from './problem.ts'
import { readLimits } from './quality/limits.ts'
import { dataSources, type DataSource, isObject, type Source, typeName } from './source.ts'

/** Protocols, compressions and formats that a source may name; compared without regard to case. */
export const KNOWN_WORDS = {
  protocol: ['http', 'https', 'ftp', 'esri', 'file'],
  compression: ['zip', 'gzip'],
  format: ['csv', 'geojson', 'shapefile', 'shapefile-polygon', 'gdb', 'gpkg', 'xml'],
} as const

/** Addresses begin with one of these; `file:` is for the command line. */
const SCHEMES = ['http', 'https', 'ftp', 'file']

/** Every finding of a source, its conforms included; paths are those of the file. */
export function sourceFindings(source: Source, knowsEncoding: (name: string) => boolean): Finding[] {
  // Schema 1 has the tags of its one entry at the top.
  const isNested = source.schema === 2
  return [
    ...coverageFindings(source),
    ...(isNested ? shapeFindings(source) : []),
    ...duplicateFindings(source),
    ...dataSources(source).flatMap((entry) => {
      const path = isNested ? ['layers', entry.layer, entry.index] : []
      return below(path, entryFindings(entry, knowsEncoding))
    }),
  ]
}

function coverageFindings({ coverage }: Source): Finding[] {
  if (isCovered(coverage)) return []
  const wanted = COVERAGE_KEYS.map((key) => `"${key}"`).join(', ')
  const state = coverage === undefined ? 'is missing' : 'is incomplete'
  return [warned(['coverage'], `the coverage ${state}: it needs one of ${wanted}`)]
}

/** Layers are known and lists, entries are objects. */
function shapeFindings({ layers }: Source): Finding[] {
  if (Object.keys(layers).length === 0) return [refused(['layers'], 'there are no layers')]
  return Object.entries(layers).flatMap(([layer, entries]): Finding[] => {
    const path = ['layers', layer]
    const names = Object.keys(LAYERS).join(', ')
    if (!isLayerName(layer)) return [refused(path, `the layer "${layer}" is none of ${names}`)]
    if (!Array.isArray(entries)) return [refused(path, `must be a list, not ${typeName(entries)}`)]
    return (entries as unknown[]).flatMap((entry, index) =>
      isObject(entry) ? [] : [refused([...path, index], `must be an object, not ${typeName(entry)}`)],
    )
  })
}

/** Of two data sources with one name only the first can ever run. */
function duplicateFindings(source: Source): Finding[] {
  const seen = new Set<string>()
  return dataSources(source).flatMap(({ layer, index, name }) => {
    const key = `${layer}/${name}`
    const isDuplicate = name !== '' && seen.has(key)
    seen.add(key)
    const message = `another data source of ${layer} is called "${name}", so this one never runs`
    return isDuplicate ? [refused(['layers', layer, index, 'name'], message)] : []
  })
}

function entryFindings(entry: DataSource, knowsEncoding: (name: string) => boolean): Finding[] {
  const { protocol, compression, conform, skip } = entry
  return [
    ...entry.faults.map(({ path, message }) => refused([...path], `${path.at(-1)} ${message}`)),
    ...wordFindings('protocol', protocol || undefined, ['protocol']),
    ...wordFindings('compression', compression, ['compression']),
    ...addressFindings(entry),
    ...(conform === undefined
      ? missingConform(entry, skip)
      : [
          ...wordFindings('format', conform.format, ['conform', 'format']),
          ...below(['conform'], conformFindings(entry, conform, knowsEncoding)),
        ]),
    ...readLimits(entry.entry['quality']).faults.map((fault) => warned(['quality'], fault)),
    ...testFindings(entry),
  ]
}

function wordFindings(
  kind: keyof typeof KNOWN_WORDS,
  word: string | undefined,
  path: readonly string[],
): Finding[] {
  const known: readonly string[] = KNOWN_WORDS[kind]
  if (word === undefined || word === '' || known.includes(word.toLowerCase())) return []
  return [refused(path, `the ${kind} "${word}" is none of ${known.join(', ')}`)]
}

/** The address is one, and fits what is said about it. */
function addressFindings({ data, protocol, compression, entry }: DataSource): Finding[] {
  if (data === '') return []
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(data)?.[1]?.toLowerCase() ?? ''
  if (!SCHEMES.includes(scheme) || !URL.canParse(data)) {
    return [refused(['data'], `${JSON.stringify(data)} is not an http, https or ftp address`)]
  }
  const isEsri = protocol.toLowerCase() === 'esri'
  if (isEsri && scheme !== 'http' && scheme !== 'https') {
    return [refused(['data'], `an ESRI service is not reached by ${scheme}`)]
  }
  const findings: Finding[] = []
  if (typeof entry['data'] === 'string' && entry['data'] !== data)
    findings.push(warned(['data'], 'there are blanks around the address'))
  if (scheme === 'ftp' && protocol.toLowerCase() !== 'ftp')
    findings.push(warned(['protocol'], 'the address begins with ftp:, and is fetched so'))
  if (protocol.toLowerCase() === 'ftp' && scheme !== 'ftp')
    findings.push(warned(['protocol'], `the address begins with ${scheme}:, and is fetched so`))
  if (!isEsri && compression === undefined && /\.zip$/i.test(new URL(data).pathname)) {
    findings.push(warned(['data'], 'this looks like a zip, and "compression" does not say so'))
  }
  return findings
}

function missingConform({ faults }: DataSource, skip: boolean): Finding[] {
  if (faults.some(({ path }) => path[0] === 'conform')) return []
  const message = 'there is no conform, so its data cannot be read'
  return [skip ? warned([], message) : refused([], message)]
}

/** The author's own tests, which run before every download. */
function testFindings(entry: DataSource): Finding[] {
  try {
    const { detail } = runAcceptanceTests(entry)
    return detail === null ? [] : [refused(['test'], `an acceptance test fails: ${detail}`)]
  } catch (error) {
    // A conform that cannot be compiled has its own findings.
    if (error instanceof SourceError) return []
    throw error
  }
}
