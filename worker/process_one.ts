/**
 * Process one data source: download → unpack → read → conform → outputs → state.
 *
 * The whole pipeline is `pipeline` below. What is wrong with the source or the world ends up in the
 * result, with a state, a log and everything that was made until then; what is wrong with this house,
 * and being told to stop, is thrown.
 */
import { basename, relative } from 'node:path'
import { runAcceptanceTests } from '../shared/conform/acceptance.ts'
import { esriColumns } from '../shared/conform/columns.ts'
import { compileConform } from '../shared/conform/conform.ts'
import { licenseState } from '../shared/license.ts'
import { type Problem, SourceError } from '../shared/problem.ts'
import type { RunResult } from '../shared/run.ts'
import { type Conform, type DataSource, dataSources, findDataSource, readSource } from '../shared/source.ts'
import { srsFault } from '../shared/srs.ts'
import { assertLayer, chooseFile } from './download/choose_file.ts'
import { diskError } from './download/disk.ts'
import { type Cache, type Downloaded, downloadIfChanged } from './download/download.ts'
import { withLowerCaseExtension } from './download/extension_case.ts'
import { mannersOf } from './download/manners.ts'
import { shown } from './download/request_errors.ts'
import { unpack } from './download/unpack.ts'
import { UNCHANGED } from './download/validators.ts'
import { conformData } from './process_conform.ts'
import { closeRun, finishRun, openRun, type ProcessOptions, type Run, timed } from './process_run.ts'

export type { ProcessOptions } from './process_run.ts'

/**
 * Process one data source of a source file.
 *
 * @param sourceName  source base, such as `us/ca/berkeley`
 * @param text        the source file's content
 * @returns how it ended; a problem of the source or the world is in it, not thrown
 */
export async function processOne(
  sourceName: string,
  text: string,
  options: ProcessOptions,
): Promise<RunResult> {
  const run = await openRun(sourceName, options)
  try {
    const problem = await problemOf(run, () => pipeline(run, text))
    return await finishRun(run, problem)
  } catch (error) {
    run.log.line(`stopped: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  } finally {
    await closeRun(run)
  }
}

async function pipeline(run: Run, text: string): Promise<void> {
  const data = findData(run, text)
  if (data.skip) return skip(run)
  runTests(run, data)
  const conformer = data.conform === undefined ? undefined : compileConform(data.layer, data.conform)

  const cache = await timed(run, 'cache', () => fetchData(run, data))
  if (cache === UNCHANGED) return
  await timed(run, 'process', async () => {
    if (data.conform === undefined || conformer === undefined) {
      throw new SourceError('conform-missing', `${data.layer}/${data.name}`)
    }
    const path = await unpackData(run, { data, conform: data.conform, cache })
    await conformData(run, { data, conform: data.conform, conformer, cache, path })
  })
}

/** The problem that a deed ends with; null when it succeeds. */
async function problemOf({ options: { signal } }: Run, deed: () => Promise<void>): Promise<Problem | null> {
  try {
    signal.throwIfAborted()
    await deed()
    return null
  } catch (error) {
    // Whatever broke because of it: a run that was told to stop has no problem of its own.
    signal.throwIfAborted()
    const known = diskError(error, 'a file of the run')
    if (!(known instanceof SourceError)) throw error
    return known.problem
  }
}

/** The data source that was asked for, noted in the state and the log. */
function findData(run: Run, text: string): DataSource {
  const { options, state, log, sourceName } = run
  const source = readOrFail(text)
  const all = dataSources(source)
  const layer = options.layer ?? all[0]?.layer ?? ''
  const name = options.name ?? all.find((one) => one.layer === layer)?.name ?? ''
  log.line(`${sourceName} ${layer}/${name}, Machine ${options.version}`)
  const data = findDataSource(source, layer, name)
  const twins = all.filter((one) => one.layer === layer && one.name === name).length
  if (twins > 1) log.line(`${layer}/${name} stands ${twins} times in the file; the first one is run`)

  run.coverage = data.coverage
  const { version } = data.entry
  const facts = {
    layer,
    name,
    website: data.website ?? null,
    version: version === undefined ? null : String(version),
  }
  Object.assign(state, facts, licenseState(data))
  return data
}

function readOrFail(text: string) {
  try {
    return readSource(text)
  } catch (error) {
    throw new SourceError('source-invalid', (error as Error).message, { cause: error })
  }
}

function skip({ state, log }: Run): void {
  state.skipped = true
  log.line('skipped: the source says so')
}

function runTests({ state, log }: Run, data: DataSource): void {
  const { passed, detail } = runAcceptanceTests(data)
  state['tests passed'] = passed
  if (passed === false) throw new SourceError('acceptance-test-failed', detail ?? '')
  if (passed === true) log.line("all of the source's acceptance tests passed")
}

/** The data, unless it is that of the earlier run, of which all that could be made was made. */
async function fetchData(run: Run, data: DataSource): Promise<Downloaded> {
  const { options, log } = run
  const { earlier } = options
  log.line(`downloading ${shown(data.data)}`)
  options.tell({ stage: 'download', bytes: 0 })
  const { lat, lon } = data.conform ?? {}
  const cache = await downloadIfChanged(data.protocol, data.data, {
    folder: options.folder,
    tell: options.tell,
    log: log.line,
    signal: options.signal,
    allowPrivate: options.allowPrivate,
    columns: esriColumns(data.layer, data.conform),
    ...(earlier === undefined ? {} : { earlier }),
    esri: { ...options.esri, ...mannersOf(data.data, options.manners ?? {}) },
    ...(typeof lat === 'string' && typeof lon === 'string' ? { lat, lon } : {}),
    ...(data.request?.headers === undefined ? {} : { headers: data.request.headers }),
  })
  run.isUnchanged = cache === UNCHANGED || cache.fingerprint === earlier?.fingerprint
  if (run.isUnchanged) log.line('the data is what it was: nothing is made of it again')
  noteData(run, cache)
  return run.isUnchanged ? UNCHANGED : cache
}

/** What the data is, and by what it is known again. */
function noteData({ options: { earlier }, log, state }: Run, cache: Downloaded): void {
  const { etag, lastModified } = (cache === UNCHANGED ? earlier : cache.validators) ?? {}
  state.fingerprint = (cache === UNCHANGED ? earlier?.fingerprint : cache.fingerprint) ?? null
  state.etag = etag ?? null
  state['last modified'] = lastModified ?? null
  if (cache === UNCHANGED) return
  state.cache = basename(cache.path)
  log.line(`kept ${cache.bytes} bytes as ${state.cache}, MD5 ${cache.fingerprint}`)
}

/** @throws {SourceError} `srs-wrong`, for what cannot be a coordinate system whatever the data is */
function assertSrs(srs: string | undefined, format: string): void {
  // GeoJSON is lon, lat by its own rule.
  if (srs === undefined || format.toLowerCase() === 'geojson') return
  const fault = srsFault(srs, format)
  if (fault !== undefined) throw new SourceError('srs-wrong', fault)
}

interface Packed {
  readonly data: DataSource
  readonly conform: Conform
  readonly cache: Cache
}

/** @returns the file to read */
async function unpackData({ options, log }: Run, { data, conform, cache }: Packed): Promise<string> {
  const { folder, tell, signal } = options
  if (conform.format === undefined) throw new SourceError('format-missing', `${data.layer}/${data.name}`)
  tell({ stage: 'unpack' })
  const paths = await unpack(cache, data.compression, conform.file, { folder, tell, log: log.line, signal })
  const path = chooseFile(paths, conform.format, conform.file, cache.isEsri)
  if (!cache.isEsri) {
    assertLayer(path, conform.layer)
    assertSrs(conform.srs, conform.format)
  }
  log.line(`reading ${relative(folder, path)}`)
  return await withLowerCaseExtension(path)
}
