import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Catalogue, hasCatalogue, openCatalogue } from '../test/conformance/catalogue.ts'
import { selfCommand, start } from './system/spawn.ts'
import { inTemp } from './system/temp.ts'

const SOURCE = {
  schema: 2,
  coverage: { country: 'us', 'US Census': { geoid: '06001' } },
  layers: {
    addresses: [
      {
        name: 'city',
        data: 'https://example.com/points.zip',
        protocol: 'http',
        compression: 'zip',
        conform: {
          format: 'shapefile',
          file: 'points.shp',
          srs: 'EPSG:2227',
          number: { function: 'prefixed_number', field: 'SITUS' },
          street: ['PRE', 'NAME'],
        },
        test: { 'acceptance-tests': [{ inputs: { SITUS: '1 A ST' }, expected: { number: '1' } }] },
      },
    ],
  },
}

const GOOD = JSON.stringify(SOURCE, null, 2)
const BAD = GOOD.replace('prefixed_number', 'split')

interface Answer {
  readonly code: number | null
  readonly lines: readonly string[]
  readonly stderr: string
}

async function check(...args: string[]): Promise<Answer> {
  const [command, ...rest] = selfCommand(join(import.meta.dirname, 'cli.ts'))
  const lines: string[] = []
  const { ended } = start(command, [...rest, 'check', ...args], { onLine: (line) => lines.push(line) })
  const { code, stderr } = await ended
  return { code, lines, stderr }
}

/** A folder with one good source, one bad one below it, and something that is no source. */
function withSources<T>(deed: (folder: string) => Promise<T>): Promise<T> {
  return inTemp('check', async (folder) => {
    await mkdir(join(folder, 'us'))
    await writeFile(join(folder, 'good.json'), GOOD)
    await writeFile(join(folder, 'us', 'bad.json'), BAD)
    await writeFile(join(folder, 'us', 'README.md'), '#')
    return deed(folder)
  })
}

describe('machine check', () => {
  test('prints the plan of a good source and exits with 0', async () => {
    const { code, lines, stderr } = await withSources((folder) => check(join(folder, 'good.json')))

    expect(lines.slice(1)).toEqual([
      '  fetch           https, zip: https://example.com/points.zip',
      '  read            shapefile; file points.shp; coordinates in EPSG:2227',
      '  number          prefixed_number(SITUS)',
      '  street          PRE + NAME',
      '  test            1 acceptance test',
      expect.stringMatching(/^ {2}make {12}geojson, zip/),
    ])
    expect([code, stderr]).toEqual([0, '1 file, 1 data source planned, 0 errors in 0 files, 0 warnings\n'])
  })

  test('finds the sources of a folder, says where the fault is, and exits with 1', async () => {
    const [path, { code, lines }] = await withSources(async (folder) => [
      join(folder, 'us', 'bad.json'),
      await check(folder),
    ])

    expect(lines).toHaveLength(1)
    expect(lines[0]).toStartWith(`${path}:21:25: error: function: "split" is none of join, format`)
    expect(lines[0]).toEndWith('(/layers/addresses/0/conform/number/function)')
    expect(code).toBe(1)
  })

  test('writes a line of JSON for each file', async () => {
    const { lines } = await withSources((folder) => check('--json', folder))

    const files = lines.map((line) => JSON.parse(line))
    expect(files.map(({ faults, plans }) => [faults.length, plans.length])).toEqual([
      [0, 1],
      [1, 1],
    ])
    expect(files[0].plans[0]).toMatchObject({ layer: 'addresses', protocol: 'https', srs: 'EPSG:2227' })
  })

  test('refuses a file that is not UTF-8', async () => {
    const { code, lines } = await inTemp('check', async (folder) => {
      await writeFile(join(folder, 'a.json'), Buffer.from([0x7b, 0xe9, 0x7d]))
      return check(join(folder, 'a.json'))
    })

    expect(lines[0]).toEndWith('a.json:1:1: error: the file is not UTF-8')
    expect(code).toBe(1)
  })

  test('leaves warnings out when told to', async () => {
    const { code, lines, stderr } = await inTemp('check', async (folder) => {
      await writeFile(join(folder, 'a.json'), GOOD.replace('US Census', 'place'))
      await writeFile(join(folder, 'b.json'), GOOD)
      return check('--errors-only', folder)
    })

    expect([code, lines]).toEqual([0, []])
    expect(stderr).toContain('0 warnings')
  })

  const usages: [name: string, args: string[], message: string][] = [
    ['without a source', [], 'expected a SOURCE'],
    ['with a path that is not there', ['/nowhere.json'], 'cannot read /nowhere.json'],
    ['with an unknown option', ['--fast'], "Unknown option '--fast'"],
  ]
  for (const [name, args, message] of usages) {
    test(`exits with 2 when it is called ${name}`, async () => {
      const { code, stderr } = await check(...args)

      expect(code).toBe(2)
      expect(stderr).toStartWith('machine check: ')
      expect(stderr).toContain(message)
    })
  }
})

/** All that is refused of the catalogue: what cannot run at all, or would end with a failed test. */
const REFUSED: readonly [file: string, message: string][] = [
  ['us/ia/muscatine.json', 'there is no conform'],
  ['us/il/skokie.json', 'there is no conform'],
  ['us/nc/cherokee.json', 'there is no conform'],
  ['us/nj/franklin_township.json', 'there is no conform'],
  ['us/nm/hidalgo.json', 'there is no conform'],
  ['us/ny/allegany.json', 'there is no conform'],
  ['us/oh/city_of_perrysburg.json', 'another data source of addresses is called "city"'],
  ['us/sc/cherokee.json', 'there is no conform'],
  ['us/tx/galveston.json', 'its inputs have no column "SITUS"'],
]

/** A laptop shall not make anybody wait. */
const SECONDS_MAX = 10

describe.skipIf(!hasCatalogue)('machine check over the catalogue', () => {
  let catalogue: Catalogue
  beforeAll(async () => {
    catalogue = await openCatalogue()
  })
  afterAll(() => catalogue.remove())

  test('reads every file, plans every entry, and refuses few, within 10 seconds', async () => {
    const folder = join(catalogue.folder, 'sources')
    const began = performance.now()
    const { code, lines, stderr } = await check('--errors-only', folder)
    const seconds = (performance.now() - began) / 1000

    const found = lines.map((line) => relative(folder, line.split(':', 1)[0]!))
    expect(found).toEqual(REFUSED.map(([file]) => file))
    for (const [index, [, message]] of REFUSED.entries()) expect(lines[index]).toContain(message)
    expect(stderr).toStartWith('2833 files, 4862 data sources planned, 9 errors in 9 files')
    expect(code).toBe(1)
    expect(seconds).toBeLessThan(SECONDS_MAX)
  })
})
