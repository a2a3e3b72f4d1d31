/**
 * gdal3.js: GDAL and PROJ compiled to WebAssembly, loaded once for a process.
 *
 * The package finds its files relative to the working directory and leaves a `location` behind in the
 * global scope; both are put right here, so that nobody else has to know.
 */
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** What is used of the module, as Emscripten names it. */
export interface GdalModule {
  readonly HEAPF64: Float64Array
  readonly HEAPU32: Uint32Array
  readonly NODEFS: unknown
  readonly FS: {
    mkdir(path: string): void
    mount(type: unknown, options: { readonly root: string }, path: string): void
  }
  _malloc(bytes: number): number
  _free(pointer: number): void
  lengthBytesUTF8(text: string): number
  stringToUTF8(text: string, pointer: number, bytesMax: number): void
  ccall(name: string, returns: string | null, types: readonly string[], values: readonly unknown[]): unknown
}

interface InitOptions {
  readonly path: string
  readonly useWorker: false
  readonly logHandler: (text: string) => void
  readonly errorHandler: (text: string) => void
}

type Init = (options: InitOptions) => Promise<{ readonly Module: GdalModule }>

let loading: Promise<GdalModule> | undefined

/** So often, garbage of Bun is collected: 10 batches leave 20 to 50 MB, and collecting takes 5 ms. */
const RELIEF_CALLS = 10

let calls = 0

/**
 * To be called once a batch by who uses it. Bun counts the memory of WebAssembly, 500 MB of which most is never
 * touched, as its own, and so lets hundreds of MB of garbage pile up before it looks after it.
 */
export function relieve(): void {
  calls++
  if (calls % RELIEF_CALLS !== 0) return
  const { Bun } = globalThis as { readonly Bun?: { gc(waits: boolean): void } }
  Bun?.gc(true)
}

/**
 * Load it: about a second, and 200 MB of memory.
 *
 * @param onError  told of what GDAL says on standard error; only the first caller's is kept
 */
export function loadGdal(onError: (text: string) => void = () => {}): Promise<GdalModule> {
  loading ??= load(onError)
  return loading
}

async function load(onError: (text: string) => void): Promise<GdalModule> {
  const require = createRequire(import.meta.url)
  const script = require.resolve('gdal3.js/node.js')
  const before = Object.getOwnPropertyDescriptor(globalThis, 'location')
  const init = require(script) as Init
  const { Module } = await init({
    path: relative(process.cwd(), join(dirname(script), 'dist/package')),
    useWorker: false,
    logHandler: () => {},
    errorHandler: onError,
  })
  if (before === undefined) Reflect.deleteProperty(globalThis, 'location')
  else Object.defineProperty(globalThis, 'location', before)
  return Module
}
