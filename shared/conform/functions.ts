/**
 * Every attribute function, under the name a source calls it by. A new one is a file, a type in
 * call.ts, and a line here; the compiler misses whichever is forgotten.
 */
import { SourceError } from '../problem.ts'
import { type AttributeFunction, isCall, readCall } from './call.ts'
import { chain } from './chain.ts'
import { constant } from './constant.ts'
import type { Evaluate, Scope } from './evaluate.ts'
import { first_non_empty } from './first_non_empty.ts'
import { format } from './format.ts'
import { get } from './get.ts'
import { join } from './join.ts'
import { map } from './map.ts'
import { mph_to_kph } from './mph_to_kph.ts'
import { postfixed_street } from './postfixed_street.ts'
import { postfixed_unit } from './postfixed_unit.ts'
import { prefixed_number } from './prefixed_number.ts'
import { regexp } from './regexp.ts'
import { remove_postfix } from './remove_postfix.ts'
import { remove_prefix } from './remove_prefix.ts'

const FUNCTIONS: { readonly [F in AttributeFunction as F['function']]: (call: F, scope: Scope) => Evaluate } =
  {
    chain,
    constant,
    first_non_empty,
    format,
    get,
    join,
    map,
    mph_to_kph,
    postfixed_street,
    postfixed_unit,
    prefixed_number,
    regexp,
    remove_postfix,
    remove_prefix,
  }

/**
 * Compile what stands where a call is expected.
 *
 * @throws {SourceError} `unknown-function`, `source-invalid` or `pattern-invalid`
 */
export function compileCall(value: unknown, scope: Scope): Evaluate {
  const call = readCall(value)
  if (isCall(call)) return compileTyped(call, scope)

  const { code, parameter, message } = call[0]!
  throw new SourceError(code, parameter === undefined ? message : `${parameter}: ${message}`)
}

function compileTyped<F extends AttributeFunction>(call: F, scope: Scope): Evaluate {
  // The table pairs each name with the compiler for just that call; TypeScript cannot follow the pair.
  const compile = FUNCTIONS[call.function] as unknown as (call: F, scope: Scope) => Evaluate
  return compile(call, scope)
}
