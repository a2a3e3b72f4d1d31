/**
 * What a change of a source file means: which of its data sources differ, and what is wrong with those.
 *
 * A data source runs when its own entry differs, or anything that all of the file share (its coverage, whatever stands
 * at the top). The order of keys, and spaces, mean nothing. What is wrong with an entry that nobody touched is not told:
 * it is not the fault of this change.
 */
import type { ProblemCode } from './problem.ts'
import { checkSource, type CheckOptions, type SourceFault } from './source_check.ts'
import { type DataSource, dataSources, isObject, type JsonObject, readSource, type Source } from './source.ts'

/** A data source by layer and name. */
export interface SourceName {
  readonly layer: string
  readonly name: string
}

/** Something that is wrong, and with what; layer and name are empty when it is the file. */
export interface Found extends SourceName {
  readonly level: 'error' | 'warning'
  readonly code: ProblemCode
  /** JSON pointer (RFC 6901). */
  readonly pointer: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What a change of a file means. */
export interface SourceChange {
  /** Data sources that run. */
  readonly runs: readonly SourceName[]
  /** Data sources, or the file itself, that cannot: each with what is wrong, the first error first. */
  readonly fails: readonly (SourceName & { readonly code: ProblemCode; readonly detail: string })[]
  /** Of those and of the file, every error and warning, in the order of the file. */
  readonly findings: readonly Found[]
  /** Every data source of the file now. */
  readonly now: readonly SourceName[]
  /** Data sources that it had, and has no more. */
  readonly gone: readonly SourceName[]
}

/** More findings of one file are not kept: nobody reads them, and a check takes fifty at once. */
const FINDINGS_MAX = 50

/** The code of a fault, by the tag that it is about; all others are source-invalid. */
const CODES: readonly (readonly [pointer: RegExp, message: RegExp, code: ProblemCode])[] = [
  [/\/function$/, /./, 'unknown-function'],
  [/\/format$/, /none of/, 'unknown-format'],
  [/\/protocol$/, /none of/, 'unknown-protocol'],
  [/\/compression$/, /none of/, 'unknown-compression'],
  [/\/pattern$/, /./, 'pattern-invalid'],
  [/^/, /^there is no conform/, 'conform-missing'],
  [/\/test(\/|$)/, /^an acceptance test fails/, 'acceptance-test-failed'],
]

/**
 * Compare a file with what it was.
 *
 * @param before  undefined for a new file, and for one that is under another path now: then everything runs
 * @param after  its bytes; UTF-8 is not believed before it is seen
 */
export function sourceChange(
  before: Uint8Array | undefined,
  after: Uint8Array,
  options: CheckOptions = {},
): SourceChange {
  const text = decoded(after)
  if (typeof text !== 'string') return unreadable([text], before)
  const faults = checkSource(text, options)
  const source = parsed(text)
  if (source === undefined) return unreadable(faults.map(atFile), before)

  const old = before === undefined ? undefined : oldSource(before)
  const entries = firstOfEach(dataSources(source))
  const touched = touchedSources(source, old)
  const isOld = oldFaults(before, options)
  const findings = faults
    .map((fault) => ({ ...atEntry(source, fault), ...foundOf(fault) }))
    .filter((found) => (found.layer === '' ? !isOld(found) : touched.has(keyOf(found))))
  const nothing = entries.length === 0 && !findings.some(isFileError)
  const all = nothing ? [nothingIn(text), ...findings] : findings
  const fails = failuresOf(source, all)
  const failing = new Set(fails.map(keyOf))
  return {
    runs: entries.filter((entry) => touched.has(keyOf(entry)) && !failing.has(keyOf(entry))).map(nameOf),
    fails,
    findings: all.slice(0, FINDINGS_MAX),
    now: entries.map(nameOf),
    gone: goneFrom(old, entries),
  }
}

/** Every data source of a file; none where it cannot be read. */
export function sourceNames(bytes: Uint8Array): SourceName[] {
  const source = oldSource(bytes)
  return source === undefined ? [] : firstOfEach(dataSources(source)).map(nameOf)
}

/** Whether a fault of the file as a whole was there before: then it is not this change's. */
function oldFaults(before: Uint8Array | undefined, options: CheckOptions): (fault: SourceFault) => boolean {
  const text = before === undefined ? undefined : decoded(before)
  if (typeof text !== 'string') return () => false
  const old = new Set(checkSource(text, options).map(({ pointer, message }) => `${pointer} ${message}`))
  return ({ pointer, message }) => old.has(`${pointer} ${message}`)
}

/** Data sources of which the first error is a verdict; of those that say to skip them none is. */
function failuresOf(source: Source, findings: readonly Found[]): SourceChange['fails'] {
  const skipped = new Set(
    dataSources(source)
      .filter(({ skip }) => skip)
      .map(keyOf),
  )
  const first = new Map<string, Found>()
  for (const found of findings) {
    const key = keyOf(found)
    if (found.level === 'error' && !skipped.has(key) && !first.has(key)) first.set(key, found)
  }
  return [...first.values()].map(({ layer, name, code, line, message }) => ({
    layer,
    name,
    code,
    detail: `line ${line}: ${message}`,
  }))
}

/** A file of which nothing can be read: one verdict, and it keeps what it had. */
function unreadable(findings: readonly Found[], before: Uint8Array | undefined): SourceChange {
  const [first] = findings
  const detail = first === undefined ? 'it cannot be read' : `line ${first.line}: ${first.message}`
  const now = before === undefined ? [] : sourceNames(before)
  return {
    runs: [],
    fails: [{ layer: '', name: '', code: 'source-invalid', detail }],
    findings,
    now,
    gone: [],
  }
}

/** The data sources whose entry, or whose file, is another than before. */
function touchedSources(source: Source, old: Source | undefined): Set<string> {
  const entries = dataSources(source)
  if (old === undefined || !isSame(sharedOf(source), sharedOf(old))) return new Set(entries.map(keyOf))
  const before = new Map<string, JsonObject[]>()
  for (const entry of dataSources(old))
    before.set(keyOf(entry), [...(before.get(keyOf(entry)) ?? []), entry.entry])
  const after = new Map<string, JsonObject[]>()
  for (const entry of entries) after.set(keyOf(entry), [...(after.get(keyOf(entry)) ?? []), entry.entry])
  return new Set([...after].filter(([key, list]) => !isSame(list, before.get(key) ?? [])).map(([key]) => key))
}

/** What all data sources of a file have in common. */
function sharedOf({ schema, coverage, shared }: Source & { readonly shared?: JsonObject }): unknown {
  return { schema, coverage, ...shared }
}

function goneFrom(old: Source | undefined, entries: readonly DataSource[]): SourceName[] {
  if (old === undefined) return []
  const now = new Set(entries.map(keyOf))
  return firstOfEach(dataSources(old))
    .filter((entry) => !now.has(keyOf(entry)))
    .map(nameOf)
}

/** Of two with one name the first counts. */
function firstOfEach(entries: readonly DataSource[]): DataSource[] {
  const first = new Map<string, DataSource>()
  for (const entry of entries) if (!first.has(keyOf(entry))) first.set(keyOf(entry), entry)
  return [...first.values()]
}

/** Which data source a fault is about, by where it stands. */
function atEntry(source: Source, { pointer }: SourceFault): SourceName {
  const [, top, layer = '', index] = pointer.split('/')
  if (source.schema === 1)
    return pointer.startsWith('/coverage')
      ? { layer: '', name: '' }
      : { layer: 'addresses', name: nameAt(source, 0) }
  if (top !== 'layers' || index === undefined) return { layer: '', name: '' }
  const entry = dataSources(source).find((one) => one.layer === layer && one.index === Number(index))
  return entry === undefined ? { layer: '', name: '' } : nameOf(entry)
}

function nameAt(source: Source, index: number): string {
  return dataSources(source)[index]?.name ?? ''
}

function foundOf({ level, pointer, line, column, message }: SourceFault): Omit<Found, 'layer' | 'name'> {
  const known = CODES.find(([where, what]) => where.test(pointer) && what.test(message))
  return { level, code: known?.[2] ?? 'source-invalid', pointer, line, column, message }
}

function atFile(fault: SourceFault): Found {
  return { layer: '', name: '', ...foundOf(fault) }
}

function isFileError({ layer, level }: Found): boolean {
  return layer === '' && level === 'error'
}

function nothingIn(text: string): Found {
  const at = { layer: '', name: '', pointer: '', line: 1, column: 1 }
  const message = text.trim() === '' ? 'the file is empty' : 'there is no data source in any layer'
  return { ...at, level: 'error', code: 'source-invalid', message }
}

/** The text, or what keeps the bytes from being one. */
function decoded(bytes: Uint8Array): string | Found {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const good = validLength(bytes)
    const before = new TextDecoder().decode(bytes.subarray(0, good))
    const lines = before.split('\n')
    const byte = (bytes[good] ?? 0).toString(16).padStart(2, '0')
    return {
      layer: '',
      name: '',
      level: 'error',
      code: 'source-invalid',
      pointer: '',
      line: lines.length,
      column: (lines.at(-1)?.length ?? 0) + 1,
      message: `this is not UTF-8: it breaks at the byte 0x${byte}; save the file as UTF-8`,
    }
  }
}

/** How many bytes from the start are UTF-8: found by halving, because a decoder tells only that something is wrong. */
function validLength(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length]
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2)
    if (isUtf8Start(bytes.subarray(0, middle))) good = middle
    else bad = middle - 1
  }
  return good
}

function isUtf8Start(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

function parsed(text: string): (Source & { readonly shared: JsonObject }) | undefined {
  try {
    const source = readSource(text)
    if (source.schema === 1) return { ...source, shared: {} }
    const { layers: _layers, coverage: _coverage, ...shared } = JSON.parse(text) as JsonObject
    return { ...source, shared }
  } catch {
    return undefined
  }
}

function oldSource(bytes: Uint8Array): Source | undefined {
  const text = decoded(bytes)
  return typeof text === 'string' ? parsed(text) : undefined
}

function nameOf({ layer, name }: SourceName): SourceName {
  return { layer, name }
}

function keyOf({ layer, name }: SourceName): string {
  return `${layer}/${name}`
}

/** Whether two JSON values say the same; the order of keys says nothing. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, i) => isSame(item, other[i]))
  if (!isObject(one) || !isObject(other)) return false
  const keys = Object.keys(one).filter((key) => one[key] !== undefined)
  if (keys.length !== Object.keys(other).filter((key) => other[key] !== undefined).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
}
