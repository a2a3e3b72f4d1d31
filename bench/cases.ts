/** What is measured: each kind of data, how a source would describe it, and what is asked of it. */
import type { LayerName } from '../shared/layer.ts'
import type { Conform } from '../shared/source.ts'

export interface Case {
  readonly name: string
  readonly file: string
  readonly layer: LayerName
  readonly conform: Conform
  /** Rows per CPU second of the reference on this kind of data, as spec/speed.md has it; measured there, never here. */
  readonly specRate: number
  /** So many times that, says the issue. */
  readonly floor: number
  /** As on a machine where no GDAL is installed. */
  readonly withoutGdal?: boolean
}

const PARTS: Conform = {
  number: 'HOUSENUM',
  street: ['PREDIR', 'STNAME', 'STTYPE'],
  unit: 'UNIT',
  city: 'CITY',
  postcode: 'ZIP',
  id: 'OBJECTID',
}

const PATTERNS: Conform = {
  number: { function: 'prefixed_number', field: 'FULLADDR' },
  street: { function: 'postfixed_street', field: 'FULLADDR', may_contain_units: true },
  unit: { function: 'postfixed_unit', field: 'FULLADDR' },
  city: { function: 'regexp', field: 'CITY', pattern: '^(\\w+)', replace: '$1' },
  postcode: { function: 'regexp', field: 'ZIP', pattern: '^([0-9]{5})' },
}

const XY: Conform = { format: 'csv', lon: 'X', lat: 'Y' }
const FEET: Conform = { ...XY, srs: 'EPSG:2263' }
const PARCELS: Conform = { pid: 'PID' }

export const CASES: readonly Case[] = [
  address('csv', 'feet.csv', { ...FEET, ...PARTS }, 12_600, 10),
  address('csv-patterns', 'feet.csv', { ...FEET, ...PATTERNS }, 12_400, 8),
  address('csv-degrees', 'degrees.csv', { ...XY, ...PARTS }, 12_600, 10),
  address('geojson', 'collection.geojson', { format: 'geojson', ...PARTS }, 12_300, 8),
  address('geojson-lines', 'lines.geojson', { format: 'geojson', ...PARTS }, 12_300, 8),
  address('shapefile', 'points.shp', { format: 'shapefile', ...PARTS }, 7_800, 10),
  address('gdb', 'points.gdb', { format: 'gdb', ...PARTS }, 8_200, 8),
  { ...address('gdb-without-gdal', 'points.gdb', { format: 'gdb', ...PARTS }, 8_200, 4), withoutGdal: true },
  address('gpkg', 'points.gpkg', { format: 'gpkg', ...PARTS }, 8_400, 8),
  address('gml', 'points.gml', { format: 'xml', ...PARTS }, 7_500, 4),
  parcels('parcels-shapefile', 'parcels.shp', { format: 'shapefile', ...PARCELS }, 7_800, 7),
  parcels('parcels-gdb', 'parcels.gdb', { format: 'gdb', ...PARCELS }, 8_500, 6),
  parcels('parcels-gpkg', 'parcels.gpkg', { format: 'gpkg', ...PARCELS }, 8_100, 6),
]

function address(name: string, file: string, conform: Conform, specRate: number, floor: number): Case {
  return { name, file, layer: 'addresses', conform, specRate, floor }
}

function parcels(name: string, file: string, conform: Conform, specRate: number, floor: number): Case {
  return { name, file, layer: 'parcels', conform, specRate, floor }
}
