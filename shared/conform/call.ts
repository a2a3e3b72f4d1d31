/**
 * Calls: how a source asks for an attribute function, `{"function": "join", "fields": ["a", "b"]}`.
 *
 * Doubted here, once: past `readCall` a call is believed to be what its type says.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md and schema/layers/*.json.
 */
import type { WorkingRow } from '../row.ts'
import { isObject, type JsonObject, typeName } from '../source.ts'

/** What a function gives: text, or what a `map` or `constant` holds. */
export type Value = WorkingRow[string]

/** A call of `join`. */
export interface Join {
  readonly function: 'join'
  readonly fields: readonly string[]
  readonly separator?: string
}

/** A call of `format`. */
export interface Format {
  readonly function: 'format'
  readonly fields: readonly string[]
  readonly format: string
}

/** A call of `regexp`. */
export interface Regexp {
  readonly function: 'regexp'
  readonly field: string
  readonly pattern: string
  readonly replace?: string
}

/** A call of `prefixed_number`. */
export interface PrefixedNumber {
  readonly function: 'prefixed_number'
  readonly field: string
}

/** A call of `postfixed_street`. */
export interface PostfixedStreet {
  readonly function: 'postfixed_street'
  readonly field: string
  readonly may_contain_units?: boolean
}

/** A call of `postfixed_unit`. */
export interface PostfixedUnit {
  readonly function: 'postfixed_unit'
  readonly field: string
}

/** A call of `remove_prefix`. */
export interface RemovePrefix {
  readonly function: 'remove_prefix'
  readonly field: string
  readonly field_to_remove: string
}

/** A call of `remove_postfix`. */
export interface RemovePostfix {
  readonly function: 'remove_postfix'
  readonly field: string
  readonly field_to_remove: string
}

/** A call of `first_non_empty`. */
export interface FirstNonEmpty {
  readonly function: 'first_non_empty'
  readonly fields: readonly string[]
}

/** A call of `constant`. */
export interface Constant {
  readonly function: 'constant'
  readonly value: Value
}

/** A call of `map`. */
export interface Mapping {
  readonly function: 'map'
  readonly field: string
  readonly mapping: Readonly<Record<string, Value>>
  readonly else?: Value
}

/** A call of `mph_to_kph`. */
export interface MphToKph {
  readonly function: 'mph_to_kph'
  readonly field: string
}

/** A call of `get`. */
export interface Get {
  readonly function: 'get'
  readonly field: string
  readonly index: number
}

/** A call of `chain`. */
export interface Chain {
  readonly function: 'chain'
  readonly variable?: string
  /** Calls too, doubted one by one when the chain is compiled. */
  readonly functions: readonly unknown[]
}

/** Any call of an attribute function. */
export type AttributeFunction =
  | Join
  | Format
  | Regexp
  | PrefixedNumber
  | PostfixedStreet
  | PostfixedUnit
  | RemovePrefix
  | RemovePostfix
  | FirstNonEmpty
  | Constant
  | Mapping
  | MphToKph
  | Get
  | Chain

/** The name a source calls a function by. */
export type FunctionName = AttributeFunction['function']

type ParameterType = 'text' | 'texts' | 'value' | 'values' | 'flag' | 'whole number' | 'list'

/** Parameters of each function; those that end in `?` may be left out, or null. */
const PARAMETERS: Readonly<
  Record<FunctionName, Readonly<Record<string, ParameterType | `${ParameterType}?`>>>
> = {
  join: { fields: 'texts', separator: 'text?' },
  format: { fields: 'texts', format: 'text' },
  regexp: { field: 'text', pattern: 'text', replace: 'text?' },
  prefixed_number: { field: 'text' },
  postfixed_street: { field: 'text', may_contain_units: 'flag?' },
  postfixed_unit: { field: 'text' },
  remove_prefix: { field: 'text', field_to_remove: 'text' },
  remove_postfix: { field: 'text', field_to_remove: 'text' },
  first_non_empty: { fields: 'texts' },
  constant: { value: 'value' },
  map: { field: 'text', mapping: 'values', else: 'value?' },
  mph_to_kph: { field: 'text' },
  get: { field: 'text', index: 'whole number' },
  chain: { functions: 'list', variable: 'text?' },
}

const TYPE_TESTS: Readonly<Record<ParameterType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  texts: (value) => Array.isArray(value) && value.every((text) => typeof text === 'string'),
  value: isValue,
  values: (value) => isObject(value) && Object.values(value).every(isValue),
  flag: (value) => typeof value === 'boolean',
  'whole number': (value) => Number.isInteger(value),
  list: (value) => Array.isArray(value),
}

/** Names of all attribute functions. */
export const FUNCTION_NAMES: readonly string[] = Object.keys(PARAMETERS)

/** What is wrong with a call. */
export interface CallFault {
  readonly code: 'unknown-function' | 'source-invalid'
  /** The parameter at fault; undefined where it is the call as a whole. */
  readonly parameter?: string
  readonly message: string
}

/** Whatever stands where a call is expected: a call, or what is wrong with it. */
export function readCall(value: unknown): AttributeFunction | CallFault[] {
  if (!isObject(value)) {
    return [{ code: 'source-invalid', message: `must be the call of a function, not ${typeName(value)}` }]
  }
  const name = value['function']
  if (typeof name !== 'string' || !isFunctionName(name)) {
    const message = `${JSON.stringify(name) ?? 'nothing'} is none of ${FUNCTION_NAMES.join(', ')}`
    return [{ code: 'unknown-function', parameter: 'function', message }]
  }
  const faults = parameterFaults(name, value)
  // The table has tested every parameter that the type names, and null is taken out as if absent.
  return faults.length > 0 ? faults : (withoutNulls(value, name) as unknown as AttributeFunction)
}

/** Whether `readCall` found a call. */
export function isCall(read: AttributeFunction | CallFault[]): read is AttributeFunction {
  return !Array.isArray(read)
}

function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(PARAMETERS, name)
}

function parameterFaults(name: FunctionName, call: JsonObject): CallFault[] {
  return Object.entries(PARAMETERS[name]).flatMap(([parameter, type]): CallFault[] => {
    const value = call[parameter]
    const isOptional = type.endsWith('?')
    if (isOptional && (value === undefined || value === null)) return []
    const plain = (isOptional ? type.slice(0, -1) : type) as ParameterType
    if (value !== undefined && TYPE_TESTS[plain](value)) return []

    const message =
      value === undefined ? `${name} needs it` : `must be ${WORDS[plain]}, not ${typeName(value)}`
    return [{ code: 'source-invalid', parameter, message }]
  })
}

const WORDS: Readonly<Record<ParameterType, string>> = {
  text: 'text',
  texts: 'a list of column names',
  value: 'text or a number',
  values: 'an object of texts or numbers',
  flag: 'true or false',
  'whole number': 'a whole number',
  list: 'a list of calls',
}

/** A null that may be left out is left out; `else` and `value` keep theirs, for null is a value. */
function withoutNulls(call: JsonObject, name: FunctionName): JsonObject {
  const types = PARAMETERS[name]
  return Object.fromEntries(
    Object.entries(call).filter(
      ([parameter, value]) => value !== null || types[parameter]?.startsWith('value'),
    ),
  )
}

function isValue(value: unknown): boolean {
  return value === null || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}
