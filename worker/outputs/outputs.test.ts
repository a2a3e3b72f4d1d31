/** Outputs: written in batches, read back with the programs that the world reads them with. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import yauzl from 'yauzl'
import type { OutFeature } from '../../shared/row.ts'
import { openPreview } from '../render/preview.ts'
import type { Leaving, Made, OutRow } from './output.ts'
import { type OutputName, openOutputs, outputNames } from './outputs.ts'

let folder: string
let log: string[]
const NEVER = new AbortController().signal
const path = process.env['PATH'] ?? ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-outputs-'))
  log = []
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true, force: true })
})

function leaving(layer = 'addresses'): Leaving {
  return {
    folder,
    sourceName: 'us/ca/berkeley',
    layer,
    website: 'http://ci.berkeley.ca.us/',
    license: {
      license: 'Public domain',
      attributionRequired: true,
      attributionName: 'City of Berkeley',
      shareAlike: false,
    },
    now: new Date('2026-03-27T12:00:00Z'),
    draws: (scratch) => openPreview({ scratch, log: (line) => log.push(line), signal: NEVER }),
    log: (line) => log.push(line),
    signal: NEVER,
  }
}

function row(number: string, street: string, coordinates: [number, number] | null): OutRow {
  const feature: OutFeature = {
    type: 'Feature',
    properties: {
      hash: 'eb5def51969e5131',
      number,
      street,
      unit: '',
      city: null,
      district: '',
      region: 'CA',
      postcode: 94612,
      id: '',
      accuracy: '',
    },
    geometry: coordinates === null ? null : { type: 'Point', coordinates },
  }
  return { feature, line: JSON.stringify(feature) }
}

const ROWS = [
  row('2127', 'BROADWAY', [-122.2677356, 37.8106221]),
  row('5', 'Main St, "rear"', [-122, 38]),
  row('7', 'Žižkova', null),
]

async function make(names: readonly OutputName[], layer?: string): Promise<Map<string, Made>> {
  const outputs = openOutputs(names, leaving(layer))
  await outputs.write(ROWS.slice(0, 2))
  await outputs.write([])
  await outputs.write(ROWS.slice(2))
  const made = new Map<string, Made>()
  await outputs.close((name, what) => made.set(name, what))
  return made
}

/** Every member of an archive, by its path. */
function unzip(file: string): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const members = new Map<string, string>()
    yauzl.open(file, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error)
      zip.on('error', reject)
      zip.on('end', () => resolve(members))
      zip.on('entry', (entry: yauzl.Entry) => {
        zip.openReadStream(entry, async (error, stream) => {
          if (error) return reject(error)
          members.set(entry.fileName, Buffer.concat(await stream.toArray()).toString())
          zip.readEntry()
        })
      })
      zip.readEntry()
    })
  })
}

describe('geojson', () => {
  test('writes one line a row, plain and packed', async () => {
    const made = await make(['geojson'])

    const text = await readFile(join(folder, 'out.geojson'), 'utf8')
    expect(text).toBe(ROWS.map(({ line }) => `${line}\n`).join(''))
    const gz = await readFile(join(folder, 'out.geojson.gz'))
    expect(gunzipSync(gz).toString()).toBe(text)
    expect(made.get('geojson')).toEqual({
      artifacts: [{ name: 'out.geojson.gz', type: 'application/gzip', bytes: gz.length }],
      rows: 3,
    })
  })

  test('writes many batches in order', async () => {
    const outputs = openOutputs(['geojson', 'zip'], leaving())
    for (let batch = 0; batch < 200; batch += 1) {
      await outputs.write(Array.from({ length: 100 }, (_, i) => row(`${batch * 100 + i}`, 'A', [1, 2])))
    }
    await outputs.close()

    const lines = (await readFile(join(folder, 'out.geojson'), 'utf8')).trimEnd().split('\n')
    const table = (await unzip(join(folder, 'berkeley.zip'))).get('us/ca/berkeley.csv')!
    const expected = Array.from({ length: 20_000 }, (_, i) => `${i}`)
    expect(lines.map((line) => JSON.parse(line).properties.number)).toEqual(expected)
    expect(
      table
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[2]),
    ).toEqual(expected)
    expect(gunzipSync(await readFile(join(folder, 'out.geojson.gz'))).length).toBe(
      lines.join('\n').length + 1,
    )
  })

  test('fails when its file cannot be written', async () => {
    const outputs = openOutputs(['geojson'], { ...leaving(), folder: join(folder, 'absent') })

    const writing = (async () => {
      await outputs.write(ROWS)
      await outputs.close()
    })()
    expect(writing).rejects.toThrow('ENOENT')
    await writing.catch(() => {})
    await outputs.abandon()
  })
})

describe('zip', () => {
  test('holds the classic table, its licence and a VRT, under the path of the source', async () => {
    const made = await make(['zip'])

    const members = await unzip(join(folder, 'berkeley.zip'))
    expect([...members.keys()]).toEqual([
      'README.txt',
      'LICENSE.txt',
      'us/ca/berkeley.vrt',
      'us/ca/berkeley.csv',
    ])
    expect(members.get('us/ca/berkeley.csv')).toBe(
      'LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\r\n' +
        '-122.2677356,37.8106221,2127,BROADWAY,,,,CA,94612,,eb5def51969e5131\r\n' +
        '-122,38,5,"Main St, ""rear""",,,,CA,94612,,eb5def51969e5131\r\n' +
        ',,7,Žižkova,,,,CA,94612,,eb5def51969e5131\r\n',
    )
    expect(members.get('README.txt')).toContain('Date: 2026-03-27')
    expect(members.get('README.txt')).toContain('Website: http://ci.berkeley.ca.us/')
    expect(members.get('README.txt')).toContain('License: Public domain')
    expect(members.get('LICENSE.txt')).toContain('Required attribution: City of Berkeley')
    expect(members.get('us/ca/berkeley.vrt')).toContain('<OGRVRTLayer name="berkeley">')
    expect(members.get('us/ca/berkeley.vrt')).toContain('berkeley.csv')
    expect(made.get('zip')!.rows).toBe(3)
    expect(made.get('zip')!.artifacts.map(({ name, type }) => [name, type])).toEqual([
      ['berkeley.zip', 'application/zip'],
    ])
  })

  test('is not made for other layers', async () => {
    const made = await make(['zip', 'geojson'], 'parcels')

    expect([...made.keys()]).toEqual(['geojson'])
  })

  test('keeps members inside, whatever the source is called', async () => {
    const outputs = openOutputs(['zip'], { ...leaving(), sourceName: '/../../etc/cron' })
    await outputs.close()

    const members = await unzip(join(folder, 'cron.zip'))
    expect([...members.keys()]).toContain('etc/cron.csv')
  })
})

describe('slippymap', () => {
  /** A program that stands where tippecanoe is looked for. */
  async function onPath(script: string): Promise<void> {
    await mkdir(join(folder, 'bin'))
    await writeFile(join(folder, 'bin', 'tippecanoe'), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, 'bin', 'tippecanoe'), 0o755)
    process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${path}`
  }

  test('asks tippecanoe for the original looks, and brings the geojson it reads', async () => {
    await onPath('all="$*"; shift 11; (echo "$all"; cat "$2") > "$1"')

    const made = await make(['slippymap'])

    expect([...made.keys()]).toEqual(['geojson', 'slippymap'])
    const text = await readFile(join(folder, 'slippymap.pmtiles'), 'utf8')
    expect(text.split('\n')[0]).toStartWith('-l dots -r 3 -n OpenAddresses Dots -q -f -t ')
    expect(text.split('\n').slice(1, 4)).toEqual(ROWS.map(({ line }) => line))
    expect(made.get('slippymap')!.artifacts[0]!.type).toBe('application/vnd.pmtiles')
    expect(made.get('slippymap')!.rows).toBe(3)
    expect(log).toEqual([])
  })

  test('says which command installs tippecanoe where it is absent, and fails nothing', async () => {
    process.env['PATH'] = join(folder, 'nothing')

    const made = await make(['geojson', 'slippymap'])

    expect(made.get('slippymap')).toEqual({ artifacts: [], rows: 3 })
    expect(log).toHaveLength(1)
    expect(log[0]).toContain('tippecanoe is not installed here')
    expect(log[0]).toContain('apt-get install tippecanoe')
  })

  test('says what tippecanoe said when it failed', async () => {
    await onPath('echo "no space on this tile" >&2; exit 3')

    const made = await make(['slippymap'])

    expect(made.get('slippymap')!.artifacts).toEqual([])
    expect(log[0]).toContain('tippecanoe ended with code 3: no space on this tile')
    expect(await readdir(folder)).not.toContain('tippecanoe')
  })
})

describe('preview', () => {
  test('is a picture of twice the width that is shown', async () => {
    const made = await make(['preview'])

    const png = await readFile(join(folder, 'preview.png'))
    expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([
      'PNG',
      1336,
      1198,
    ])
    expect(made.get('preview')).toEqual({
      artifacts: [{ name: 'preview.png', type: 'image/png', bytes: png.length }],
      rows: 3,
    })
    expect(await readdir(folder)).toEqual(['preview.png'])
  })

  test('is not made of fewer than two places, and says so', async () => {
    const outputs = openOutputs(['preview'], leaving())
    await outputs.write(ROWS.slice(1))
    let made: Made | undefined
    await outputs.close((_, what) => {
      made = what
    })

    expect(made).toEqual({ artifacts: [], rows: 2 })
    expect(log).toEqual(['no preview.png: it needs 2 places on the map, and there are 1'])
    expect(await readdir(folder)).toEqual([])
  })
})

describe('abandon', () => {
  test('leaves nothing behind', async () => {
    const outputs = openOutputs(outputNames(), leaving())
    await outputs.write(ROWS)

    await outputs.abandon()

    expect(await readdir(folder)).toEqual([])
  })
})
