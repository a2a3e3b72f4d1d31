/**
 * The manifest: everything that is published, with address, size, checksum, rows, licence and date of the data.
 *
 * Its form is a contract, described in docs/manifest.md. What is added does not change `version`; what is
 * renamed, removed or means something else does.
 */
import { LICENSE_WORDS, type LicenseAttr, type Region } from './collection.ts'
import type { License } from './license.ts'

/** Of the form, not of the content. */
export const MANIFEST_VERSION = 1

/** A file that can be downloaded. */
export interface ManifestFile {
  readonly name: string
  readonly url: string
  readonly bytes: number
  /** In hex; null for files of runs of before it was kept. */
  readonly sha256: string | null
  /** Null for what has no rows. */
  readonly rows: number | null
}

/** A file of a collection. */
export interface ManifestCollection extends ManifestFile {
  readonly region: Region
  readonly license: LicenseAttr
  /** `Freely Shareable` or `Share-Alike Required`. */
  readonly license_name: string
  /** Data sources in it. */
  readonly sources: number | null
  /** When the newest of its data was made. */
  readonly data_date: string | null
  readonly edition: string
  readonly made_at: string
}

/** The square degrees; each of them is listed in `index`. */
export interface ManifestTiles {
  readonly edition: string
  readonly made_at: string
  readonly data_date: string | null
  readonly tiles: number
  readonly rows: number
  /** With {lon} and {lat} of the south-west corner, such as -123.0 and 37.0. */
  readonly template: string
  readonly index: ManifestFile
}

/** A data source with the files of its current run. */
export interface ManifestSource {
  /** `sources/us/ca/berkeley.json` */
  readonly source: string
  readonly layer: string
  readonly name: string
  /** The run whose files these are. */
  readonly run: number
  readonly rows: number | null
  readonly data_date: string
  readonly website: string | null
  readonly license: string | null
  readonly attribution_required: boolean
  readonly attribution: string | null
  /** Null where the source does not say. */
  readonly share_alike: boolean | null
  readonly files: readonly ManifestFile[]
}

/** The whole. */
export interface Manifest {
  readonly version: typeof MANIFEST_VERSION
  readonly edition: string
  readonly made_at: string
  /** Address of the manifest that was current before; null for the first. */
  readonly previous: string | null
  readonly collections: readonly ManifestCollection[]
  /** Null before there are any. */
  readonly tiles: ManifestTiles | null
  readonly sources: readonly ManifestSource[]
}

/** A published file, as far as the manifest tells of it. */
export interface Published {
  readonly product: 'collections' | 'tiles'
  readonly name: string
  readonly edition: string
  readonly url: string
  readonly bytes: number
  readonly sha256: string
  readonly rows: number | null
  readonly sources: number | null
  readonly region: Region | null
  readonly license: LicenseAttr | null
  readonly dataDate: Date | null
  readonly madeAt: Date
}

/** Name of the file that lists all tiles of an edition. */
export const TILES_INDEX = 'tiles.json'

/** The manifest of what is published. */
export function manifestOf(
  files: readonly Published[],
  rest: Pick<Manifest, 'edition' | 'made_at' | 'previous' | 'sources'>,
): Manifest {
  const { edition, made_at, previous, sources } = rest
  return {
    version: MANIFEST_VERSION,
    edition,
    made_at,
    previous,
    collections: files.filter(({ product }) => product === 'collections').map(collection),
    tiles: tiles(files.filter(({ product }) => product === 'tiles')),
    sources,
  }
}

/** The terms of a source under the keys of the manifest. */
export function manifestTerms(
  terms: License,
): Pick<ManifestSource, 'license' | 'attribution_required' | 'attribution' | 'share_alike'> {
  return {
    license: terms.license,
    attribution_required: terms.attributionRequired,
    attribution: terms.attributionName,
    share_alike: terms.shareAlike,
  }
}

function collection(file: Published): ManifestCollection {
  const license = file.license ?? ''
  return {
    ...plainFile(file),
    region: file.region ?? 'global',
    license,
    license_name: LICENSE_WORDS[license],
    sources: file.sources,
    data_date: file.dataDate?.toISOString() ?? null,
    edition: file.edition,
    made_at: file.madeAt.toISOString(),
  }
}

function tiles(files: readonly Published[]): ManifestTiles | null {
  const index = files.find(({ name }) => name === TILES_INDEX)
  if (index === undefined) return null
  return {
    edition: index.edition,
    made_at: index.madeAt.toISOString(),
    data_date: index.dataDate?.toISOString() ?? null,
    tiles: files.length - 1,
    rows: index.rows ?? 0,
    template: index.url.replace(TILES_INDEX, '{lon}/{lat}.zip'),
    index: plainFile(index),
  }
}

function plainFile({ name, url, bytes, sha256, rows }: Published): ManifestFile {
  return { name, url, bytes, sha256, rows }
}
