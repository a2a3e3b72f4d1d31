/**
 * GDAL in WebAssembly, called as its programs are: the same options, the same text.
 *
 * Folders of this machine are mounted, so that files are read and written where they are. A few formats
 * are missing: KML with its extended data (LIBKML) is the one that sources use.
 */
import { SourceError } from '../../shared/problem.ts'
import type { Gdal } from './gdal.ts'
import { type GdalModule, loadGdal } from './gdal_module.ts'

/** GDAL_OF_VECTOR: pictures are not asked for. */
const OPEN_VECTOR = 4

/** CE_Failure; what is below are warnings. */
const FAILURE = 3

const POINTER_BYTES = 4

/** Where the folders of this machine are seen; gdal3.js itself has made both. */
export const INPUT = '/input'
export const OUTPUT = '/output'

/** Which folders of this machine it may see. */
export interface Mounts {
  /** Seen as `INPUT`. */
  readonly input: string
  /** Seen as `OUTPUT`. */
  readonly output: string
}

export async function wasmGdal({ input, output }: Mounts): Promise<Gdal> {
  let said: string[] = []
  const module = await loadGdal((line) => said.push(line))
  module.FS.mount(module.NODEFS, { root: input }, INPUT)
  module.FS.mount(module.NODEFS, { root: output }, OUTPUT)

  function failed(what: string): SourceError {
    const message =
      said.filter((line) => !line.startsWith('Warning')).join(' ') || lastError(module) || 'no reason given'
    return new SourceError('conform-failed', `${what}: ${message.trim()}`)
  }

  /** Open a file for one deed; the options that GDAL takes before it opens anything are set first. */
  function withFile<T>(
    options: readonly string[],
    path: string,
    deed: (file: number, rest: string[]) => T,
  ): T {
    said = []
    const { configs, openOptions, rest } = sorted(options)
    for (const [name, value] of configs)
      call(module, 'CPLSetConfigOption', ['string', 'string'], [name, value])
    call(module, 'CPLErrorReset', [], [])
    const opening = texts(module, openOptions)
    const types = ['string', 'number', 'number', 'number', 'number']
    const file = call(module, 'GDALOpenEx', types, [path, OPEN_VECTOR, 0, opening, 0])
    if (file === 0) throw failed('GDAL cannot open it')
    try {
      return deed(file, rest)
    } finally {
      call(module, 'GDALClose', ['number'], [file])
      for (const [name] of configs) call(module, 'CPLSetConfigOption', ['string', 'number'], [name, 0])
    }
  }

  return {
    async info(options, path, layer) {
      return withFile(options, path, (file, rest) => {
        const args = texts(module, [...rest, path, ...(layer === undefined ? [] : [layer])])
        const how = call(module, 'GDALVectorInfoOptionsNew', ['number', 'number'], [args, 0])
        return String(module.ccall('GDALVectorInfo', 'string', ['number', 'number'], [file, how]))
      })
    },

    async translate(options, target, path, layer) {
      withFile(options, path, (file, rest) => {
        const args = texts(module, [...rest, ...(layer === undefined ? [] : [layer])])
        const how = call(module, 'GDALVectorTranslateOptionsNew', ['number', 'number'], [args, 0])
        const files = module._malloc(POINTER_BYTES)
        module.HEAPU32[files / POINTER_BYTES] = file
        const types = ['string', 'number', 'number', 'number', 'number', 'number']
        const made = call(module, 'GDALVectorTranslate', types, [target, 0, 1, files, how, 0])
        if (made === 0) throw failed('GDAL cannot convert it')
        call(module, 'GDALClose', ['number'], [made])
        if (call(module, 'CPLGetLastErrorType', [], []) >= FAILURE) throw failed('GDAL cannot convert it')
      })
    },
  }
}

/** What GDAL wants to know before it opens a file, apart from the rest. */
function sorted(options: readonly string[]) {
  const configs: (readonly [name: string, value: string])[] = []
  const openOptions: string[] = []
  const rest: string[] = []
  for (let index = 0; index < options.length; index++) {
    const [option = '', first = '', second = ''] = options.slice(index)
    if (option === '--config') configs.push([first, second])
    else if (option === '-oo') openOptions.push(first)
    else rest.push(option)
    index += { '--config': 2, '-oo': 1 }[option] ?? 0
  }
  return { configs, openOptions, rest }
}

/** A list of texts as C has it; it stays until the process ends, which is soon. */
function texts(module: GdalModule, list: readonly string[]): number {
  const pointers = list.map((text) => {
    const bytes = module.lengthBytesUTF8(text) + 1
    const pointer = module._malloc(bytes)
    module.stringToUTF8(text, pointer, bytes)
    return pointer
  })
  const start = module._malloc((pointers.length + 1) * POINTER_BYTES)
  module.HEAPU32.set([...pointers, 0], start / POINTER_BYTES)
  return start
}

function call(
  module: GdalModule,
  name: string,
  types: readonly string[],
  values: readonly unknown[],
): number {
  return Number(module.ccall(name, 'number', types, values))
}

function lastError(module: GdalModule): string {
  return String(module.ccall('CPLGetLastErrorMsg', 'string', [], []))
}
