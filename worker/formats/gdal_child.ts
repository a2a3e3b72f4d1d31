/**
 * The program that is started where no GDAL is installed: one conversion by gdal3.js, and it ends.
 *
 *     gdal_child.ts '{"path": "/data/a.gdb", "layer": 0, "isXml": false, "folder": "/tmp/x", "target": "/tmp/x"}'
 *
 * It prints one line of JSON: what came of it, or the problem of the source.
 */
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import type { ChildAnswer } from './gdal.ts'
import { INPUT, OUTPUT, wasmGdal } from './gdal_wasm.ts'
import { type Converted, convertLayer, type ConvertTask } from './ogr_convert.ts'

async function answerTo(task: ConvertTask): Promise<ChildAnswer<Converted>> {
  try {
    await refuseKml(task.path)
    const gdal = await wasmGdal({ input: dirname(task.path), output: task.folder })
    const inside = { ...task, path: `${INPUT}/${basename(task.path)}`, target: OUTPUT }
    return { done: await convertLayer(gdal, inside, new AbortController().signal) }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return { problem: error.problem }
  }
}

/** The KML of WebAssembly has names and descriptions only; what sources map stands in the extended data. */
async function refuseKml(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      .catch(() => NOTHING)
    if (!/<kml[\s>]/i.test(buffer.toString('latin1', 0, bytesRead))) return
  } finally {
    await file.close()
  }
  const detail = 'ogr2ogr (GDAL) reads KML; install it with: apt-get install gdal-bin'
  throw new SourceError('program-missing', detail)
}

/** Enough for an XML declaration, comments and the first tag. */
const HEAD_BYTES = 4_096

/** What is read of a folder: a file geodatabase. */
const NOTHING = { buffer: Buffer.alloc(0), bytesRead: 0 }

const answer = await answerTo(JSON.parse(process.argv[2] ?? '{}') as ConvertTask)
process.stdout.write(`${JSON.stringify(answer)}\n`)
