/**
 * What is wrong with a source file, and where: for its author, before anything runs.
 *
 * Each rule looks at one thing and tells every fault of its kind; positions come from a parser that
 * keeps them, so a message can point into the file.
 */
import { findNodeAtLocation, type JSONPath, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { isCall, readCall } from './conform/call.ts'
import { compileCall } from './conform/functions.ts'
import { attributesOf, isLayerName, LAYERS, type LayerName } from './layer.ts'
import { SourceError } from './problem.ts'
import { dataSources, type DataSource, isObject, readSource, type Source, typeName } from './source.ts'

/** One thing that is wrong with a source file. */
export interface SourceFault {
  /** JSON pointer (RFC 6901): `/layers/addresses/0/conform/number/pattern`; `''` is the whole file. */
  readonly pointer: string
  /** Both from 1; columns count UTF-16 units, as editors do. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Protocols, compressions and formats that a source may name; compared without regard to case. */
export const KNOWN_WORDS = {
  protocol: ['http', 'ftp', 'esri', 'file'],
  compression: ['zip', 'gzip'],
  format: ['csv', 'geojson', 'shapefile', 'shapefile-polygon', 'gdb', 'gpkg', 'xml'],
} as const

interface Finding {
  readonly path: JSONPath
  readonly message: string
}

/** Every fault of a source file, in the order of the file; none when it can run. */
export function checkSource(text: string): SourceFault[] {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [error] = errors
  if (text.trim() === '') return [fault(text, { offset: 0, path: [], message: 'the file is empty' })]
  if (error !== undefined) return [syntaxFault(text, error)]

  return findings(text)
    .map(({ path, message }) => fault(text, { offset: offsetOf(tree, path), path, message }))
    .sort((one, other) => one.line - other.line || one.column - other.column)
}

function findings(text: string): Finding[] {
  let source: Source
  try {
    source = readSource(text)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error
    return [{ path: [], message: error.message }]
  }
  // Schema 1 has the tags of its one entry at the top.
  const isNested = source.schema === 2
  return [
    ...(isNested ? shapeFindings(source) : []),
    ...duplicateFindings(source),
    ...dataSources(source).flatMap((entry) => {
      const path = isNested ? ['layers', entry.layer, entry.index] : []
      return entryFindings(entry).map((finding) => ({ ...finding, path: [...path, ...finding.path] }))
    }),
  ]
}

/** Layers are known and lists, entries are objects. */
function shapeFindings({ layers }: Source): Finding[] {
  if (Object.keys(layers).length === 0) return [{ path: ['layers'], message: 'there are no layers' }]
  return Object.entries(layers).flatMap(([layer, entries]): Finding[] => {
    const path = ['layers', layer]
    const names = Object.keys(LAYERS).join(', ')
    if (!isLayerName(layer)) return [{ path, message: `the layer "${layer}" is none of ${names}` }]
    if (!Array.isArray(entries)) return [{ path, message: `must be a list, not ${typeName(entries)}` }]
    return (entries as unknown[]).flatMap((entry, index) =>
      isObject(entry)
        ? []
        : [{ path: [...path, index], message: `must be an object, not ${typeName(entry)}` }],
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
    return isDuplicate ? [{ path: ['layers', layer, index, 'name'], message }] : []
  })
}

function entryFindings(entry: DataSource): Finding[] {
  const { protocol, compression, conform, layer } = entry
  return [
    ...entry.faults.map(({ path, message }) => ({ path: [...path], message: `${path.at(-1)} ${message}` })),
    ...wordFindings('protocol', protocol || undefined, ['protocol']),
    ...wordFindings('compression', compression, ['compression']),
    ...wordFindings('format', conform?.format, ['conform', 'format']),
    ...conformFindings(layer, conform ?? {}),
  ]
}

function wordFindings(kind: keyof typeof KNOWN_WORDS, word: string | undefined, path: JSONPath): Finding[] {
  const known: readonly string[] = KNOWN_WORDS[kind]
  if (word === undefined || known.includes(word.toLowerCase())) return []
  return [{ path, message: `the ${kind} "${word}" is none of ${known.join(', ')}` }]
}

function conformFindings(layer: LayerName, conform: Readonly<Record<string, unknown>>): Finding[] {
  return attributesOf(layer).flatMap((attribute) => {
    const value = conform[attribute]
    return isObject(value) ? callFindings(layer, value, ['conform', attribute]) : []
  })
}

/** Whether a call is proper, and the calls inside of it. */
function callFindings(layer: LayerName, value: unknown, path: JSONPath): Finding[] {
  const call = readCall(value)
  if (!isCall(call)) {
    return call.map(({ parameter, message }) =>
      parameter === undefined
        ? { path, message }
        : { path: [...path, parameter], message: `${parameter}: ${message}` },
    )
  }
  if (call.function === 'chain') {
    return call.functions.flatMap((step, index) => callFindings(layer, step, [...path, 'functions', index]))
  }
  try {
    compileCall(call, { layer, variables: new Set(), compile: compileCall })
    return []
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return [{ path: [...path, 'pattern'], message: error.message }]
  }
}

/** Where a path leads to, or the nearest thing around it that exists. */
function offsetOf(tree: Node | undefined, path: JSONPath): number {
  if (tree === undefined) return 0
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    if (node !== undefined) return node.offset
  }
  return tree.offset
}

function fault(text: string, { offset, path, message }: Finding & { readonly offset: number }): SourceFault {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const pointer = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { pointer, line: before.split('\n').length, column: offset - lineStart + 1, message }
}

function syntaxFault(text: string, { offset }: ParseError): SourceFault {
  const found = offset < text.length ? JSON.stringify(text.slice(offset, offset + 20)) : 'the end of the file'
  return fault(text, { offset, path: [], message: `this is not JSON: it breaks at ${found}` })
}
