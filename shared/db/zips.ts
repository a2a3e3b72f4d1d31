/** Zips: the collections as the original kept them; written by machine.publish_products only. */
import type { LicenseAttr, Region } from '../collection.ts'
import type { ISql } from './sql.ts'

/** A collected zip. */
export interface Zip {
  readonly url: string
  readonly datetime: Date
  readonly contentLength: number
  readonly addressCount: number | null
  readonly collection: Region
  readonly licenseAttr: LicenseAttr
}

/** The zips to offer, by region and licence. */
export async function readCurrentZips(sql: ISql): Promise<Zip[]> {
  return sql<Zip[]>`
    select url, datetime, coalesce(content_length, 0)::float8 as "contentLength", address_count::float8 as "addressCount",
      collection, license_attr as "licenseAttr"
    from zips
    where is_current
    order by collection, license_attr`
}
