/**
 * The repositories that Machine works for, each with its own rules.
 *
 *     {
 *       "openaddresses/openaddresses": {"trust": "approval"},
 *       "ann/addresses": {"trust": "open", "paths": ["sources/at/**\/*.json"], "pullJobsPerHour": 5, "silent": true}
 *     }
 *
 * Without a configuration every repository that knows the secret of the webhook is ours, by the rules of `RULES`.
 */
import type { RepositoryName } from './event.ts'
import { isObject, typeName } from './source.ts'

/** The rules of one repository. */
export interface Rules {
  /** Whose pull requests run: everybody's; members' only; members' at once and others' after `/ok-to-test`. */
  readonly trust: 'open' | 'members' | 'approval'
  /** Which files are sources: `*` stands for anything in one folder, `**` for any folders. */
  readonly paths: readonly string[]
  /** Jobs that one person may cause in an hour by pull requests and commands; 0 for no limit. */
  readonly authorJobsPerHour: number
  /** Jobs that one pull request may cause in an hour; 0 for no limit. */
  readonly pullJobsPerHour: number
  /** Nothing is said to GitHub. */
  readonly silent: boolean
}

/** Rules by repository, its name in lower case; undefined takes all repositories, by the usual rules. */
export type Repositories = ReadonlyMap<string, Rules> | undefined

/** The usual rules. */
export const RULES: Rules = {
  trust: 'approval',
  paths: ['sources/**/*.json'],
  // A person with a script has more pull requests in an hour than one who reads what comes of them.
  authorJobsPerHour: 60,
  pullJobsPerHour: 20,
  silent: false,
}

const TRUSTS = ['open', 'members', 'approval']

/** What a rule must be. */
const TESTS: { readonly [R in keyof Rules]: readonly [is: (value: unknown) => boolean, expected: string] } = {
  trust: [(value) => TRUSTS.includes(value as string), 'open, members or approval'],
  paths: [isTexts, 'a list of paths with * and **'],
  authorJobsPerHour: [isCount, 'a whole number, 0 for no limit'],
  pullJobsPerHour: [isCount, 'a whole number, 0 for no limit'],
  silent: [(value) => typeof value === 'boolean', 'true or false'],
}

/**
 * Read the configuration of repositories.
 *
 * @param text  JSON; an empty one configures nothing
 * @throws {TypeError} that names every rule that is wrong
 */
export function readRepositories(text: string): Repositories {
  if (text.trim() === '') return undefined
  const json = parsed(text)
  if (!isObject(json) || Object.keys(json).length === 0)
    throw new TypeError(`expected an object with a repository in it, got ${typeName(json)}`)
  const faults: string[] = []
  const entries = Object.entries(json).map(([name, given]) => {
    if (!/^[\w.-]+\/[\w.-]+$/.test(name)) faults.push(`"${name}" is not owner/name`)
    return [name.toLowerCase(), rulesFrom(name, given, faults)] as const
  })
  if (faults.length > 0) throw new TypeError(faults.join('; '))
  return new Map(entries)
}

/** The rules of a repository, by any of the names that it has or had; undefined when it is none of ours. */
export function rulesOf(repositories: Repositories, ...names: readonly RepositoryName[]): Rules | undefined {
  if (repositories === undefined) return RULES
  for (const { owner, name } of names) {
    const rules = repositories.get(`${owner}/${name}`.toLowerCase())
    if (rules !== undefined) return rules
  }
  return undefined
}

/** Whether a path is that of a source, by the rules. */
export function isSourceBy({ paths }: Pick<Rules, 'paths'>, path: string): boolean {
  return paths.some((glob) => expressionOf(glob).test(path))
}

const expressions = new Map<string, RegExp>()

/** `**\/` is any folders or none, `**` anything, `*` anything but a slash; all else is itself. */
function expressionOf(glob: string): RegExp {
  const known = expressions.get(glob)
  if (known !== undefined) return known
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|[.*+?^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : `\\${part}`
  })
  const expression = new RegExp(`^${source}$`, 's')
  expressions.set(glob, expression)
  return expression
}

function rulesFrom(name: string, given: unknown, faults: string[]): Rules {
  if (!isObject(given)) {
    faults.push(`"${name}" must be an object, not ${typeName(given)}`)
    return RULES
  }
  for (const [rule, value] of Object.entries(given)) {
    const known = Object.hasOwn(TESTS, rule) ? TESTS[rule as keyof Rules] : undefined
    if (known === undefined)
      faults.push(`"${name}" has no rule "${rule}"; there are ${Object.keys(TESTS).join(', ')}`)
    else if (!known[0](value)) faults.push(`"${rule}" of "${name}" must be ${known[1]}`)
  }
  // Every rule that is given has passed its test by now, or is among the faults.
  return { ...RULES, ...(given as Partial<Rules>) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TypeError(`this is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function isTexts(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'string' && item.length < 200)
  )
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0
}
