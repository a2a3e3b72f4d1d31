/** Which outputs a person wants, as said in words: `--only geojson,preview`, `--skip slippymap`. */
import { type OutputName, outputNames } from './outputs.ts'

/**
 * The outputs that are asked for, in the order of their table.
 *
 * @param only  names with commas between; absent: all
 * @param skip  names to leave out of those
 * @throws {TypeError} for a name that there is not, or when nothing is left
 */
export function askedOutputs(only: string | undefined, skip: string | undefined): OutputName[] {
  const wanted = only === undefined ? outputNames() : names('--only', only)
  const unwanted = skip === undefined ? [] : names('--skip', skip)
  const asked = outputNames().filter((name) => wanted.includes(name) && !unwanted.includes(name))
  if (asked.length === 0)
    throw new TypeError(`nothing is left to make; there are ${outputNames().join(', ')}`)
  return asked
}

function names(option: string, list: string): string[] {
  const known: readonly string[] = outputNames()
  const all = list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const unknown = all.find((name) => !known.includes(name))
  if (unknown === undefined) return all
  throw new TypeError(`${option}: there is no output "${unknown}"; there are ${known.join(', ')}`)
}
