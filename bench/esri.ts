/** ESRI pages from a local server: Machine's client against `curl`, which fetches the same pages and throws them away. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, start } from '../worker/system/spawn.ts'
import { type Measured, measure, median } from './measure.ts'

/** As many pages at once as the client asks for. */
const PARALLEL = 2

export interface EsriBench {
  /** Holds `esri_one.mjs` and `esri_server.mjs`. */
  readonly bundles: string
  readonly out: string
  readonly runs: number
  /** By name, what runs a program. */
  readonly runtimes: Readonly<Record<string, string>>
  readonly say: (line: string) => void
}

/** Measure with the server as it is, and with one that has every answer ready. */
export async function benchEsri(bench: EsriBench): Promise<void> {
  bench.say('\n| ESRI, 100 pages of 1,000, two at once | by | CPU s | wall s | wall to curl | floor |')
  bench.say('|---|---|---|---|---|---|')
  for (const mode of ['as it is', 'ready'])
    await withServer(bench, mode, (url) => benchServer(bench, mode, url))
}

async function withServer<T>(bench: EsriBench, mode: string, deed: (url: string) => Promise<T>): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const server = start(process.execPath, [join(bench.bundles, 'esri_server.mjs'), mode], {
    tether: true,
    onLine: resolve,
  })
  try {
    return await deed(await promise)
  } finally {
    await server.stop()
  }
}

async function benchServer(bench: EsriBench, mode: string, url: string): Promise<void> {
  const { runs, runtimes, bundles, out, say } = bench
  const machine = (runtime: string) =>
    measure(runtime, [join(bundles, 'esri_one.mjs'), `${url}/0`, join(out, 'esri'), String(PARALLEL)])
  await machine(process.execPath)
  const config = await curlConfig(url, out)

  const took: Record<string, Measured[]> = { curl: [] }
  // In turn, so that what else the computer does meets all.
  for (let i = 0; i < runs; i++) {
    const limit = ['--parallel', '--parallel-max', String(PARALLEL)]
    took['curl']!.push(await measure('curl', ['--silent', '--fail', ...limit, '--config', config]))
    for (const [name, runtime] of Object.entries(runtimes)) {
      took[name] ??= []
      took[name].push(await machine(runtime))
    }
  }
  const wallOf = (name: string) => median(took[name]!.map(({ wall }) => wall))
  for (const [name, all] of Object.entries(took)) {
    const cpu = median(all.map((each) => each.cpu)).toFixed(2)
    const ratio = name === 'curl' ? '' : `${(wallOf(name) / wallOf('curl')).toFixed(2)} ×`
    const floor = name === 'curl' ? '' : '1.3 ×'
    say(`| server ${mode} | ${name} | ${cpu} | ${wallOf(name).toFixed(2)} | ${ratio} | ${floor} |`)
  }
}

/** The pages that were asked for, as curl is told them. */
async function curlConfig(url: string, out: string): Promise<string> {
  const bodies = JSON.parse(await run('curl', ['--silent', '--fail', `${url}/asked`])) as string[]
  const path = join(out, 'pages.curl')
  await mkdir(out, { recursive: true })
  const pages = bodies.map(
    (body) => `url = "${url}/0/query"\ndata = ${JSON.stringify(body)}\noutput = "/dev/null"`,
  )
  await writeFile(path, `${pages.join('\nnext\n')}\n`)
  return path
}
