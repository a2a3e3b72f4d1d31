/**
 * Projections: from the coordinates of the data to lon, lat in EPSG:4326, many points at a time.
 *
 * All is done by the PROJ inside gdal3.js, so that the same point comes out on every machine. It is
 * loaded only when a source needs it: most are in lon, lat already. Whatever a coordinate system says
 * about the order of its axes, x is easting or longitude, and y is northing or latitude.
 */
import { SourceError } from '../../shared/problem.ts'
import { loadProj, type Proj } from './proj.ts'

export interface Projection {
  /** Nothing changes, so nobody needs to ask. */
  readonly isIdentity: boolean
  /**
   * Transform in place.
   *
   * @param xy  all x, then all y; afterwards all longitudes, then all latitudes, NaN for a point that has none
   */
  transform(xy: Float64Array): void
}

const IDENTITY: Projection = { isIdentity: true, transform: () => {} }

/** A code of an authority that PROJ knows, or the number of an EPSG one. */
const CODE = /^(?:(EPSG|ESRI|OGC|IGNF):)?(\w+)$/i

/** Definitions that start like this are WKT, or what ESRI calls so. */
const WKT = /^\s*(GEOGCS|PROJCS|GEOGCRS|PROJCRS|GEODCRS|COMPD_CS|COMPOUNDCRS|BOUNDCRS|LOCAL_CS|ENGCRS)\s*\[/i

/** WGS 84 as shapefiles say it: no need to load anything for the most frequent of all. */
const WGS84_WKT =
  /^GEOGCS\["[^"]*",DATUM\["(D_)?WGS_1984",SPHEROID\["WGS[_ ](19)?84",6378137(\.0*)?,298\.257223563\d*\]\],PRIMEM\["Greenwich",0(\.0*)?\],UNIT\["degree",0\.0174532925\d*\](,AXIS\[[^\]]*\])*\]$/i

/** A run meets one or two of them. */
const opened = new Map<string, Promise<Projection>>()

/**
 * The way from a coordinate system to lon, lat.
 *
 * @param from  a code such as `EPSG:2154`, a bare number, or WKT
 * @throws {SourceError} `srs-wrong`, when nobody knows such a coordinate system
 */
export function openProjection(from: string): Promise<Projection> {
  const definition = readDefinition(from)
  if (definition === undefined) return Promise.resolve(IDENTITY)
  let projection = opened.get(definition)
  if (projection === undefined) {
    projection = loadProj().then((proj) => project(proj, definition))
    opened.set(definition, projection)
  }
  return projection
}

/** What PROJ is to be asked for; undefined when it need not be asked. */
function readDefinition(from: string): string | undefined {
  if (WKT.test(from)) return WGS84_WKT.test(bareWkt(from)) ? undefined : from
  const [, authority = 'EPSG', code] = CODE.exec(from.trim()) ?? []
  if (code === undefined || (authority === 'EPSG' && !/^\d+$/.test(code))) {
    throw new SourceError(
      'srs-wrong',
      `${JSON.stringify(from.slice(0, 100))} is not a code such as "EPSG:2154"`,
    )
  }
  const name = `${authority.toUpperCase()}:${code.toUpperCase()}`
  return name === 'EPSG:4326' || name === 'OGC:CRS84' ? undefined : name
}

/** WKT without blanks around its marks, and without the codes, which say again what stands beside them. */
function bareWkt(wkt: string): string {
  const tight = wkt.trim().replace(/\s*([[\],])\s*/g, '$1')
  return tight.replace(/,AUTHORITY\[[^\]]*\]/g, '')
}

function project(proj: Proj, definition: string): Projection {
  const transformation = proj.open(definition)
  if (typeof transformation === 'string') {
    throw new SourceError('srs-wrong', `${definition.slice(0, 200)}: ${transformation}`)
  }
  return { isIdentity: false, transform: transformation }
}
