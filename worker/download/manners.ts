/**
 * Manners: how to treat the servers of one host, where somebody has asked for it or it needs it.
 *
 *     {"gis.example.gov": {"parallel": 1, "pauseMs": 2000}, "*.arcgis.com": {"parallel": 4}}
 *
 * A host is named as it stands in addresses, with its port where it has one of its own; `*.` in front of a name means
 * every host below it, `*` every host. The longest name that fits counts, and it alone.
 */
import type { EsriManners } from './cache.ts'

/** By host. */
export type HostManners = Readonly<Record<string, EsriManners>>

/** More at once than this is an attack, whoever configured it. */
const PARALLEL_MAX = 16

const STRATEGIES = ['offset', 'statistics', 'ids', 'envelopes']

/** What may be said of a host, and what is right for it. */
const RULES: Readonly<
  Record<string, { readonly expected: string; readonly isRight: (value: unknown) => boolean }>
> = {
  parallel: {
    expected: `a whole number from 1 to ${PARALLEL_MAX}`,
    isRight: (value) => isWhole(value, 1, PARALLEL_MAX),
  },
  pageRowsMax: { expected: 'a whole number from 1', isRight: (value) => isWhole(value, 1) },
  pauseMs: { expected: 'a number of milliseconds', isRight: (value) => isWhole(value, 0) },
  strategy: { expected: STRATEGIES.join(', '), isRight: (value) => STRATEGIES.includes(`${value}`) },
}

/**
 * Read them from JSON.
 *
 * @throws {TypeError} that says what is wrong, and where
 */
export function readManners(text: string): HostManners {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new TypeError(`not JSON: ${(error as Error).message}`, { cause: error })
  }
  if (!isObject(json)) throw new TypeError('expected an object of hosts')
  for (const [host, manners] of Object.entries(json)) {
    if (!isObject(manners)) throw new TypeError(`${host}: expected an object`)
    for (const [name, value] of Object.entries(manners)) assertRight(`${host}: ${name}`, name, value)
  }
  // Every value was looked at.
  return json as HostManners
}

/** How to treat the host of an address; nothing where nothing is said of it. */
export function mannersOf(address: string, all: HostManners): EsriManners {
  if (!URL.canParse(address)) return {}
  const { host } = new URL(address)
  const [longest] = Object.keys(all)
    .filter((name) => isHost(host, name.toLowerCase()))
    .sort((one, other) => other.length - one.length)
  return (longest === undefined ? undefined : all[longest]) ?? {}
}

function isHost(host: string, name: string): boolean {
  return name === '*' || (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name)
}

function assertRight(where: string, name: string, value: unknown): void {
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined
  if (rule === undefined)
    throw new TypeError(`${where} is not known; known are ${Object.keys(RULES).join(', ')}`)
  if (!rule.isRight(value))
    throw new TypeError(`${where} is ${JSON.stringify(value)}; expected ${rule.expected}`)
}

function isWhole(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
