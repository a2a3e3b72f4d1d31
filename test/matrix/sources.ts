/**
 * Problems of sources and of the world: for each code a source, and a server or a file, that is so.
 *
 * Every row is run by the real pipeline over real HTTP; what takes patience (a server is asked five times) goes side by
 * side with the rest.
 */
import { gzipSync } from 'node:zlib'
import type { ProblemCode } from '../../shared/problem.ts'
import { zipped } from '../../worker/download/archive_standin.ts'
import { shapefile } from '../../worker/formats/write_shapefile.ts'
import type { Esri } from '../standins/esri.ts'
import { type Trial, TRIAL_CONFORM, TRIAL_CSV, trialSource } from '../trial.ts'

/** What a row has at hand. */
export interface Ground {
  readonly trial: Trial
  readonly esri: Esri
  /** A port where somebody speaks, but not TLS. */
  readonly plainPort: number
}

/** The source file that ends so. */
export type Provoke = (ground: Ground) => string | Promise<string>

/** Two points, without a .prj. */
const POINTS = shapefile({
  columns: [{ name: 'num', type: 'C', width: 4 }],
  rows: [['1   '], ['2   ']],
  shapes: [
    { type: 1, parts: [[[-122.25, 37.5]]] },
    { type: 1, parts: [[[-122.125, 37.75]]] },
  ],
})

const SHAPEFILE = { format: 'shapefile', number: 'num', street: 'num' }

/** The layer of the ESRI stand-in. */
export const LAYER = '/Town/Addresses/FeatureServer/0'

/** A table in the house, under a name of its own. */
async function csv({ trial }: Ground, name: string, content: string | Buffer = TRIAL_CSV): Promise<string> {
  return trial.serve(name, content)
}

/** A server that answers a path so, however often it is asked. */
function always({ trial }: Ground, path: string, trouble: object): string {
  trial.web.misbehave({ path: `/${path}`, times: 100, ...trouble })
  return trialSource({ data: `${trial.web.url}/${path}` })
}

/** A table that is taken for a zip, or is one. */
async function archive(ground: Ground, name: string, bytes: Buffer, conform: object = {}): Promise<string> {
  const data = await csv(ground, name, bytes)
  return trialSource({ data, compression: 'zip' }, { ...TRIAL_CONFORM, ...conform })
}

/** A zip whose list of contents says that its file is of this size. */
async function claiming(bytes: number): Promise<Buffer> {
  const zip = await zipped({ 'a.csv': TRIAL_CSV })
  zip.writeUInt32LE(bytes, zip.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 24)
  return zip
}

async function nested(depth: number): Promise<Buffer> {
  return zipped(depth === 0 ? { 'a.csv': TRIAL_CSV } : { 'inner.zip': await nested(depth - 1) })
}

async function climbing(): Promise<Buffer> {
  const zip = await zipped({ 'aa/bb/evil.csv': TRIAL_CSV }, false)
  return Buffer.from(zip.toString('latin1').replaceAll('aa/bb/evil.csv', '../../evil.csv'), 'latin1')
}

const TESTS = {
  'acceptance-tests': [{ description: 'one', inputs: { num: '1' }, expected: { number: '2' } }],
}

/** Every problem of a source or of the world that one run can end with by itself. */
export const SOURCES: Readonly<Partial<Record<ProblemCode, Provoke>>> = {
  'source-invalid': () => '{',
  'conform-missing': async (on) => trialSource({ data: await csv(on, 'whole.csv') }, null),
  'unknown-protocol': () => trialSource({ data: 'x', protocol: 'gopher' }),
  'unknown-format': async (on) =>
    trialSource({ data: await csv(on, 'whole.csv') }, { ...TRIAL_CONFORM, format: 'kml2' }),
  'format-missing': async (on) =>
    trialSource({ data: await csv(on, 'whole.csv') }, { ...TRIAL_CONFORM, format: undefined }),
  'unknown-compression': async (on) => trialSource({ data: await csv(on, 'whole.csv'), compression: 'rar' }),
  'unknown-function': () =>
    trialSource({ data: 'x' }, { ...TRIAL_CONFORM, number: { function: 'guess', field: 'num' } }),
  'pattern-invalid': () =>
    trialSource(
      { data: 'x' },
      { ...TRIAL_CONFORM, number: { function: 'regexp', field: 'num', pattern: '([0-9]+' } },
    ),
  'acceptance-test-failed': () => trialSource({ data: 'x', test: TESTS }),
  skipped: () => trialSource({ data: 'x', skip: true }),

  'download-not-found': ({ trial }) => trialSource({ data: `${trial.web.url}/gone.zip` }),
  'download-forbidden-address': () => trialSource({ data: 'http://169.254.169.254/latest/meta-data/x.csv' }),
  'download-failed': (on) => always(on, 'teapot.csv', { status: 418 }),
  'download-blocked': (on) => always(on, 'blocked.csv', { status: 403 }),
  'download-incomplete': async (on) => {
    const data = await csv(on, 'short.csv')
    on.trial.web.behaves('/short.csv', { shortAt: 10, noRanges: true })
    return trialSource({ data })
  },
  'download-timed-out': (on) => always(on, 'late.csv', { status: 408 }),
  'download-tls': ({ plainPort }) => trialSource({ data: `https://127.0.0.1:${plainPort}/a.csv` }),
  'download-server-error': (on) => always(on, 'broken.csv', { status: 503 }),
  'download-not-data': ({ trial }) => {
    trial.web.behaves('/notice.csv', { notice: true })
    return trialSource({ data: `${trial.web.url}/notice.csv` })
  },
  'token-required': ({ esri }) => trialSource({ data: `${esri.url}${LAYER}`, protocol: 'ESRI' }),

  'archive-broken': (on) => archive(on, 'broken.zip', Buffer.from('this is no zip')),
  'archive-too-deep': async (on) => archive(on, 'deep.zip', await nested(5)),
  'archive-bomb': async (on) => archive(on, 'bomb.zip', await claiming(1_000_000_000)),
  'archive-unsafe': async (on) => archive(on, 'climbing.zip', await climbing()),
  'no-such-file': async (on) =>
    archive(on, 'other.zip', await zipped({ 'a.csv': TRIAL_CSV }), { file: 'b.csv' }),
  'no-such-layer': async (on) => {
    const data = await csv(on, 'layered.zip', await zipped(POINTS))
    return trialSource({ data, compression: 'zip' }, { ...SHAPEFILE, layer: 7 })
  },
  'no-such-column': async (on) =>
    trialSource({ data: await csv(on, 'whole.csv') }, { ...TRIAL_CONFORM, lat: 'Y' }),
  'encoding-wrong': async (on) => {
    const data = await csv(on, 'latin.csv', Buffer.from(TRIAL_CSV.replace('Oak', 'Öak'), 'latin1'))
    return trialSource({ data }, { ...TRIAL_CONFORM, encoding: 'utf-8' })
  },
  'srs-missing': async (on) => {
    const data = await csv(on, 'nowhere.zip', await zipped(POINTS))
    return trialSource({ data, compression: 'zip' }, SHAPEFILE)
  },
  'srs-wrong': async (on) =>
    trialSource({
      data: await csv(on, 'far.csv', 'lon,lat,num,name,id\n6050000,2120000,1,A,1\n6050001,2120001,2,B,2\n'),
    }),
  'conform-failed': async (on) =>
    trialSource({ data: await csv(on, 'whole.csv') }, { ...TRIAL_CONFORM, lat: 'name' }),
  'no-features': async (on) =>
    trialSource({
      data: await csv(on, 'header.csv', gzipSync('id,lon,lat,num,name\n')),
      compression: 'gzip',
    }),
}
