/**
 * The five invented places, each as the table that its government would publish.
 *
 * Column names, abbreviations and oddities are of the kind that real sources have, so that the
 * conforms in examples/sources have real work to do. How a table becomes a file is left to make_data.ts.
 */
import { type Chance, chance, gridStreets, type Lot, lots, type Point, pick, ringStreets } from './town.ts'

/** What a GeoJSON file, or a shapefile made from one, holds. */
export interface Collection {
  readonly type: 'FeatureCollection'
  readonly features: readonly {
    readonly type: 'Feature'
    readonly properties: Readonly<Record<string, string | number | null>>
    readonly geometry: { readonly type: 'Point' | 'Polygon'; readonly coordinates: unknown }
  }[]
}

const FEET_PER_METRE = 3937 / 1200

/** US, New York: a shapefile whose coordinates are feet in EPSG:2263 and whose address is one column. */
export function harlowPoint(): Collection {
  const random = chance(2263)
  const names = `Oyster Ln,Harbor View Rd,Main St,Gull Ct,Salt Meadow Dr,Whalers Way,Sandpiper Ave,Beacon Hill Rd,
    Old Ferry Rd,Bayberry St,Driftwood Ave,Lighthouse Rd,Captains Walk,Cordgrass Ln,Mill Pond Rd,Schoolhouse Rd`
  const streets = gridStreets(listed(names), { blocks: 9, blockLength: 210, turn: 17 })
  return points(shuffled(streets.flatMap((street) => lots(street, random))), (lot, i) => ({
    properties: {
      ADDRESSID: 410_000 + i,
      FULL_ADDR: `${lot.number}${suffix(random, 0.04, '-ABC')} ${lot.street.toUpperCase()}${apartment(random)}`,
      POSTCOMM: 'HARLOW POINT',
      ZIP: `11999-${String(1000 + (lot.number % 90) * 7)}`,
      PLACEMENT: pick(random, ['Structure - Rooftop', 'Structure - Entrance', 'Parcel - Centroid']),
    },
    at: [
      fixed(1_288_427 + lot.door[0] * FEET_PER_METRE, 2),
      fixed(261_795 + lot.door[1] * FEET_PER_METRE, 2),
    ],
  }))
}

/** Germany: text with semicolons in ISO-8859-1, coordinates in EPSG:25832, one column a part. */
export function lindenau(): string {
  const random = chance(25832)
  const names = `Marktstr.,Mühlenstr.,Gerberstr.,Am Lindenwall,Schloßstr.,Königsallee,Bürgermeister-Jäger-Str.,
    Försterweg,Höhenstr.,Große Bleiche,Sülzer Weg,Über den Gärten`
  const [square, lanes] = [170, 8]
  const houses = ringStreets(listed(names), { square, lanes }).flatMap((street) => lots(street, random))
  const head = 'OI;STRASSE;HNR;ADZ;PLZ;ORT;ORTSTEIL;OST;NORD'
  const lines = houses.map((lot, i) => {
    const [x, y] = lot.door
    const part = Math.hypot(x, y) < 420 ? 'Altstadt' : y > 0 ? '"Lindenau; ""Auf der Höhe"""' : 'Südvorstadt'
    const cells = [
      `DENW99AL${String(i).padStart(8, '0')}`,
      lot.street,
      lot.number,
      suffix(random, 0.12, 'abc'),
      y > 0 ? '58999' : '58998',
      'Lindenau',
      part,
      (423_313 + x).toFixed(3),
      (5_683_761 + y).toFixed(3),
    ]
    return cells.join(';')
  })
  return `${[head, ...lines].join('\r\n')}\r\n`
}

/** France: GeoJSON, with the repetition index (bis, ter) in a column of its own, often null. */
export function valbrume(): Collection {
  const random = chance(7)
  const names = `Place du Marché,Rue des Tanneurs,Rue de l'Église,Rue Haute,Boulevard des Châtaigniers,
    Chemin de la Fontaine,Rue du Four à Chaux,Avenue de la Gare,Montée des Moulins,Chemin des Vignes`
  const houses = ringStreets(listed(names), { square: 180, lanes: 6 }).flatMap((s) => lots(s, random))
  return points(houses, (lot) => {
    const rep = random() < 0.06 ? pick(random, ['bis', 'bis', 'ter', 'quater']) : null
    const road = String(listed(names).indexOf(lot.street) * 10 + 20).padStart(4, '0')
    return {
      properties: {
        cle_interop: [
          '07999',
          road,
          String(lot.number).padStart(5, '0'),
          ...(rep === null ? [] : [rep]),
        ].join('_'),
        numero: lot.number,
        rep,
        voie_nom: lot.street,
        code_postal: '07990',
        commune_nom: 'Valbrume-sur-Ibie',
        position: pick(random, ['entrée', 'entrée', 'bâtiment', 'segment', 'parcelle']),
      },
      at: degrees(lot.door, [4.35, 44.75]),
    }
  })
}

/** What an ESRI feature server holds: attributes beside the geometry, a number for each feature. */
export interface FeatureSet {
  readonly fields: readonly { readonly name: string; readonly type: string; readonly alias: string }[]
  readonly features: readonly {
    readonly attributes: Readonly<Record<string, string | number | null>>
    readonly geometry: { readonly x: number; readonly y: number }
  }[]
}

/** US, Minnesota: the parts of a street name in columns, highways under their short names. */
export function pineRidge(): FeatureSet {
  const random = chance(27999)
  const names = `N|Loon Lake|Rd,|CSAH 12|,|CSAH 35|,|Tamarack|Trl,S|Birch|St,|Ole Swenson|Dr,E|Granite|Ave,
    |Wild Rice|Ln,|Portage|Cir,W|Cloquet|Ave,|Blueberry Bog|Rd,|Town Hall|Rd,|Otter Tail|Trl,|Spruce|St`
  const streets = gridStreets(listed(names), { blocks: 8, blockLength: 250, turn: -9 })
  const features = streets.flatMap((street) =>
    lots(street, random).map((lot) => ({ lot, suffix: suffix(random, 0.05, 'AB') || null, unit: random() })),
  )
  return {
    fields: Object.entries(PINE_RIDGE_FIELDS).map(([name, type]) => ({ name, type, alias: name })),
    features: features.map(({ lot, suffix, unit }, i) => {
      const [pre, name, type] = lot.street.split('|')
      const [x, y] = degrees(lot.door, [-94.61, 46.52])
      return {
        attributes: {
          // Numbers have gaps, as they do where features were deleted.
          OBJECTID: i + 1 + Math.floor(i / 97) * 3,
          ADD_ID: `PR-${String(i).padStart(6, '0')}`,
          ANUMBER: lot.number,
          ANUM_SUF: suffix,
          ST_PRE_DIR: pre || null,
          ST_NAME: name ?? null,
          ST_POS_TYP: type || null,
          SUB_TYPE: unit < 0.08 ? 'UNIT' : null,
          SUB_ID: unit < 0.08 ? String(1 + Math.floor(unit * 100)) : null,
          POSTCOMM: y > 46.52 ? 'Pine Ridge' : 'Loon Lake',
          STATE_ZIP: y > 46.52 ? 'MN 56999' : 'MN 56998',
          LASTEDIT: 1_767_225_600_000 + i * 60_000,
        },
        geometry: { x, y },
      }
    }),
  }
}

/** The columns of the feature server, with their types. */
const PINE_RIDGE_FIELDS = {
  OBJECTID: 'esriFieldTypeOID',
  ADD_ID: 'esriFieldTypeString',
  ANUMBER: 'esriFieldTypeInteger',
  ANUM_SUF: 'esriFieldTypeString',
  ST_PRE_DIR: 'esriFieldTypeString',
  ST_NAME: 'esriFieldTypeString',
  ST_POS_TYP: 'esriFieldTypeString',
  SUB_TYPE: 'esriFieldTypeString',
  SUB_ID: 'esriFieldTypeString',
  POSTCOMM: 'esriFieldTypeString',
  STATE_ZIP: 'esriFieldTypeString',
  LASTEDIT: 'esriFieldTypeDate',
}

/** Canada, British Columbia: addresses, parcels and buildings that lie on one another. */
export function cedarInlet(): { addresses: Collection; parcels: Collection; buildings: Collection } {
  const random = chance(26910)
  const names = `Alder|Rd,Cedar|Rd,Douglas Fir|Pl,Eagle|Cres,Foreshore|Dr,Government|St,Hemlock|Ave,Inlet|Ave,
    Kingfisher|Way,Maple|St,Orca|Pl,Salmonberry|Lane,Skookumchuck|Rd`
  const streets = gridStreets(listed(names), { blocks: 7, blockLength: 230, turn: 31 })
  const ground = streets.flatMap((street) => lots(street, random)).map((lot, i) => ({ ...lot, i }))
  const middle: Point = [-123.48, 49.74]
  const [built, planned] = [ground.filter(({ i }) => i % 13 !== 0), ground]
  return {
    addresses: points(built, (lot) => {
      const [name, type] = lot.street.split('|')
      return {
        properties: {
          civic_id: 70_000 + lot.i,
          house: String(lot.number),
          unit: lot.i % 29 === 0 ? `Unit ${(lot.i % 5) + 1}` : null,
          street_name: name!,
          street_type: type!,
          locality: lot.number < 200 ? 'Old Wharf' : null,
          municipality: 'Cedar Inlet',
          postal: `V0N ${lot.i % 10}Z${lot.number % 10}`,
        },
        at: degrees(lot.door, middle),
      }
    }),
    parcels: polygons(planned, (lot) => ({
      properties: {
        PID: `0${30 + (lot.i % 7)}-${String(100 + (lot.i % 900))}-${String(lot.i).padStart(4, '0')}`,
      },
      ring: lot.corners.map((corner) => degrees(corner, middle)),
    })),
    buildings: polygons(built, (lot) => {
      const levels = 1 + Math.floor(random() * 2.4)
      return {
        properties: {
          bldg_id: `B${lot.i}`,
          height_m: fixed(levels * 2.9 + random() * 2, 1),
          storeys: levels,
        },
        ring: lot.house.map((corner) => degrees(corner, middle)),
      }
    }),
  }
}

type Properties = Collection['features'][number]['properties']

function points<T extends Lot>(
  from: readonly T[],
  tell: (lot: T, i: number) => { properties: Properties; at: Point },
): Collection {
  const features = from.map((lot, i) => {
    const { properties, at } = tell(lot, i)
    return { type: 'Feature' as const, properties, geometry: { type: 'Point' as const, coordinates: at } }
  })
  return { type: 'FeatureCollection', features }
}

function polygons<T extends Lot>(
  from: readonly T[],
  tell: (lot: T) => { properties: Properties; ring: Point[] },
): Collection {
  const features = from.map((lot) => {
    const { properties, ring } = tell(lot)
    const closed = counterClockwise([...ring, ring[0]!])
    return {
      type: 'Feature' as const,
      properties,
      geometry: { type: 'Polygon' as const, coordinates: [closed] },
    }
  })
  return { type: 'FeatureCollection', features }
}

/** GeoJSON wants the outer ring counter-clockwise. */
function counterClockwise(ring: readonly Point[]): Point[] {
  const area = ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i]![0] * y - x * ring[i]![1], 0)
  return area < 0 ? ring.toReversed() : [...ring]
}

/** Metres around a middle as degrees; exact enough for a town. */
function degrees([x, y]: Point, [lon, lat]: Point): Point {
  const metres = 111_320
  return [fixed(lon + x / (metres * Math.cos((lat * Math.PI) / 180)), 7), fixed(lat + y / metres, 7)]
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

function listed(names: string): string[] {
  return names.split(',').map((name) => name.trim())
}

/** Now and then a letter after the number, with a hyphen before it where the letters begin with one. */
function suffix(random: Chance, share: number, letters: string): string {
  if (random() >= share) return ''
  const hyphen = letters.startsWith('-') ? '-' : ''
  return hyphen + pick(random, [...letters.slice(hyphen.length)])
}

function apartment(random: Chance): string {
  if (random() >= 0.1) return ''
  return (
    pick(random, [' APT ', ' STE ', ' UNIT ']) +
    (1 + Math.floor(random() * 12)) +
    pick(random, ['', 'A', 'B'])
  )
}

/** Seven passes, each taking every seventh: out of street order, as a table is that grew over years. */
function shuffled<T>(list: readonly T[]): T[] {
  return Array.from({ length: 7 }, (_, pass) => list.filter((_, i) => i % 7 === pass)).flat()
}
