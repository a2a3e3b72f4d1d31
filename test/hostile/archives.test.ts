/** Strangers' archives: names that lead out, links, bombs, and what is no archive; a canary file outside stays as it is. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipped } from '../../worker/download/archive_standin.ts'
import type { ArchiveLimits } from '../../worker/download/archive_limits.ts'
import { unpack } from '../../worker/download/unpack.ts'
import { given } from '../../worker/download/web_standin.ts'
import { inTemp } from '../../worker/system/temp.ts'

const LIMITS: Partial<ArchiveLimits> = {
  bytesMax: 4e6,
  ratioMax: 100,
  ratioFromBytes: 1e5,
  filesMax: 50,
  depthMax: 3,
}

const CANARY = 'nobody was here'

interface Seen {
  /** The code of the problem, or nothing where it was unpacked. */
  readonly code: string | undefined
  /** Everything in the folder of the run but the data. */
  readonly beside: readonly string[]
  readonly canary: string
}

async function unpackedIn(bytes: Buffer): Promise<Seen> {
  return inTemp('hostile', async (top) => {
    const folder = join(top, 'a/run')
    await mkdir(folder, { recursive: true })
    writeFileSync(join(top, 'canary.csv'), CANARY)
    const path = join(folder, 'cache.zip')
    writeFileSync(path, bytes)
    const cache = { path, bytes: bytes.length, fingerprint: '', extension: '.zip', isEsri: false }
    const code = await unpack(cache, 'zip', undefined, { ...given(folder), limits: LIMITS }).then(
      () => undefined,
      (error: { problem?: { code: string } }) => {
        if (error.problem === undefined) throw error
        return error.problem.code
      },
    )
    const beside = [...readdirSync(top), ...readdirSync(join(top, 'a')), ...readdirSync(folder)]
    return { code, beside, canary: readFileSync(join(top, 'canary.csv'), 'utf8') }
  })
}

/** A zip with a member of a name that no honest program writes. */
async function named(name: string, content = 'x'): Promise<Buffer> {
  const length = Buffer.byteLength(name)
  const plain = 'n'.repeat(length)
  const zip = await zipped({ [plain]: content })
  const other = Buffer.from(name).toString('latin1')
  return Buffer.from(zip.toString('latin1').replaceAll(plain, other), 'latin1')
}

const NAMES: readonly string[] = [
  '../../canary.csv',
  '../../../canary.csv',
  'aa/../../../canary.csv',
  'aa/bb/../../../../canary.csv',
  './../../../canary.csv',
  '/tmp/hostile-canary.csv',
  '//tmp/hostile-canary.csv',
  'C:/hostile-canary.csv',
  'C:\\hostile-canary.csv',
  '..\\..\\..\\canary.csv',
  'aa\\..\\..\\..\\canary.csv',
  '..\0/canary.csv',
  '../../canary.csv\0.csv',
  'data\0.csv',
  '../../ÇANARY.csv',
  '．．/．．/canary.csv',
  '..%2f..%2fcanary.csv',
  '..;/..;/canary.csv',
  'CON.csv',
  'NUL',
  'COM1.csv',
  'aux.csv ',
  'canary.csv:stream',
  '\u202evsc.yranac.csv',
  '~/.ssh/authorized_keys',
  '$(touch hostile).csv',
  '`touch hostile`.csv',
  '-rf.csv',
  '\u001b[2J.csv',
  'line\nbreak.csv',
  `${'long'.repeat(80)}.csv`,
  `${'deep/'.repeat(200)}x.csv`,
]

describe('a member of an archive', () => {
  for (const name of NAMES) {
    test(`named ${JSON.stringify(name.slice(0, 40))} stays inside`, async () => {
      const { canary, beside, code } = await unpackedIn(await named(name))
      expect(canary).toBe(CANARY)
      expect(beside.filter((one) => !['canary.csv', 'a', 'run', 'cache.zip', 'data'].includes(one))).toEqual(
        [],
      )
      expect(existsSync('/tmp/hostile-canary.csv') || existsSync('hostile')).toBe(false)
      expect(code ?? 'archive-').toMatch(/^archive-|^no-such-file$/)
    })
  }
})

const zeros = (bytes: number) => Buffer.alloc(bytes)

async function nested(levels: number): Promise<Buffer> {
  let zip = await zipped({ 'a.csv': 'a,b\n' })
  for (let level = 1; level < levels; level++) zip = await zipped({ 'inner.zip': zip })
  return zip
}

/** A directory that says less than what is packed. */
async function lying(): Promise<Buffer> {
  const zip = await zipped({ 'a.csv': zeros(1_000_000) })
  const size = Buffer.alloc(4)
  size.writeUInt32LE(1_000_000)
  const small = Buffer.alloc(4)
  small.writeUInt32LE(10)
  return Buffer.from(
    zip.toString('latin1').replaceAll(size.toString('latin1'), small.toString('latin1')),
    'latin1',
  )
}

const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}.csv`, 'x']))

const ARCHIVES: readonly [what: string, make: () => Promise<Buffer> | Buffer, code: string][] = [
  ['a bomb of one member', () => zipped({ 'a.csv': zeros(3_000_000) }), 'archive-bomb'],
  ['more bytes than may be', () => zipped({ 'a.csv': zeros(5_000_000) }, false), 'archive-bomb'],
  [
    'a bomb inside an archive',
    async () => zipped({ 'b.zip': await zipped({ 'a.csv': zeros(3_000_000) }) }),
    'archive-bomb',
  ],
  ['more members than may be', () => zipped(many), 'archive-bomb'],
  ['archives inside archives', () => nested(5), 'archive-too-deep'],
  ['a directory that lies about the size', lying, 'archive-broken'],
  ['a bomb of gzip', () => gzipSync(zeros(3_000_000)), 'archive-bomb'],
  [
    'half an archive',
    async () => (await zipped({ 'a.csv': 'x'.repeat(500) })).subarray(0, 60),
    'archive-broken',
  ],
  ['nothing but the signature', () => Buffer.from('PK\u0003\u0004'), 'archive-broken'],
  ['half a gzip', () => gzipSync('a,b\n'.repeat(1_000)).subarray(0, 20), 'archive-broken'],
]

describe('an archive of', () => {
  for (const [what, make, code] of ARCHIVES) {
    test(what, async () => {
      expect(await unpackedIn(await make())).toMatchObject({ code, canary: CANARY })
    })
  }
})
