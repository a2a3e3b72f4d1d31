/** The command as it is called: by a person, by a program, under Bun and under Node. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ChildLine } from '../shared/run.ts'
import { startWeb, type Web } from '../test/standins/web.ts'

const COMMAND = resolve('worker/process_command.ts')
const CODE = `
  const { processCommand } = await import(${JSON.stringify(COMMAND)})
  process.exit(await processCommand.run(process.argv.slice(1)))
`
const RUNTIMES: [name: string, command: string, ...args: string[]][] = [
  ['Bun', process.execPath, '-e', CODE, '--'],
  ['Node', 'node', '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', CODE, '--'],
]

const CSV = `lon,lat,num,name\n${'-122.25,37.5,12,Oak St\n'.repeat(2000)}`

let folder: string
let served: string
let web: Web

beforeAll(async () => {
  served = await mkdtemp(join(tmpdir(), 'machine-served-'))
  await writeFile(join(served, 'a.csv'), CSV)
  await writeFile(join(served, 'slow.csv'), CSV)
  web = await startWeb({ folder: served })
  web.behaves('/slow.csv', { dripBytesPerSecond: 2000 })
})
afterAll(async () => {
  await web.close()
  await rm(served, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-command-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A source file with three data sources, one of which fails. */
async function sourceFile(data = 'a.csv'): Promise<string> {
  const conform = { format: 'csv', lon: 'lon', lat: 'lat', number: 'num', street: 'name', pid: 'num' }
  const entry = { protocol: 'http', conform }
  const layers = {
    addresses: [
      { ...entry, name: 'city', data: `${web.url}/${data}` },
      { ...entry, name: 'a/b', data: `${web.url}/gone.csv` },
    ],
    parcels: [{ ...entry, name: 'city', data: `${web.url}/a.csv` }],
  }
  const path = join(folder, 'oakville.json')
  await writeFile(path, JSON.stringify({ schema: 2, layers }))
  return path
}

function begin(args: readonly string[], runtime = RUNTIMES[0]!): ChildProcessWithoutNullStreams {
  const [, command, ...before] = runtime
  return spawn(command, [...before, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

const call = (...args: string[]) => ended(begin(args))

for (const runtime of RUNTIMES) {
  describe(`process-one under ${runtime[0]}`, () => {
    test('runs every data source of a file, ends with a table, and with 1 because one failed', async () => {
      const out = join(folder, 'out')
      const {
        code,
        out: said,
        err,
      } = await ended(begin([await sourceFile(), out, '--allow-private'], runtime))

      expect(code).toBe(1)
      expect(said).toContain('good    addresses/city  2,000 rows')
      expect(said).toContain('failed  addresses/a/b  The data is not at its address: 404 from')
      expect(said).toContain('good    parcels/city  2,000 rows')
      expect(said).toContain('filled   number 100 %  street 100 %  unit 0 %')
      expect(err).toContain(
        'addresses/city  download  0 bytes\naddresses/city  unpack\naddresses/city  conform   0 rows\n',
      )
      expect((await readdir(out)).sort()).toEqual(['addresses', 'parcels'])
      expect((await readdir(join(out, 'addresses'))).sort()).toEqual(['a%2Fb', 'city'])
      expect(await readdir(join(out, 'parcels', 'city'))).toContain('out.geojson.gz')
    }, 30_000)

    test('with --json writes lines for a program and nothing else, and leaves the same rows', async () => {
      const asked = ['--layer', 'addresses', '--name', 'city', '--json', '--allow-private']
      const { code, out, err } = await ended(begin([await sourceFile(), folder, ...asked], runtime))

      const lines = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as ChildLine)
      expect([code, err]).toEqual([0, ''])
      expect(lines[0]).toEqual({ progress: { stage: 'download', bytes: 0 } })
      const last = lines.at(-1)!
      expect('result' in last && [last.result.ok, last.result.rows.written]).toEqual([true, 2000])
      const text = await readFile(join(folder, 'addresses', 'city', 'out.geojson'), 'utf8')
      expect(text.split('\n')[0]).toBe(
        '{"type": "Feature", "properties": {"hash": "27b4e9ecf971be8c", "number": "12", "street": "Oak St", "unit": "", "city": "", "district": "", "region": "", "postcode": "", "id": "", "accuracy": ""}, "geometry": {"type": "Point", "coordinates": [-122.25, 37.5]}}',
      )
    }, 30_000)

    test('stops on SIGTERM, and says so by its exit code', async () => {
      const child = begin([await sourceFile('slow.csv'), folder, '--allow-private'], runtime)
      const ending = ended(child)
      await once(child.stderr, 'data')
      child.kill('SIGTERM')

      expect((await ending).code).toBe(143)
    }, 30_000)

    test('stops when the program that started it has gone', async () => {
      const asked = ['--layer', 'addresses', '--name', 'city', '--json', '--allow-private']
      const child = begin([await sourceFile('slow.csv'), folder, ...asked], runtime)
      const ending = ended(child)
      await once(child.stdout, 'data')
      child.stdin.end()

      const { code, out } = await ending
      expect(code).toBe(143)
      expect(out).not.toContain('"result"')
    }, 30_000)
  })
}

describe('process-one', () => {
  test('makes what it is asked to make; the log and the table say the same rows of each', async () => {
    const path = await sourceFile()
    const asked = ['--layer', 'addresses', '--name', 'city', '--allow-private']
    const { code, out } = await call(path, folder, ...asked, '--skip', 'slippymap')

    expect(code).toBe(0)
    const made = ['out.geojson.gz', 'oakville.zip', 'out.parquet', 'out.fgb', 'preview.png']
    const log = await readFile(join(folder, 'addresses', 'city', 'output.txt'), 'utf8')
    for (const name of made) {
      expect(out).toMatch(new RegExp(`${name} .* 2,000 rows\\n`))
      expect(log).toMatch(new RegExp(`made ${name}, \\d+ bytes of 2000 rows\\n`))
    }
    expect(out).not.toContain('slippymap')
  })

  test('makes one output alone', async () => {
    const asked = ['--layer', 'addresses', '--name', 'city', '--allow-private', '--only', 'zip']
    const { code } = await call(await sourceFile(), folder, ...asked)

    expect(code).toBe(0)
    expect((await readdir(join(folder, 'addresses', 'city'))).sort()).toEqual([
      'cache.csv',
      'index.json',
      'index.txt',
      'oakville.zip',
      'output.txt',
      'sample.json',
    ])
  })

  test('ends with 1 when what it was asked for by name cannot be made, and says where to read why', async () => {
    await writeFile(join(served, 'one.csv'), 'lon,lat,num,name\n-122.25,37.5,12,Oak St\n')
    const asked = ['--layer', 'addresses', '--name', 'city', '--allow-private']
    const named = await call(await sourceFile('one.csv'), folder, ...asked, '--only', 'geojson,preview')
    const all = await call(await sourceFile('one.csv'), folder, ...asked, '--skip', 'slippymap')

    for (const { out } of [named, all]) {
      expect(out).toContain('good    addresses/city  1 rows')
      expect(out).toContain('missing  preview could not be made; output.txt says why')
    }
    expect([named.code, all.code]).toEqual([1, 0])
  })

  const wrong: [name: string, args: () => Promise<string[]> | string[], said: string][] = [
    ['nothing', () => [], 'expected a SOURCE and a FOLDER'],
    ['too much', () => ['a', 'b', 'c'], 'found also c'],
    ['an unknown option', () => ['a', 'b', '--fast'], '--fast'],
    [
      'an output that there is not',
      () => ['a', 'b', '--skip', 'map'],
      'there is no output "map"; there are geojson',
    ],
    ['a file that is not there', () => ['nowhere.json', 'out'], 'cannot read the source'],
    [
      'a layer that the file does not have',
      async () => [await sourceFile(), folder, '--layer', 'buildings'],
      'it has addresses/city, addresses/a/b, parcels/city',
    ],
  ]
  for (const [name, args, said] of wrong) {
    test(`ends with 2 when it is given ${name}`, async () => {
      const { code, out, err } = await call(...(await args()))

      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(said)
      expect(err).toContain('Try: machine process-one --help')
    })
  }

  test('ends with 0 and its help when asked for it', async () => {
    const { code, out } = await call('--help')

    expect(code).toBe(0)
    expect(out).toStartWith('Usage: machine process-one SOURCE FOLDER [options]\n')
  })

  test('ends with 1 and a sentence when the file is not JSON', async () => {
    const path = join(folder, 'broken.json')
    await writeFile(path, '{"schema": 2,')
    const { code, out } = await call(path, join(folder, 'out'))

    expect(code).toBe(1)
    expect(out).toContain('failed  broken.json  The source file is not a valid source: ')
  })
})
