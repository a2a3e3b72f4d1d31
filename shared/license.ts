/**
 * Licenses: under which terms the data of a source may be used, as its author wrote it down.
 *
 * Two generations of tags mean the same: a plain `license` and `attribution`, or a `license` object
 * with `url`, `text`, `attribution`, `attribution name` and `share-alike`.
 *
 * An absent `share-alike` is not known rather than false; what becomes of the unknown is decided
 * where collections are made.
 *
 * Source: the original's license block of a run state; openaddresses/schema/util/license.json.
 */
import type { RunState } from './run.ts'
import { type DataSource, isObject } from './source.ts'

/** The terms of a data source. */
export interface License {
  /** One text for people: the name of the license, its address, or both. */
  readonly license: string | null
  readonly attributionRequired: boolean
  /** Whom to name; null where nobody has to be, or nobody is named. */
  readonly attributionName: string | null
  /** Null where the source does not say. */
  readonly shareAlike: boolean | null
}

/** The terms of a data source, from whichever generation of tags it has. */
export function licenseOf({ license, attribution }: LicenseTags): License {
  const { required, name } = readAttribution(license, attribution)
  return {
    license: licenseText(license),
    attributionRequired: required,
    attributionName: name,
    shareAlike: readShareAlike(license),
  }
}

/** The terms under the keys of a run state. */
export function licenseState(
  tags: LicenseTags,
): Pick<RunState, 'license' | 'attribution required' | 'attribution name' | 'share-alike'> {
  const { license, attributionRequired, attributionName, shareAlike } = licenseOf(tags)
  return {
    license,
    'attribution required': attributionRequired ? 'true' : 'false',
    'attribution name': attributionName,
    'share-alike': shareAlike === null ? '' : shareAlike ? 'true' : 'false',
  }
}

/** The terms of a run, from its state. */
export function licenseOfState(
  state: Pick<RunState, 'license' | 'attribution required' | 'attribution name' | 'share-alike'>,
): License {
  const shareAlike = state['share-alike']
  return {
    license: state.license,
    attributionRequired: state['attribution required'] === 'true',
    attributionName: state['attribution name'],
    shareAlike: shareAlike === 'true' ? true : shareAlike === 'false' ? false : null,
  }
}

type LicenseTags = Pick<DataSource, 'license' | 'attribution'>

function licenseText(license: LicenseTags['license']): string | null {
  if (!isObject(license)) return license || null
  const text = textOf(license['text'])
  const url = textOf(license['url'])
  return text !== null && url !== null ? `${text} (${url})` : (text ?? url)
}

function readAttribution(
  license: LicenseTags['license'],
  attribution: string | undefined,
): { required: boolean; name: string | null } {
  const tags = isObject(license) ? license : {}
  const name = textOf(tags['attribution name']) ?? textOf(attribution)
  const required = flagOf(tags['attribution']) ?? name !== null
  return { required, name: required ? name : null }
}

function readShareAlike(license: LicenseTags['license']): boolean | null {
  if (!isObject(license) || !Object.hasOwn(license, 'share-alike')) return null
  const value = license['share-alike']
  return value === null || value === '' ? false : flagOf(value)
}

const TRUE_WORDS = ['true', 'yes', 'y', 't']
const FALSE_WORDS = ['false', 'no', 'n', 'f']

/** Yes or no; null where it says neither. */
function flagOf(value: unknown): boolean | null {
  const word = String(value).toLowerCase()
  if (TRUE_WORDS.includes(word)) return true
  return FALSE_WORDS.includes(word) ? false : null
}

/** A text that says something; anything else that was written is taken by its word. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  // As Python wrote them: the word, capitalised.
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}
