/** The texts inside the classic zip: README.txt, LICENSE.txt and the VRT that opens the table in GDAL. */
import type { License } from '../../shared/license.ts'
import type { Leaving } from './output.ts'

const UNKNOWN = 'Unknown'

/** What the archive is, from where and from when. */
export function readme({ sourceName, website, license, now }: Leaving): string {
  return `Addresses of ${sourceName}, collected by OpenAddresses (https://openaddresses.io).

Date: ${now.toISOString().slice(0, 10)}
Website: ${website ?? UNKNOWN}
License: ${license.license ?? UNKNOWN}

One line of the CSV file is one address. LON and LAT are degrees, WGS 84 (EPSG:4326). HASH names the
row of the source's data that the address was made from. LICENSE.txt says what may be done with the
data; the VRT file opens the table with its places in QGIS and everything else that uses GDAL.
`
}

/** What may be done with the data, as far as the source's author knows. */
export function licenseText({ license, attributionRequired, attributionName, shareAlike }: License): string {
  return `License: ${license ?? UNKNOWN}
Required attribution: ${attributionRequired ? (attributionName ?? 'Yes, but the source does not say whose') : 'None known'}
Share-alike: ${shareAlike === null ? UNKNOWN : shareAlike ? 'Yes' : 'No'}

This is what the source file in https://github.com/openaddresses/openaddresses declares. The publisher's
own terms are what counts.
`
}

/** A GDAL virtual format beside `<name>.csv`; `x` and `y` are the columns of its places. */
export function vrt(name: string, { x, y } = { x: 'LON', y: 'LAT' }): string {
  const escaped = name.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<OGRVRTDataSource>
  <OGRVRTLayer name="${escaped}">
    <SrcDataSource relativeToVRT="1">${escaped}.csv</SrcDataSource>
    <GeometryType>wkbPoint</GeometryType>
    <LayerSRS>EPSG:4326</LayerSRS>
    <GeometryField encoding="PointFromColumns" x="${x}" y="${y}"/>
  </OGRVRTLayer>
</OGRVRTDataSource>
`
}
