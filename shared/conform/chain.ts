/**
 * `chain`: one function after another, each reading what the one before gave.
 *
 *     {"function": "chain", "variable": "wip", "functions": [
 *       {"function": "format", "fields": ["a", "b"], "format": "$1-$2"},
 *       {"function": "remove_postfix", "field": "wip", "field_to_remove": "unit"}]}
 *     {a: "12", b: "34 UNIT 5", unit: "UNIT 5"}  gives  "12-34"
 *
 * Each step's result goes to the working column `oa:wip` and, unless empty, to the bare `wip` as
 * well. A variable that is an output property's name, or already a column of the row, is not used:
 * the attribute's own name takes its place. So two chains cannot share a variable, and the second
 * reads what the first has left there.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "chain".
 */
import { LAYERS } from '../layer.ts'
import type { Chain, Value } from './call.ts'
import type { Evaluate, Scope } from './evaluate.ts'

export function chain({ variable, functions }: Chain, scope: Scope): Evaluate {
  const own = variable !== undefined && !isProperty(variable, scope) ? variable : undefined
  if (own !== undefined) scope.variables.add(own)
  const steps = functions.map((step) => scope.compile(step, scope))

  return (row, attribute) => {
    const key = own !== undefined && !Object.hasOwn(row, own) ? own : attribute
    const column = `oa:${key}`
    if (key === own) row[column] = ''
    for (const step of steps) {
      const value = step(row, key)
      if (value !== undefined) row[column] = value
      const result = row[column]
      if (!isEmpty(result)) row[key] = result
    }
    return row[column] ?? ''
  }
}

/** Whether the layer has a property of this name; `oa:street` is the working column of one. */
function isProperty(variable: string, { layer }: Scope): boolean {
  const name = variable.startsWith('oa:') ? variable.slice(3) : variable
  return (LAYERS[layer] as readonly string[]).includes(name)
}

function isEmpty(value: Value | undefined): value is undefined | null | '' | 0 {
  return value === undefined || value === null || value === '' || value === 0
}
