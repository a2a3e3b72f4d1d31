/**
 * `machine process-one examples/sources/….json FOLDER`: an example is run on its own.
 *
 * Its places are invented, so the servers that have its data are played on this computer while it runs; all
 * else is the command as it is. In a terminal they send their data slowly enough to be watched.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { DATA_HOST, serveExamples } from '../test/standins/serve_examples.ts'
import { main } from '../worker/cli.ts'
import { inTemp } from '../worker/system/temp.ts'

/** The largest file takes eight seconds. */
const DRIP_BYTES_PER_SECOND = 80_000

process.exitCode = await runExample(process.argv.slice(2))

/** @returns the exit code */
async function runExample(argv: readonly string[]): Promise<number> {
  const drip = process.stderr.isTTY ? { dripBytesPerSecond: DRIP_BYTES_PER_SECOND } : {}
  const examples = await serveExamples(drip)
  try {
    return await inTemp('example', async (folder) => {
      const here = await Promise.all(argv.map((arg) => moved(arg, { folder, url: examples.addresses.url })))
      return main([...here, '--allow-private'])
    })
  } finally {
    await examples.close()
  }
}

/** An argument that is an example becomes a copy of it, which names the servers that are played. */
async function moved(arg: string, { folder, url }: { folder: string; url: string }): Promise<string> {
  const inside = relative(import.meta.dirname, resolve(arg))
  if (!/^sources[/\\].+\.json$/.test(inside)) return arg
  const path = join(folder, inside)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, (await readFile(arg, 'utf8')).replaceAll(DATA_HOST, url))
  return path
}
