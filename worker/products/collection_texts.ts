/** The texts inside a collection and a tile: what it is, and what may be done with each part of it. */
import { LICENSE_WORDS, type Collection } from '../../shared/collection.ts'
import { insidePaths, type ProductSource, sourceBase } from './product_source.ts'

const UNKNOWN = 'Unknown'

/** A source as it went into an archive. */
export interface Counted {
  readonly source: ProductSource
  /** Where it lies, without an ending. */
  readonly path: string
  /** Rows of it in the archive: those with a place on Earth. */
  readonly rows: number
}

/** README.txt of a collection. */
export function collectionReadme(
  { region, license }: Collection,
  counted: readonly Counted[],
  { now, repository }: { readonly now: Date; readonly repository: string },
): string {
  const rows = counted.reduce((sum, { rows }) => sum + rows, 0)
  return `Addresses of the region ${region}, collected by OpenAddresses (https://openaddresses.io).

Made: ${day(now)}
Sources: https://github.com/${repository}, ${count(counted.length)} of them
Addresses: ${count(rows)}
Licence: ${LICENSE_WORDS[license]}; each source has terms of its own, which LICENSE.txt tells

One CSV file is one source, one line one address; files lie under the path of their source, and where a
source file has several data sources, in a folder of that name. LON and LAT are degrees, WGS 84 (EPSG:4326).
Addresses without a place on Earth are left out. HASH names the row of the source's data that an address was
made from. A VRT file beside each table opens it with its places in QGIS and everything else that uses GDAL;
the folder summary has the number of addresses in each square of a tenth of a degree.

Addresses  Data of     Source
${counted.map(({ source, path, rows }) => `${count(rows).padStart(9)}  ${day(source.dataDate)}  ${path}`).join('\n')}
`
}

/** LICENSE.txt: the terms of each source, as its author wrote them down. */
export function licenses(sources: readonly ProductSource[]): string {
  const paths = insidePaths(sources)
  return `Data collected by OpenAddresses (https://openaddresses.io) from the sources below, each under its own terms.
This is what the source files declare; the publishers' own terms are what counts.

${sources.map((source, index) => terms(source, paths[index] ?? sourceBase(source))).join('\n')}`
}

function terms({ website, license }: ProductSource, path: string): string {
  const { attributionRequired, attributionName, shareAlike } = license
  const named = attributionName ?? 'Yes, but the source does not say whose'
  return `${path}
Website: ${website ?? UNKNOWN}
License: ${license.license ?? UNKNOWN}
Required attribution: ${attributionRequired ? named : 'None known'}
Share-alike: ${shareAlike === null ? UNKNOWN : shareAlike ? 'Yes' : 'No'}
`
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}
