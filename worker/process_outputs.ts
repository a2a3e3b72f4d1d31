/**
 * The outputs of one run: opened when the disk has room for them, closed with what they made noted in
 * the log and the state.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { licenseOf } from '../shared/license.ts'
import type { DataSource } from '../shared/source.ts'
import { assertRoom } from './download/disk.ts'
import { OUT_GEOJSON } from './outputs/geojson.ts'
import { fileMd5 } from './outputs/md5.ts'
import type { Leaving, Made } from './outputs/output.ts'
import { openOutputs, type OutputName, type Outputs, outputNames, roomFor } from './outputs/outputs.ts'
import type { Run } from './process_run.ts'
import { protomaps } from './render/base_map.ts'
import { openPreview } from './render/preview.ts'

/**
 * Open what a run is to make.
 *
 * @param path  the data that is about to be read
 * @throws {SourceError} `disk-full`, when it is foreseen
 */
export async function openRunOutputs(
  { options, log, sourceName }: Run,
  data: DataSource,
  path: string,
): Promise<Outputs> {
  const { folder, signal, protomapsKey } = options
  const asked = options.outputs ?? outputNames()
  const { size } = await stat(path)
  await assertRoom(folder, roomFor(asked, data.layer, size), 'what the run makes of the data')
  const draws: Leaving['draws'] = (scratch) =>
    openPreview({
      scratch,
      log: log.line,
      signal,
      ...(protomapsKey === undefined ? {} : { fetchTile: protomaps(protomapsKey, signal) }),
    })
  return openOutputs(asked, {
    folder,
    sourceName,
    layer: data.layer,
    website: data.website ?? null,
    license: licenseOf(data),
    now: options.now(),
    draws,
    log: log.line,
    signal,
  })
}

/** Finish what a run makes, and note it. */
export async function closeRunOutputs(run: Run, outputs: Outputs): Promise<void> {
  const { state, artifacts, log, tally } = run
  const made: Partial<Record<OutputName, Made>> = {}
  await outputs.close((name, what) => {
    if (what.rows !== tally?.written)
      throw new Error(`${name} was given ${what.rows} of ${tally?.written} rows`)
    made[name] = what
    if (what.artifacts.length === 0) run.missing.push(name)
    for (const artifact of what.artifacts) {
      artifacts.push({ ...artifact, rows: what.rows })
      log.line(`made ${artifact.name}, ${artifact.bytes} bytes of ${what.rows} rows`)
    }
  })
  const nameOf = (name: OutputName) => made[name]?.artifacts[0]?.name ?? null
  state.preview = nameOf('preview')
  state.slippymap = nameOf('slippymap')
  state.pmtiles = state.slippymap
  await noteProduct(run, made.zip ?? made.geojson, made.geojson !== undefined)
}

/** The classic product is what the process hash is of, where it is made. */
async function noteProduct(run: Run, product: Made | undefined, hasGeojson: boolean): Promise<void> {
  const [file] = product?.artifacts ?? []
  if (file === undefined) return
  run.product = file.name
  run.state.processed = hasGeojson ? OUT_GEOJSON : file.name
  run.state['process hash'] = await fileMd5(join(run.options.folder, file.name))
}
