/**
 * Rules for calls of attribute functions: known, complete, with patterns that can be used and columns
 * that somebody fills.
 *
 * What a data set has for columns nobody knows before it is there; but `oa:…` names a result of this
 * conform, and a chain's variable is set by the chain alone.
 */
import { type AttributeFunction, type Chain, isCall, readCall } from './conform/call.ts'
import { compileCall } from './conform/functions.ts'
import { compilePattern } from './conform/regexp_dialect.ts'
import { below, type Finding, refused, warned } from './finding.ts'
import { LAYERS, type LayerName } from './layer.ts'
import { SourceError } from './problem.ts'
import { isObject } from './source.ts'

/** What is known while the attributes of one conform are looked at, in the order of the file. */
export interface CallScope {
  readonly layer: LayerName
  /** Working columns that are there by now, without their `oa:`. */
  readonly results: Set<string>
  /** Variables of chains so far. */
  readonly variables: Set<string>
}

/** The scope of a conform of which nothing has been looked at. */
export function newCallScope(layer: LayerName): CallScope {
  return { layer, results: new Set(), variables: new Set() }
}

/** Every finding of the call that works out an attribute; paths begin at the call. */
export function callFindings(value: unknown, attribute: string, scope: CallScope): Finding[] {
  // Within a chain that has no name of its own the attribute's result is there from the first step on.
  if (isObject(value) && value['function'] === 'chain') scope.results.add(attribute)
  const findings = stepFindings(value, scope)
  scope.results.add(attribute)
  return findings
}

function stepFindings(value: unknown, scope: CallScope): Finding[] {
  const call = readCall(value)
  if (!isCall(call)) {
    return call.map(({ parameter, message }) =>
      parameter === undefined ? refused([], message) : refused([parameter], `${parameter}: ${message}`),
    )
  }
  if (call.function === 'chain') return chainFindings(call, scope)
  return [...compileFindings(call, scope), ...patternFindings(call), ...columnFindings(call, scope)]
}

function chainFindings({ variable, functions }: Chain, scope: CallScope): Finding[] {
  const findings: Finding[] = []
  if (functions.length === 0) findings.push(warned(['functions'], 'a chain without functions gives nothing'))
  if (variable === undefined) {
    findings.push(warned([], 'a chain without a variable: its steps cannot read what the ones before gave'))
  } else {
    findings.push(...variableFindings(variable, scope))
    scope.variables.add(variable)
    scope.results.add(variable)
  }
  let isRead = functions.length < 2 || variable === undefined
  functions.forEach((step, index) => {
    findings.push(...below(['functions', index], stepFindings(step, scope)))
    const reads =
      index > 0 && variable !== undefined && columnsOf(step).some((name) => bare(name) === variable)
    isRead ||= reads
  })
  if (!isRead) findings.push(warned(['variable'], `no step of the chain reads "${variable}"`))
  return findings
}

/** The variable is a name of its own. */
function variableFindings(variable: string, { layer, variables }: CallScope): Finding[] {
  if ((LAYERS[layer] as readonly string[]).includes(bare(variable))) {
    const message = `"${variable}" is a column of the output; the chain uses its attribute's name instead`
    return [warned(['variable'], message)]
  }
  if (!variables.has(variable)) return []
  return [warned(['variable'], `an earlier chain has used "${variable}", so this one cannot set it anew`)]
}

/** Patterns that cannot be translated, groups that are not there. */
function compileFindings(call: AttributeFunction, { layer }: CallScope): Finding[] {
  try {
    compileCall(call, { layer, variables: new Set(), compile: compileCall })
    return []
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return [refused(['pattern'], error.message)]
  }
}

function patternFindings(call: AttributeFunction): Finding[] {
  if (call.function !== 'regexp') return []
  const { pattern, replace = '' } = call
  const [name] = /\$\{?[A-Za-z_]\w*\}?/.exec(replace) ?? []
  if (name !== undefined) {
    return [warned(['replace'], `${name} stands for itself here: groups are called $1, $2 …`)]
  }
  return replace === '' && groupsOf(pattern) === 0
    ? [warned(['pattern'], 'a pattern without groups and without replace always gives an empty text')]
    : []
}

/** How many groups a pattern has; undefined where it cannot be used, which is told elsewhere. */
function groupsOf(pattern: string): number | undefined {
  try {
    return compilePattern(pattern).groups
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

/** A result that is read has been worked out before. */
function columnFindings(call: AttributeFunction, { results }: CallScope): Finding[] {
  return Object.entries(call).flatMap(([parameter, value]) => {
    if (!PARAMETERS_OF_COLUMNS.includes(parameter)) return []
    return textsOf(value)
      .filter((name) => name.startsWith('oa:') && name !== 'oa:geom' && !results.has(bare(name)))
      .map((name) => refused([parameter], `nothing has set "${name}" before it is read here`))
  })
}

const PARAMETERS_OF_COLUMNS: readonly string[] = ['field', 'fields', 'field_to_remove']

function columnsOf(step: unknown): string[] {
  return Object.entries(step ?? {}).flatMap(([parameter, value]) =>
    PARAMETERS_OF_COLUMNS.includes(parameter) ? textsOf(value) : [],
  )
}

function textsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((item) => typeof item === 'string')
}

function bare(name: string): string {
  return name.startsWith('oa:') ? name.slice(3) : name
}
