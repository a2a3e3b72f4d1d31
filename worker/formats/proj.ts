/**
 * The PROJ inside gdal3.js: GDAL compiled to WebAssembly, of which only the coordinates are used here.
 *
 * The package finds its files relative to the working directory and leaves a `location` behind in the
 * global scope; both are put right here, so that nobody else has to know.
 */
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

export interface Proj {
  /**
   * A transformation to EPSG:4326 of all x, then all y, in place; NaN where there is no such place.
   *
   * @returns what PROJ says against the definition, as a text, when it is not a good one
   */
  open(definition: string): ((xy: Float64Array) => void) | string
}

/** The few functions of the WebAssembly module that are used, as Emscripten names them. */
interface Module {
  readonly HEAPF64: Float64Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _OSRNewSpatialReference(wkt: number): number
  _OSRSetAxisMappingStrategy(srs: number, strategy: number): void
  _OCTNewCoordinateTransformation(source: number, target: number): number
  _OCTTransform(transformation: number, count: number, x: number, y: number, z: number): number
  ccall(name: string, returns: string, types: readonly string[], values: readonly unknown[]): unknown
}

interface InitOptions {
  readonly path: string
  readonly useWorker: false
  readonly logHandler: (text: string) => void
  readonly errorHandler: (text: string) => void
}

type Init = (options: InitOptions) => Promise<{ readonly Module: Module }>

/** x is east, whatever the authority says: OAMS_TRADITIONAL_GIS_ORDER of GDAL. */
const TRADITIONAL_ORDER = 0

const FLOAT64_BYTES = 8

let loading: Promise<Proj> | undefined

/** Load it once for this process: about a second, and 200 MB of memory. */
export function loadProj(): Promise<Proj> {
  loading ??= load()
  return loading
}

async function load(): Promise<Proj> {
  const require = createRequire(import.meta.url)
  const script = require.resolve('gdal3.js/node.js')
  const before = Object.getOwnPropertyDescriptor(globalThis, 'location')
  const init = require(script) as Init
  const { Module } = await init({
    path: relative(process.cwd(), join(dirname(script), 'dist/package')),
    useWorker: false,
    // What it prints is about points outside of a projection; those are counted by the readers.
    logHandler: () => {},
    errorHandler: () => {},
  })
  if (before === undefined) Reflect.deleteProperty(globalThis, 'location')
  else Object.defineProperty(globalThis, 'location', before)

  const target = reference(Module, 'EPSG:4326')
  return { open: (definition) => transformation(Module, definition, target) }
}

function transformation(module: Module, definition: string, target: number): ReturnType<Proj['open']> {
  const source = reference(module, definition)
  const pointer = source === 0 ? 0 : module._OCTNewCoordinateTransformation(source, target)
  if (pointer === 0) return String(module.ccall('CPLGetLastErrorMsg', 'string', [], []))
  return (xy) => transform(module, pointer, xy)
}

/** A pointer to a coordinate system; 0 when the definition is not one. It stays until the process ends. */
function reference(module: Module, definition: string): number {
  const srs = module._OSRNewSpatialReference(0)
  if (module.ccall('OSRSetFromUserInput', 'number', ['number', 'string'], [srs, definition]) !== 0) return 0
  module._OSRSetAxisMappingStrategy(srs, TRADITIONAL_ORDER)
  return srs
}

function transform(module: Module, pointer: number, xy: Float64Array): void {
  const count = xy.length / 2
  const memory = module._malloc(xy.length * FLOAT64_BYTES)
  try {
    module.HEAPF64.set(xy, memory / FLOAT64_BYTES)
    module._OCTTransform(pointer, count, memory, memory + count * FLOAT64_BYTES, 0)
    // The heap is asked for again: it moves when it grows.
    xy.set(module.HEAPF64.subarray(memory / FLOAT64_BYTES, memory / FLOAT64_BYTES + xy.length))
  } finally {
    module._free(memory)
  }
  // PROJ marks a point without a place by infinity in both coordinates.
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(xy[i]) && Number.isFinite(xy[count + i])) continue
    xy[i] = Number.NaN
    xy[count + i] = Number.NaN
  }
}
