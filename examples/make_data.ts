/**
 * Makes the data of the examples: `bun examples/make_data.ts` writes examples/data and expected.json.
 *
 * The data is committed; this is here so that one can see where it comes from, and change it. The two
 * shapefiles need ogr2ogr (Debian: `apt install gdal-bin`). Every place is invented.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'
import { type Collection, cedarInlet, harlowPoint, lindenau, pineRidge, valbrume } from './places.ts'

/** What is written into archives as the time of a file, so that the same bytes come out on any day. */
const MADE_AT = new Date('2026-01-01T00:00:00Z')

const FOLDER = import.meta.dirname

interface Shapefile {
  /** Path and base name inside the zip, without extension. */
  readonly name: string
  /** In which system the coordinates of the collection are. */
  readonly from: string
  /** In which system those of the shapefile shall be. */
  readonly to: string
}

/** Makes every data file. */
async function makeData(): Promise<void> {
  const [harlow, oldTown, village, county, inlet] = [
    harlowPoint(),
    lindenau(),
    valbrume(),
    pineRidge(),
    cedarInlet(),
  ]
  await write(
    'us/ny/harlow_point_address_points.zip',
    await zipShapefile(harlow, {
      name: 'address_points',
      from: 'EPSG:2263',
      to: 'EPSG:2263',
    }),
  )
  await write('de/nw/lindenau_hauskoordinaten.csv', Buffer.from(oldTown, 'latin1'))
  await write('fr/07/valbrume_adresses.geojson.gz', gzipSync(collectionText(village), { level: 9 }))
  await write('us/mn/pine_ridge_addresses.json', Buffer.from(`${JSON.stringify(county)}\n`))
  await write('ca/bc/cedar_inlet_addresses.geojson', Buffer.from(collectionText(inlet.addresses)))
  await write(
    'ca/bc/cedar_inlet_parcels.zip',
    await zipShapefile(inlet.parcels, {
      name: 'cadastre/cedar_inlet_parcels',
      from: 'OGC:CRS84',
      to: 'EPSG:26910',
    }),
  )
  await write(
    'ca/bc/cedar_inlet_buildings.zip',
    await zip([['cedar_inlet_buildings.geojson', Buffer.from(collectionText(inlet.buildings))]]),
  )

  const expected = [
    good('sources/ca/bc/city_of_cedar_inlet.json', 'addresses', inlet.addresses.features.length),
    good('sources/ca/bc/city_of_cedar_inlet.json', 'parcels', inlet.parcels.features.length),
    good('sources/ca/bc/city_of_cedar_inlet.json', 'buildings', inlet.buildings.features.length),
    good('sources/de/nw/stadt_lindenau.json', 'addresses', oldTown.trimEnd().split('\r\n').length - 1),
    good('sources/fr/07/valbrume.json', 'addresses', village.features.length),
    good('sources/us/mn/pine_ridge.json', 'addresses', county.features.length, 'county'),
    good('sources/us/ny/harlow_point.json', 'addresses', harlow.features.length),
    {
      path: 'sources/us/or/stillwater_flats.json',
      layer: 'addresses',
      name: 'city',
      state: 'bad',
      problem: 'download-not-found',
      rows: null,
    },
  ]
  await writeFile(join(FOLDER, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`)
}

function good(path: string, layer: string, rows: number, name = 'city') {
  return { path, layer, name, state: 'good', problem: null, rows }
}

/** One feature a line, which makes a difference between two versions readable. */
function collectionText({ features }: Collection): string {
  const lines = features.map((feature) => JSON.stringify(feature))
  return `{"type":"FeatureCollection","features":[\n${lines.join(',\n')}\n]}\n`
}

async function zipShapefile(collection: Collection, { name, from, to }: Shapefile): Promise<Buffer> {
  return await inTemp('shapefile', async (folder) => {
    const [input, output] = [join(folder, 'in.geojson'), join(folder, 'out')]
    await mkdir(output)
    await writeFile(input, collectionText(collection))
    const base = name.split('/').at(-1)!
    // The date of the last update stands in the DBF, and would be today's.
    const fixed = ['-lco', 'DBF_DATE_LAST_UPDATE=2026-01-01', '-lco', 'ENCODING=UTF-8']
    const systems = ['-s_srs', from, '-t_srs', to]
    await run('ogr2ogr', [...systems, ...fixed, join(output, `${base}.shp`), input])
    const files = (await readdir(output)).sort()
    return await zip(
      await Promise.all(
        files.map(
          async (file): Promise<[string, Buffer]> => [
            join(dirname(name), file),
            await readFile(join(output, file)),
          ],
        ),
      ),
    )
  })
}

async function zip(files: readonly [name: string, content: Buffer][]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of files) {
    zip.addBuffer(content, name, { mtime: MADE_AT, mode: 0o100644, forceDosTimestamp: true })
  }
  zip.end()
  return await buffer(zip.outputStream)
}

async function write(name: string, content: Buffer): Promise<void> {
  const path = join(FOLDER, 'data', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  console.log(`${String(content.length).padStart(8)} ${name}`)
}

await makeData()
