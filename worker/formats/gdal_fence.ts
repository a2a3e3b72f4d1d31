/**
 * What GDAL may do with a stranger's file: read it, and nothing else.
 *
 * A file can be a list of other files (VRT), name a schema or a coordinate system at an address, or be taken for the
 * description of a service. Drivers that look elsewhere are not there, and what would go out by HTTP all the same
 * meets a proxy that nobody is: GDAL's own downloads know nothing of worker/download/guard.ts.
 *
 * Source: gdal.org, "Configuration options" (OGR_SKIP, GDAL_HTTP_PROXY), "GML" (GML_DOWNLOAD_WFS_SCHEMA).
 */
import { basename } from 'node:path'
import { UNCOUNTED } from './ogr_uncounted.ts'

/** Drivers that read other files than the one they are given. */
const INDIRECT = ['OGR_VRT', 'VRT', 'GTI', 'GMLAS', 'AVCE00', 'DODS', 'Interlis 1', 'Interlis 2']

/** Drivers of services and of databases. */
const REMOTE = [
  ...[
    'HTTP',
    'WFS',
    'OAPIF',
    'CSW',
    'CARTO',
    'AmigoCloud',
    'Elasticsearch',
    'PLScenes',
    'NGW',
    'EEDA',
    'DAAS',
  ],
  ...[
    'PostgreSQL',
    'MySQL',
    'MSSQLSpatial',
    'MongoDBv3',
    'OCI',
    'ODBC',
    'PGeo',
    'HANA',
    'OGDI',
    'STACTA',
    'STACIT',
  ],
]

/** Nothing answers here: the port of `discard`, which no computer of this century has open. */
const NOBODY = 'http://127.0.0.1:9'

const CLOSED = {
  GDAL_HTTP_PROXY: NOBODY,
  GDAL_HTTPS_PROXY: NOBODY,
  GDAL_HTTP_CONNECTTIMEOUT: '1',
  GDAL_HTTP_MAX_RETRY: '0',
  GML_DOWNLOAD_WFS_SCHEMA: 'NO',
  PROJ_NETWORK: 'OFF',
}

/** The environment in which a program of GDAL reads a file. */
export function gdalEnv(path: string): Readonly<Record<string, string>> {
  // The one list of files that is read is ours, of a file that was read without it before.
  const skipped = basename(path) === UNCOUNTED ? INDIRECT.slice(1) : INDIRECT
  return { ...CLOSED, OGR_SKIP: [...skipped, ...REMOTE].join(',') }
}
