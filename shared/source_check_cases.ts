/** Source files for tests: one data source in which nothing is wrong, and more. */
import type { SourceFault } from './source_check.ts'

/** Of a data source: all that it needs. */
export const TAGS = '"name": "x", "data": "http://x", "protocol": "http"'

/** A source of schema 2 with entries, each on a line of its own. */
export function inAddresses(...entries: string[]): string {
  return `{"schema": 2, "layers": {"addresses": [\n${entries.join(',\n')}\n]}}`
}

/** A data source in whose conform nothing is wrong, but what is put into it. */
export function withConform(more: string, tags: string = TAGS): string {
  const number = more.includes('"number"') ? [] : ['"number": "N"']
  const conform = [
    '"format": "csv", "lon": "X", "lat": "Y", "street": "S"',
    ...number,
    ...(more === '' ? [] : [more]),
  ]
  const entry = `{${tags}, "conform": {${conform.join(', ')}}}`
  return `{"schema": 2, "coverage": {"ISO 3166": {}}, "layers": {"addresses": [${entry}]}}`
}

/** The same with a call for the number. */
export function withNumber(call: string): string {
  return withConform(`"number": ${call}`)
}

/** The least that can be read. */
export const CONFORM = '"conform": {"format": "csv", "lon": "X", "lat": "Y"}'

/** Whether a fault is not just a warning. */
export function isError({ level }: SourceFault): boolean {
  return level === 'error'
}
