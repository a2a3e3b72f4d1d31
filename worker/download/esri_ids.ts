/**
 * Paging by object ids: the server lists all of them, and each window asks for a range of the list.
 *
 * The way that can be checked best: it is known which rows must come. Those that do not are asked for
 * once more, which helps where the server's limit is lower than it says.
 */
import { SourceError } from '../../shared/problem.ts'
import { numberOf } from './esri_json.ts'
import {
  chunks,
  pageQuery,
  type Plan,
  SMALLER,
  type Strategy,
  type Terrain,
  type Window,
} from './esri_window.ts'

/** The list, and the name of the field, which some servers tell only here. */
export interface IdList {
  readonly field: string
  /** Ascending. */
  readonly ids: readonly number[]
}

export const ids: Strategy = {
  name: 'ids',
  isOffered: () => true,
  plan: async (terrain): Promise<Plan> => {
    const list = await listIds(terrain)
    return {
      windows: windows(list, terrain.layer.pageRows),
      isById: true,
      rows: list.ids.length,
      idField: list.field,
    }
  },
}

/**
 * Ask for object ids.
 *
 * @throws {SourceError} when the server gives none, or does not say what they are called
 */
export async function listIds({ server, layer }: Terrain, where = '1=1'): Promise<IdList> {
  const answer = await server.query({ method: 'GET', params: { where, returnIdsOnly: 'true' } })
  const { objectIds, objectIdFieldName } = answer
  const field = layer.idField ?? (typeof objectIdFieldName === 'string' ? objectIdFieldName : undefined)
  if (!Array.isArray(objectIds)) throw new SourceError('download-failed', 'the server lists no object ids')
  if (field === undefined)
    throw new SourceError('download-failed', 'nothing names the field of the object ids')
  const numbers = objectIds.map(numberOf).filter((id) => id !== undefined)
  return { field, ids: [...new Set(numbers)].sort((a, b) => a - b) }
}

function* windows({ field, ids }: IdList, rows: number): Generator<Window> {
  for (const some of chunks(ids, rows)) yield window(field, some, false)
}

/** @param isSecond  these were asked for before and did not come */
function window(field: string, some: readonly number[], isSecond: boolean): Window {
  return {
    query: pageQuery({ where: `${field} >= ${some[0]} AND ${field} <= ${some.at(-1)}` }),
    rows: some.length,
    rest: ({ ids, features }) => {
      const came = new Set(ids.map(Number))
      const missing = some.filter((id) => !came.has(id))
      const isHopeless = missing.length === some.length && (isSecond || features.length === 0)
      return missing.length === 0 || isHopeless ? [] : [window(field, missing, true)]
    },
    parts: () => {
      const smaller = Math.ceil(some.length / SMALLER)
      return smaller < some.length ? [...windows({ field, ids: some }, smaller)] : []
    },
  }
}
