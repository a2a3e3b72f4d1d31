/**
 * Rules for a conform: options that its reader can use, attributes that its layer has.
 *
 * What readers refuse at the first row is refused here; what they pass over in silence is a warning.
 */
import { callFindings, type CallScope, newCallScope } from './call_rules.ts'
import { below, type Finding, refused, warned } from './finding.ts'
import { attributesOf, type LayerName } from './layer.ts'
import { CONFORM_TAGS, type Conform, type DataSource, isObject, typeName } from './source.ts'
import { srsFault } from './srs.ts'

/** What is looked at: paths of its findings begin in the conform. */
interface Looking {
  readonly conform: Conform
  /** In lower case; `''` where none is named. */
  readonly format: string
  readonly isEsri: boolean
  readonly knowsEncoding: (name: string) => boolean
}

type Rule = (looking: Looking) => Finding[]

/** Attributes of the catalogue's schema that the output never had. */
const NOT_WRITTEN: Readonly<Partial<Record<LayerName, readonly string[]>>> = {
  addresses: ['addrtype', 'notes'],
  buildings: ['id'],
}

/** Without these a row says nothing. */
const WANTED: Readonly<Partial<Record<LayerName, readonly string[]>>> = {
  addresses: ['number', 'street'],
  parcels: ['pid'],
  centerlines: ['name'],
}

/** Options that only some formats read. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  csvsplit: ['csv'],
  headers: ['csv'],
  skiplines: ['csv'],
  lon: ['csv'],
  lat: ['csv'],
  layer: ['gdb', 'gpkg', 'xml', 'shapefile', 'shapefile-polygon', ''],
  encoding: ['csv', 'geojson', 'shapefile', 'shapefile-polygon', ''],
  srs: ['csv', 'shapefile', 'shapefile-polygon', 'gdb', 'gpkg', 'xml', ''],
}

/** An ESRI service is asked for lon, lat, and comes as a table of our own. */
const READ_FROM_ESRI = ['lon', 'lat']

const OPTION_RULES: readonly Rule[] = [
  formatIsNamed,
  tableHasPlaces,
  tableIsSplit,
  headersAndSkiplines,
  encodingIsKnown,
  srsIsOne,
  optionsAreRead,
]

/** Every finding of a conform. */
export function conformFindings(
  { layer, protocol }: DataSource,
  conform: Conform,
  knowsEncoding: (name: string) => boolean,
): Finding[] {
  const looking = {
    conform,
    format: (conform.format ?? '').toLowerCase(),
    isEsri: protocol.toLowerCase() === 'esri',
    knowsEncoding,
  }
  return [
    ...OPTION_RULES.flatMap((rule) => rule(looking)),
    ...missingAttributes(layer, conform),
    ...Object.entries(conform)
      .filter(([tag]) => !CONFORM_TAGS.includes(tag))
      .flatMap(attributeRule(layer, newCallScope(layer))),
  ]
}

function formatIsNamed({ conform }: Looking): Finding[] {
  return conform.format === undefined ? [refused(['format'], 'format is missing')] : []
}

function tableHasPlaces({ conform, format, isEsri }: Looking): Finding[] {
  if (format !== 'csv' || isEsri) return []
  return ['lon', 'lat']
    .filter((tag) => conform[tag] === undefined)
    .map((tag) => refused([tag], `${tag} is missing: a CSV needs both lon and lat`))
}

function tableIsSplit({ conform: { csvsplit }, format, isEsri }: Looking): Finding[] {
  if (format !== 'csv' || isEsri || csvsplit === undefined || csvsplit.length === 1) return []
  return [refused(['csvsplit'], `csvsplit must be one character, not ${JSON.stringify(csvsplit)}`)]
}

function headersAndSkiplines({ conform, format, isEsri }: Looking): Finding[] {
  const { headers, skiplines = 0 } = conform
  if (format !== 'csv' || isEsri || headers === -1 || (headers ?? 0) === skiplines) return []
  const tag = headers === undefined ? 'skiplines' : 'headers'
  return [refused([tag], `headers and skiplines must be equal, not ${headers ?? 'absent'} and ${skiplines}`)]
}

function encodingIsKnown({ conform: { encoding }, knowsEncoding }: Looking): Finding[] {
  if (encoding === undefined || knowsEncoding(encoding)) return []
  return [refused(['encoding'], `the encoding ${JSON.stringify(encoding)} is not known`)]
}

function srsIsOne({ conform: { srs }, format, isEsri }: Looking): Finding[] {
  if (srs === undefined || isEsri || !READ_BY['srs']?.includes(format)) return []
  const fault = srsFault(srs, format)
  return fault === undefined ? [] : [refused(['srs'], fault)]
}

function optionsAreRead({ conform, format, isEsri }: Looking): Finding[] {
  return Object.keys(READ_BY).flatMap((tag) => {
    if (conform[tag] === undefined) return []
    const isRead = isEsri ? READ_FROM_ESRI.includes(tag) : READ_BY[tag]?.includes(format)
    const reader = isEsri ? 'an ESRI service' : `the format ${format}`
    return isRead ? [] : [warned([tag], `${tag} says nothing about ${reader}, and is passed over`)]
  })
}

function missingAttributes(layer: LayerName, conform: Conform): Finding[] {
  return (WANTED[layer] ?? [])
    .filter((attribute) => conform[attribute] === undefined)
    .map((attribute) => warned([], `no ${attribute} is mapped`))
}

/** Looks at one attribute after another, in the order of the file: later ones may read what earlier ones leave. */
function attributeRule(
  layer: LayerName,
  scope: CallScope,
): (entry: readonly [attribute: string, value: unknown]) => Finding[] {
  const written = attributesOf(layer)
  return ([attribute, value]) => {
    if (NOT_WRITTEN[layer]?.includes(attribute)) {
      return [warned([attribute], `${attribute} is no column of the output, and is passed over`)]
    }
    if (!written.includes(attribute)) {
      return [warned([attribute], `${attribute} is no attribute of ${layer}, and is passed over`)]
    }
    if (isObject(value)) return below([attribute], callFindings(value, attribute, scope))
    if (Array.isArray(value)) return below([attribute], listFindings(value, attribute, scope))
    if (value === '') return [warned([attribute], `${attribute} names no column`)]
    if (typeof value === 'string') return []
    const only = attribute === 'accuracy' && Number.isInteger(value)
    return [
      warned(
        [attribute],
        only
          ? 'a number here never reaches the output; {"function": "constant", "value": …} would'
          : `must be the name of a column, not ${typeName(value)}, and is passed over`,
      ),
    ]
  }
}

function listFindings(value: readonly unknown[], attribute: string, scope: CallScope): Finding[] {
  scope.results.add(attribute)
  return value.flatMap((item, index) =>
    typeof item === 'string'
      ? []
      : [warned([index], `must be the name of a column, not ${typeName(item)}, and is passed over`)],
  )
}
