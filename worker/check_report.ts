/** What `machine check` says: findings as compilers say them, plans for people. */
import type { SourceFault } from '../shared/source_check.ts'
import type { Plan } from '../shared/source_plan.ts'

/** What was found in one file. */
export interface Checked {
  readonly path: string
  readonly faults: readonly SourceFault[]
  /** One for each data source, in the order of the file, with what a run will make. */
  readonly plans: readonly (Plan & { readonly outputs: readonly string[] })[]
}

/** Findings one a line: `a.json:12:7: error: sentence (/pointer)`. */
export function faultLines({ path, faults }: Checked): string[] {
  return faults.map(({ level, line, column, message, pointer }) => {
    const place = pointer === '' ? '' : ` (${pointer})`
    return `${path}:${line}:${column}: ${level}: ${message}${place}`
  })
}

/** The plans of a file, as a person reads them. */
export function planLines({ path, plans }: Checked): string[] {
  return plans.flatMap((plan) => [`${path} ${plan.layer}/${plan.name}`, ...rows(plan).map(line)])
}

/** How many of what. */
export function summary(all: readonly Checked[]): string {
  const faults = all.flatMap(({ faults }) => faults)
  const errors = faults.filter(({ level }) => level === 'error').length
  const refused = all.filter(({ faults }) => faults.some(({ level }) => level === 'error')).length
  const planned = all.reduce((sum, { plans }) => sum + plans.length, 0)
  return [
    many(all.length, 'file'),
    `${many(planned, 'data source')} planned`,
    `${many(errors, 'error')} in ${many(refused, 'file')}`,
    many(faults.length - errors, 'warning'),
  ].join(', ')
}

function rows(plan: Checked['plans'][number]): [name: string, text: string][] {
  const { skip, tests, attributes, outputs } = plan
  return [
    ...(skip ? [['skip', 'the source says so: nothing of this is done'] as [string, string]] : []),
    ['fetch', `${[plan.protocol, plan.compression].filter(Boolean).join(', ')}: ${plan.data}`],
    ['read', readingText(plan)],
    ...attributes.map(({ attribute, from }): [string, string] => [attribute, from]),
    ...(tests > 0 ? [['test', many(tests, 'acceptance test')] as [string, string]] : []),
    ['make', outputs.join(', ')],
  ]
}

function readingText({ protocol, format, file, layerInside, encoding, srs, place }: Plan): string {
  return [
    protocol === 'esri' ? 'features of the service' : (format ?? 'no format is named'),
    ...(file === null ? [] : [`file ${file}`]),
    ...(layerInside === null ? [] : [`layer ${layerInside}`]),
    ...(encoding === null ? [] : [`texts in ${encoding}`]),
    ...(place === null ? [] : [`place in ${place.join(', ')}`]),
    `coordinates in ${srs ?? (format === 'csv' || format === 'geojson' ? 'EPSG:4326' : 'what the file says')}`,
  ].join('; ')
}

function line([name, text]: [name: string, text: string]): string {
  return `  ${name.padEnd(LABEL_WIDTH)} ${text}`
}

/** The longest attribute is `addr_from_right`. */
const LABEL_WIDTH = 15

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
