/** Files that would have GDAL look elsewhere: a server that must not be called, and a file that must not be read. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../system/spawn.ts'
import { nativeGdal } from './gdal.ts'
import { gdalEnv } from './gdal_fence.ts'

const HAS_GDAL = await run('ogrinfo', ['--version']).then(
  () => true,
  () => false,
)
if (!HAS_GDAL) console.log('skipped: files that would have GDAL look elsewhere, as ogrinfo is not installed')

const SECRET = 'id,secret\n1,geheim\n'

let folder: string
let canary: Server
let base: string
let calls: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fence-'))
  await writeFile(join(folder, 'secret.csv'), SECRET)
  canary = createServer((request, response) => {
    calls.push(request.url ?? '')
    response.end(SECRET)
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  const address = canary.address()
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(async () => {
  canary.close()
  await rm(folder, { recursive: true })
})

const vrt = (source: string) =>
  `<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>${source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>`

const gml = (attributes: string, name = 'a', before = '') => `<?xml version="1.0"?>${before}
<c:FeatureCollection xmlns:c="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" ${attributes}>
<gml:featureMember><c:place gml:id="p.1"><c:name>${name}</c:name><c:geom><gml:Point srsName="EPSG:4326"><gml:pos>1 2</gml:pos>
</gml:Point></c:geom></c:place></gml:featureMember></c:FeatureCollection>`

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='

const FILES: readonly [what: string, name: string, content: () => string][] = [
  ['a list of files with a file of this computer', 'a.xml', () => vrt(`${folder}/secret.csv`)],
  ['a list of files with an address', 'b.xml', () => vrt(`/vsicurl/${base}/b.csv`)],
  [
    'a list of files inside an archive at an address',
    'c.xml',
    () => vrt(`/vsizip/vsicurl/${base}/c.zip/c.csv`),
  ],
  [
    'GML whose schema lies at an address',
    'd.gml',
    () => gml(`${XSI}"http://www.opengis.net/wfs ${base}/d.xsd"`),
  ],
  [
    'GML whose schema is asked of a WFS',
    'e.gml',
    () =>
      gml(
        `${XSI}"http://e ${base}/e?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=c:place"`,
      ),
  ],
  [
    'GML with an entity that is a file of this computer',
    'f.gml',
    () => gml('', '&x;', `<!DOCTYPE c [<!ENTITY x SYSTEM "file://${folder}/secret.csv">]>`),
  ],
  [
    'GML with an entity at an address',
    'g.gml',
    () => gml('', '&x;', `<!DOCTYPE c [<!ENTITY x SYSTEM "${base}/g">]>`),
  ],
  [
    'GML whose coordinate system lies at an address',
    'h.gml',
    () => gml('').replace('EPSG:4326', `${base}/h`),
  ],
  [
    'KML with a link to more',
    'i.kml',
    () =>
      `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>${base}/i.kml</href></Link></NetworkLink><Placemark><name>a</name><Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>`,
  ],
  [
    'GeoJSON whose coordinate system lies at an address',
    'j.geojson',
    () =>
      `{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"${base}/j"}},"features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}`,
  ],
  ['the description of a WFS', 'k.xml', () => `<OGRWFSDataSource><URL>${base}/k</URL></OGRWFSDataSource>`],
  [
    'the description of a CSW',
    'l.xml',
    () => `<GDAL_WMS><Service name="WMS"><ServerUrl>${base}/l</ServerUrl></Service></GDAL_WMS>`,
  ],
]

describe.skipIf(!HAS_GDAL)('GDAL', () => {
  for (const [what, name, content] of FILES) {
    test(`given ${what} calls nobody, and tells nothing of other files`, async () => {
      calls = []
      const path = join(folder, name)
      await writeFile(path, content())

      const said = await nativeGdal(new AbortController().signal)
        .info(['-al'], path)
        .catch((error: Error) => error.message)

      expect(said).not.toContain('geheim')
      expect(calls).toEqual([])
    })
  }

  test('would read such a list without the fence: what is tested is the fence', async () => {
    await writeFile(join(folder, 'a.xml'), vrt(`${folder}/secret.csv`))
    expect(await run('ogrinfo', ['-al', join(folder, 'a.xml')])).toContain('geheim')
  })

  test('meets a proxy that is nobody where a driver goes out all the same', async () => {
    calls = []
    const args = ['-al', `/vsicurl/${base}/direct.csv`]
    await expect(run('ogrinfo', args, { env: gdalEnv('x') })).rejects.toThrow()
    expect(calls).toEqual([])
    await run('ogrinfo', args).catch(() => {})
    expect(calls).not.toEqual([])
  })
})
