/**
 * Data for the mirror of the catalogue: one address, in the format, encoding and coordinate system of a
 * combination, with the conform that reads it.
 *
 * Nearly all is written by hand, byte by byte, so that nothing we read with has also written it; file
 * geodatabases are GDAL's.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'
import { shapefile } from '../worker/formats/write_shapefile.ts'
import { type Combination, NOTHING, PLACES, type Place, STREETS } from './mirror_cases.ts'

/** What a server would have, and what a source says about it. */
export interface MirrorData {
  /** Names and contents; the first is the one that is read. */
  readonly members: Readonly<Record<string, Buffer>>
  readonly conform: Readonly<Record<string, unknown>>
  /** What must come out. */
  readonly expected: { readonly number: string; readonly street: string; readonly place: Place }
}

/** The data of a combination. */
export async function mirrorData(one: Combination): Promise<MirrorData> {
  const [text, hex] = streetOf(one)
  const place = placeOf(one)
  const written = await WRITERS[one.format]!({ one, street: Buffer.from(hex, 'hex'), place })
  const tags = { format: one.format, ...tag('encoding', one.encoding), ...tag('srs', one.srs) }
  return {
    members: written.members,
    conform: { ...tags, ...written.conform },
    expected: { number: '12', street: text, place },
  }
}

interface Writing {
  readonly one: Combination
  /** Bytes in the encoding of the combination. */
  readonly street: Buffer
  readonly place: Place
}

type Written = Pick<MirrorData, 'members' | 'conform'>

const WRITERS: Readonly<Record<string, (writing: Writing) => Written | Promise<Written>>> = {
  csv: writeCsv,
  geojson: writeGeojson,
  shapefile: writeShapefile,
  'shapefile-polygon': writePolygons,
  gdb: writeGdb,
  xml: writeXml,
}

/** Of a file that says itself where it is: UTM 33 north. */
const OWN_SRS = 'EPSG:25833'
const OWN_PRJ =
  'PROJCS["ETRS_1989_UTM_Zone_33N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",15.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'

const NUMBER_AND_STREET = { number: 'NUM', street: 'ROAD' }

/** Formats of which the source need not say where they are, and of which it always is the same. */
const ALWAYS_DEGREES = ['csv', 'geojson']

function placeOf({ format, srs, protocol, like }: Combination): Place {
  const isKml = like.includes('viersen')
  if (format === 'geojson' || protocol === 'esri' || isKml) return PLACES['EPSG:4326']!
  if (srs !== NOTHING) return PLACES[srs]!
  return PLACES[ALWAYS_DEGREES.includes(format) ? 'EPSG:4326' : OWN_SRS]!
}

/** Shapefiles and tables whose encoding nobody names are plain in ours; what is no text file is UTF-8. */
function streetOf({ encoding }: Combination): readonly [text: string, hex: string] {
  const name = encoding.toLowerCase()
  const known = { latin1: 'iso-8859-1', 'latin-1': 'iso-8859-1', [NOTHING]: 'utf-8' }[name] ?? name
  const street = STREETS[known]
  if (street === undefined) throw new Error(`no street in ${encoding}`)
  return street
}

function tag(name: string, value: string): Record<string, string> {
  return value === NOTHING ? {} : { [name]: value }
}

function writeCsv({ one, street, place: [, , x, y] }: Writing): Written {
  const { csvsplit, headers, encoding } = one
  const separator = csvsplit === NOTHING ? ',' : csvsplit
  const head = ['ID', 'X', 'Y', 'NUM', 'ROAD'].join(separator)
  const lines = { [NOTHING]: [head], '-1': [], '1': [head], '2': ['data as of today', head] }[headers]!
  const row = ['7', `${x}`, `${y}`, '12', ''].join(separator)
  const mark = encoding === 'utf-8-sig' ? '\ufeff' : ''
  const content = Buffer.concat([
    Buffer.from(`${mark}${[...lines, row].join('\r\n')}`),
    street,
    Buffer.from('\r\n'),
  ])
  const columns =
    headers === '-1'
      ? { lon: 'COLUMN2', lat: 'COLUMN3', number: 'COLUMN4', street: 'COLUMN5' }
      : { lon: 'X', lat: 'Y', ...NUMBER_AND_STREET }
  const count = Number(headers)
  const rule = headers === NOTHING ? {} : { headers: count, ...(count > 0 ? { skiplines: count } : {}) }
  return {
    members: { 'points.csv': content },
    conform: { ...columns, ...rule, ...tag('csvsplit', csvsplit) },
  }
}

function writeGeojson({ street, place: [lon, lat] }: Writing): Written {
  const [before, after] = JSON.stringify({
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: { NUM: 12, ROAD: '|' },
        geometry: { type: 'Point', coordinates: [lon, lat] },
      },
    ],
  }).split('|')
  const content = Buffer.concat([Buffer.from(before!), street, Buffer.from(after!)])
  return { members: { 'points.geojson': content }, conform: NUMBER_AND_STREET }
}

function writeShapefile(writing: Writing): Written {
  return shapes(writing, 1)
}

/** The point is the middle of a square, its sides a hundred metres. */
function writePolygons(writing: Writing): Written {
  return shapes(writing, 5)
}

function shapes({ one, street, place: [, , x, y] }: Writing, type: 1 | 5): Written {
  const corners = [
    [-50, -50],
    [-50, 50],
    [50, 50],
    [50, -50],
    [-50, -50],
  ]
  const ring = corners.map(([dx = 0, dy = 0]) => [x + dx, y + dy])
  const files = shapefile({
    columns: [
      { name: 'NUM', type: 'C', width: 10 },
      { name: 'ROAD', type: 'C', width: 60 },
    ],
    rows: [['12', street]],
    shapes: [{ type, parts: [type === 1 ? [[x, y]] : ring] }],
  })
  return {
    members: {
      ...files,
      ...(one.srs === NOTHING ? { 'a.prj': Buffer.from(OWN_PRJ) } : {}),
      // Without it, and without a word in the source, the texts would be ISO-8859-1.
      ...(one.encoding === NOTHING ? { 'a.cpg': Buffer.from('UTF-8') } : {}),
    },
    conform: NUMBER_AND_STREET,
  }
}

function writeGdb({ street, place: [, , x, y] }: Writing): Promise<Written> {
  return inTemp('mirror', async (folder) => {
    const table = join(folder, 'points.csv')
    await writeFile(table, `NUM,ROAD,X,Y\n12,${street},${x},${y}\n`)
    const columns = ['-oo', 'X_POSSIBLE_NAMES=X', '-oo', 'Y_POSSIBLE_NAMES=Y']
    const target = join(folder, 'a.gdb')
    await run('ogr2ogr', [
      '-f',
      'OpenFileGDB',
      target,
      table,
      ...columns,
      '-a_srs',
      OWN_SRS,
      '-nlt',
      'POINT',
      '-nln',
      'adr',
    ])
    const names = await readdir(target)
    const contents = await Promise.all(names.map((name) => readFile(join(target, name))))
    const members = Object.fromEntries(names.map((name, index) => [`a.gdb/${name}`, contents[index]!]))
    return { members, conform: { ...NUMBER_AND_STREET, layer: 'adr' } }
  })
}

function writeXml(writing: Writing): Written {
  return writing.one.like.includes('viersen') ? writeKml(writing) : writeGml(writing)
}

function writeGml({ one, street, place: [, , x, y] }: Writing): Written {
  const srs = one.srs === NOTHING ? ' srsName="urn:ogc:def:crs:EPSG::25833"' : ''
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<c:FeatureCollection xmlns:c="http://city" xmlns:gml="http://www.opengis.net/gml/3.2"><gml:featureMember>
<c:adr gml:id="a.1"><c:NUM>12</c:NUM><c:ROAD>${street}</c:ROAD><c:at><gml:Point gml:id="p.1"${srs}>
<gml:pos>${x} ${y}</gml:pos></gml:Point></c:at></c:adr></gml:featureMember></c:FeatureCollection>`
  return { members: { 'a.gml': Buffer.from(content) }, conform: NUMBER_AND_STREET }
}

/** Columns stand in the extended data, and the layer is a folder. */
function writeKml({ street, place: [lon, lat] }: Writing): Written {
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document id="root_doc"><Schema name="ADR" id="ADR">
<SimpleField name="NUM" type="string"/><SimpleField name="ROAD" type="string"/></Schema>
<Folder><name>ADR</name><Placemark><ExtendedData><SchemaData schemaUrl="#ADR"><SimpleData name="NUM">12</SimpleData>
<SimpleData name="ROAD">${street}</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>${lon},${lat}</coordinates></Point></Placemark></Folder></Document></kml>`
  return {
    members: { 'a.kml': Buffer.from(content) },
    conform: { ...NUMBER_AND_STREET, file: 'a.kml', layer: 'ADR' },
  }
}
