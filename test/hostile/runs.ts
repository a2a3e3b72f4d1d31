/** Strangers' data for whole runs, each with how its run has to end. */
import { gzipSync } from 'node:zlib'

const ROW = '1,-122.25,37.5,12,Oak St\n'
export const TABLE = `id,lon,lat,num,name\n${ROW}`

export interface Hostile {
  readonly what: string
  readonly name: string
  readonly content: string | Buffer
  readonly tags?: object
  readonly conform?: object
  /** The code of its problem; `good` where it is just data. */
  readonly ends: string
}

export const csv = { format: 'csv', lon: 'lon', lat: 'lat', number: 'num', street: 'name', id: 'id' }
const point = (coordinates: string) =>
  `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"num":"1","name":"Oak"},"geometry":{"type":"Point","coordinates":${coordinates}}}]}`
const geojson = { format: 'geojson', number: 'num', street: 'name' }

export const CASES: readonly Hostile[] = [
  {
    what: 'formulas of a spreadsheet',
    name: 'a.csv',
    content: TABLE.replace('Oak St', '"=cmd|\'/c calc\'!A1"'),
    ends: 'good',
  },
  {
    what: 'commands of a shell',
    name: 'b.csv',
    content: TABLE.replace('Oak St', '$(touch canary.txt); `id`'),
    ends: 'good',
  },
  { what: 'SQL', name: 'c.csv', content: TABLE.replace('Oak St', "'; drop table runs; --"), ends: 'good' },
  {
    what: 'HTML',
    name: 'd.csv',
    content: TABLE.replace('Oak St', '<script>alert(1)</script>'),
    ends: 'good',
  },
  {
    what: 'escapes of a terminal',
    name: 'e.csv',
    content: TABLE.replace('Oak St', '\u001b[2J\u001b]0;x\u0007'),
    ends: 'good',
  },
  { what: 'NUL in a cell', name: 'f.csv', content: TABLE.replace('Oak St', 'Oak\0St'), ends: 'good' },
  {
    what: 'a quote that never ends',
    name: 'g.csv',
    content: `${TABLE}2,1,1,1,"Oak${'x'.repeat(100_000)}`,
    ends: 'good',
  },
  {
    what: 'a row of a million cells',
    name: 'h.csv',
    content: `${TABLE}${','.repeat(1_000_000)}\n`,
    ends: 'good',
  },
  {
    what: 'a header named __proto__',
    name: 'i.csv',
    content: `__proto__,constructor,${TABLE}`,
    ends: 'conform-failed',
  },
  { what: 'nothing but NUL', name: 'j.csv', content: Buffer.alloc(100_000), ends: 'no-such-column' },
  {
    what: 'a picture',
    name: 'k.csv',
    content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    ends: 'no-such-column',
  },
  {
    what: 'coordinates without end',
    name: 'l.geojson',
    content: point('[1e999,-1e999]'),
    conform: geojson,
    ends: 'no-features',
  },
  {
    what: 'brackets without end',
    name: 'm.geojson',
    content: `${'['.repeat(200_000)}`,
    conform: geojson,
    ends: 'conform-failed',
  },
  {
    what: 'coordinates nested deeply',
    name: 'n.geojson',
    content: point(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    conform: geojson,
    ends: 'no-features',
  },
  {
    what: 'a property named __proto__',
    name: 'o.geojson',
    content: point('[1,2]').replace('"num"', '"__proto__":{"a":1},"num"'),
    conform: geojson,
    ends: 'good',
  },
  {
    what: 'a shapefile that is none',
    name: 'p.zip',
    content: Buffer.alloc(0),
    conform: { ...csv, format: 'shapefile' },
    tags: { compression: 'zip' },
    ends: 'download-not-data',
  },
  {
    what: 'a list of files instead of XML',
    name: 'q.xml',
    content:
      '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>CANARYFILE</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    conform: { format: 'xml', number: 'num', street: 'name' },
    ends: 'conform-failed',
  },
  {
    what: 'entities that grow',
    name: 'r.xml',
    content: `<!DOCTYPE a [<!ENTITY a "${'a'.repeat(1000)}">${Array.from({ length: 8 }, (_, at) => `<!ENTITY ${'bcdefghi'[at]} "${`&${'abcdefgh'[at]};`.repeat(20)}">`).join('')}]><a>&i;</a>`,
    conform: { format: 'xml', number: 'num', street: 'name' },
    ends: 'conform-failed',
  },
  {
    what: 'gzip that is cut',
    name: 's.csv.gz',
    content: gzipSync(TABLE.repeat(100)).subarray(0, 40),
    tags: { compression: 'gzip' },
    ends: 'archive-broken',
  },
  {
    what: 'a pattern that is none',
    name: 't.csv',
    content: TABLE,
    conform: { ...csv, street: { function: 'regexp', field: 'name', pattern: '((((' } },
    ends: 'pattern-invalid',
  },
  {
    what: 'a pattern that tries for ever',
    name: 'regexp.csv',
    content: TABLE.replace('Oak St', `${'a'.repeat(40)}!`),
    conform: { ...csv, street: { function: 'regexp', field: 'name', pattern: '^((a+)+)$' } },
    ends: 'pattern-invalid',
  },
  {
    what: 'a column named by a path',
    name: 'u.csv',
    content: TABLE,
    conform: { ...csv, street: '../../etc/passwd' },
    ends: 'good',
  },
  {
    what: 'a file named by a path',
    name: 'v.zip',
    content: 'ZIP',
    conform: { ...csv, file: '../../../canary.csv' },
    tags: { compression: 'zip' },
    ends: 'no-such-file',
  },
  {
    what: 'an address of the canary',
    name: 'w.csv',
    content: TABLE,
    tags: { data: 'CANARY' },
    ends: 'download-forbidden-address',
  },
  {
    what: 'an ESRI service at the canary',
    name: 'x.csv',
    content: TABLE,
    tags: { data: 'CANARYa/FeatureServer/0', protocol: 'ESRI' },
    ends: 'download-forbidden-address',
  },
  {
    what: 'a file of this computer',
    name: 'y.csv',
    content: TABLE,
    tags: { data: 'file:///etc/passwd' },
    ends: 'download-forbidden-address',
  },
  {
    what: 'an FTP server at the canary',
    name: 'z.csv',
    content: TABLE,
    tags: { data: 'ftp://127.0.0.1:1/a' },
    ends: 'download-forbidden-address',
  },
]
