/** The PROJ inside gdal3.js: GDAL compiled to WebAssembly, of which only the coordinates are used here. */
import { type GdalModule, loadGdal, relieve } from './gdal_module.ts'

export interface Proj {
  /**
   * A transformation to EPSG:4326 of all x, then all y, in place; NaN where there is no such place.
   *
   * @returns what PROJ says against the definition, as a text, when it is not a good one
   */
  open(definition: string): ((xy: Float64Array) => void) | string
}

/** The functions of GDAL's C interface that need no conversion of texts. */
interface Module extends GdalModule {
  _OSRNewSpatialReference(wkt: number): number
  _OSRSetAxisMappingStrategy(srs: number, strategy: number): void
  _OCTNewCoordinateTransformation(source: number, target: number): number
  _OCTTransform(transformation: number, count: number, x: number, y: number, z: number): number
}

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
  // What it prints is about points outside of a projection; those are counted by the readers.
  const module = (await loadGdal()) as Module
  const target = reference(module, 'EPSG:4326')
  return { open: (definition) => transformation(module, definition, target) }
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
  relieve()
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
