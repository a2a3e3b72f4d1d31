import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'
import { scored } from '../../test/conformance/score.ts'
import { run, selfCommand } from '../system/spawn.ts'
import { inTemp } from '../system/temp.ts'
import { placed } from './place.ts'
import { openProjection } from './projection.ts'
import { WGS84_PRJ } from './write_shapefile.ts'

const OBSERVED = '../shared/conformance/observed/reprojection.json'
if (!existsSync(OBSERVED)) console.log(`skipped: projections as observed, as ${OBSERVED} is not here`)

/** Places are written to seven decimals, there and here, so they may differ by one in the last. */
const ROUNDING_DEGREES = 1.0001e-7

/** Where PROJ with grids was elsewhere than ours without. */
const DELIBERATE: Readonly<Record<string, { readonly degrees: number; readonly why: string }>> = {
  'EPSG:3068': { degrees: 1e-5, why: '§16: the reference had the grid BETA2007, which we do not ship' },
}

interface Observed {
  readonly items: readonly {
    readonly srs: string
    readonly points_x_y_lon_lat: readonly (readonly [number, number, number, number])[]
  }[]
}

/** Longitudes and latitudes of points. */
async function transformed(
  from: string,
  points: readonly (readonly number[])[],
): Promise<[number, number][]> {
  const projection = await openProjection(from)
  const xy = Float64Array.from([...points.map(([x = 0]) => x), ...points.map(([, y = 0]) => y)])
  projection.transform(xy)
  return points.map((_, at) => [xy[at] as number, xy[points.length + at] as number])
}

describe('openProjection', () => {
  const identities = [
    'EPSG:4326',
    'epsg:4326',
    '4326',
    'OGC:CRS84',
    WGS84_PRJ,
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]',
  ]
  for (const from of identities) {
    test(`has nothing to do for ${from.slice(0, 30)}`, async () => {
      expect((await openProjection(from)).isIdentity).toBe(true)
    })
  }

  test('does not take another datum or unit for WGS 84', async () => {
    const nad27 =
      'GEOGCS["GCS_North_American_1927",DATUM["D_North_American_1927",SPHEROID["Clarke_1866",6378206.4,294.9786982]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    const grads = WGS84_PRJ.replace('UNIT["Degree",0.0174532925199433]', 'UNIT["Grad",0.01570796326794897]')

    expect((await openProjection(nad27)).isIdentity).toBe(false)
    expect((await openProjection(grads)).isIdentity).toBe(false)
    expect(await transformed(grads, [[100, 50]])).toEqual([[90, 45]])
  })

  test('gives lon, lat for easting, northing, and NaN for what is outside', async () => {
    const found = await transformed('EPSG:25832', [
      [500_000, 5_500_000],
      [9_999_999_999, 99_999_999_999],
      [500_000, 0],
    ])

    expect(found[0]?.[0]).toBeCloseTo(9, 9)
    expect(found[0]?.[1]).toBeCloseTo(49.6525429236, 9)
    expect(found[1]).toEqual([Number.NaN, Number.NaN])
    expect(found[2]?.[1]).toBeCloseTo(0, 9)
  })

  test('reads what ESRI calls WKT as the code it means', async () => {
    const prj =
      'PROJCS["Monte_Mario_Italy_1",GEOGCS["GCS_Monte_Mario",DATUM["D_Monte_Mario",SPHEROID["International_1924",6378388.0,297.0]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",1500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    const points = [
      [1_700_000, 4_800_000],
      [1_500_000, 5_000_000],
    ]

    expect(await transformed(prj, points)).toEqual(await transformed('EPSG:3003', points))
  })

  const refused: [from: string, message: string][] = [
    ['EPSG:999999', 'EPSG:999999: PROJ: proj_create_from_database: crs not found'],
    ['EPSG:', '"EPSG:" is not a code such as "EPSG:2154"'],
    ['UTM zone 32', '"UTM zone 32" is not a code such as "EPSG:2154"'],
    ['+proj=utm +zone=32', 'is not a code'],
    ['PROJCS["broken"', 'PROJCS["broken"'],
  ]
  for (const [from, message] of refused) {
    test(`refuses ${from}`, async () => {
      await expect((async () => openProjection(from))()).rejects.toThrow(message)
    })
  }

  test('finds PROJ from any working directory, and leaves no trace in the global scope', async () => {
    const script = `import { openProjection } from ${JSON.stringify(new URL('projection.ts', import.meta.url).href)}
      const xy = Float64Array.of(500000, 0)
      const { transform } = await openProjection('EPSG:25832')
      transform(xy)
      console.log(xy[0].toFixed(6), typeof globalThis.location)`
    const answer = await inTemp('cwd', async (folder) => {
      await writeFile(join(folder, 'a.mjs'), script)
      const [command, ...args] = selfCommand(join(folder, 'a.mjs'))
      return run(command, args, { cwd: folder })
    })

    expect(answer).toBe('9.000000 undefined')
  })
})

describe('placed', () => {
  test('moves every position of a batch, keeps heights, and counts what is outside', async () => {
    const features: Feature[] = [
      {
        row: { n: '1' },
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [500_000, 0, 7],
              [600_000, 0, 8],
              [500_000, 0, 7],
            ],
          ],
        },
      },
      { row: { n: '2' }, geometry: null },
      {
        row: { n: '3' },
        geometry: {
          type: 'MultiPoint',
          coordinates: [
            [500_000, 0],
            [1e12, 1e12],
          ],
        },
      },
      { row: { n: '4' }, geometry: { type: 'Point', coordinates: [] } },
      {
        row: { n: '5' },
        geometry: { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [500_000, 0] }] },
      },
    ]
    const bad: string[] = []
    async function* batches() {
      yield features
    }
    const found: Feature[] = []
    const projection = await openProjection('EPSG:25832')
    for await (const batch of placed(batches(), projection, (...fault) => bad.push(fault.join(' | '))))
      found.push(...batch)

    expect(found.map(({ row }) => row['n'])).toEqual(['1', '2', '3', '4', '5'])
    const [polygon] = found.map(({ geometry }) => geometry)
    expect(
      polygon?.type === 'Polygon' &&
        polygon.coordinates[0]?.map((position) =>
          position.map((ordinate) => Math.round(ordinate * 1e4) / 1e4),
        ),
    ).toEqual([
      [9, 0, 7],
      [9.8986, 0, 8],
      [9, 0, 7],
    ])
    expect(found[2]?.geometry).toBeNull()
    expect(found[3]?.geometry).toEqual({ type: 'Point', coordinates: [] })
    expect(found[4]?.geometry?.type).toBe('GeometryCollection')
    expect(bad).toEqual(['has coordinates outside of its coordinate system | {"n":"3"} | displaced'])
  })
})

describe.skipIf(!existsSync(OBSERVED))('projections as observed', () => {
  const { items } = existsSync(OBSERVED)
    ? (JSON.parse(readFileSync(OBSERVED, 'utf8')) as Observed)
    : { items: [] }
  for (const { srs, points_x_y_lon_lat: points } of items) {
    const { degrees = ROUNDING_DEGREES, why } = DELIBERATE[srs] ?? {}
    scored(
      'observed/reprojection.json',
      srs,
      async () => {
        const found = await transformed(srs, points)
        const farthest = Math.max(
          ...points.flatMap(([, , lon, lat], at) => [
            Math.abs((found[at]?.[0] ?? 0) - lon),
            Math.abs((found[at]?.[1] ?? 0) - lat),
          ]),
        )

        expect(farthest).toBeLessThan(degrees)
      },
      { deliberate: why },
    )
  }
})
