/**
 * One measurement, in a process of its own: from a file of data to `out.geojson`, and packed where asked.
 *
 *     one.ts CASE FOLDER OUT [plain|gz]
 *
 * Prints what it took as JSON.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compileConform } from '../shared/conform/conform.ts'
import { attributesOf } from '../shared/layer.ts'
import { licenseOf } from '../shared/license.ts'
import { readCells } from '../worker/formats/read_cells.ts'
import { readFeatures } from '../worker/formats/read_features.ts'
import { openOutputs } from '../worker/outputs/outputs.ts'
import { newTally } from '../worker/outputs/tally.ts'
import { textSink } from '../worker/outputs/text_sink.ts'
import { cellStep } from '../worker/process_cells.ts'
import { rowStep } from '../worker/process_rows.ts'
import { CASES } from './cases.ts'

const [name, data = '', out = '', mode = 'plain', way = 'cells'] = process.argv.slice(2)
const { file, layer, conform, withoutGdal } = CASES.find((one) => one.name === name)!
if (withoutGdal) process.env['PATH'] = '/nowhere'
const began = performance.now()
await mkdir(out, { recursive: true })

const tally = newTally(attributesOf(layer))
const signal = new AbortController().signal
const reading = { path: join(data, file), conform, isEsri: false, log: () => {}, signal, onBadRow: () => {} }
const step = {
  conformer: compileConform(layer, conform),
  conform,
  fingerprint: 'd41d8cd98f00b204e9800998ecf8427e',
  isEsri: false,
  tally,
}
const outputs = openOutputs(['geojson'], {
  folder: out,
  sourceName: 'bench',
  layer,
  website: null,
  license: licenseOf({
    layer,
    name: 'x',
    data: '',
    protocol: 'http',
    skip: false,
    entry: {},
    coverage: {},
  } as never),
  now: new Date(0),
  draws: () => {
    throw new Error('no picture is measured here')
  },
  log: () => {},
  signal,
})
if (mode === 'plain') await outputs.abandon()
const sink = mode === 'plain' ? textSink(join(out, 'out.geojson')) : undefined
const write = (bytes: Buffer, count: number) => sink?.write(bytes) ?? outputs.writeLines({ bytes, count })

if (way === 'cells') {
  const conformed = cellStep(step)
  for await (const batch of readCells(reading)) {
    const { bytes, count } = conformed(batch)
    await write(bytes, count)
  }
} else {
  const conformed = rowStep(step)
  for await (const batch of readFeatures(reading)) {
    const rows = conformed(batch)
    await write(Buffer.from(rows.map(({ line }) => `${line}\n`).join(''), 'latin1'), rows.length)
  }
}
if (sink === undefined) await outputs.close()
else await sink.close()

const { user, system } = process.cpuUsage()
const { maxRSS } = process.resourceUsage()
process.stdout.write(
  `${JSON.stringify({ rows: tally.written, cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000, rss: maxRSS / 1024 })}\n`,
)
