/**
 * Paging by the range of object ids: the server tells the lowest and the highest, and each window asks
 * for so many numbers in between. Cheaper than the list of all ids, and only where they lie close together.
 */
import { SourceError } from '../../shared/problem.ts'
import { listIds } from './esri_ids.ts'
import { isObject, numberOf } from './esri_json.ts'
import { pageQuery, type Plan, SMALLER, type Strategy, type Terrain, type Window } from './esri_window.ts'

/** So many windows for each page of rows, and then the list of ids is cheaper. */
const SPARSE = 10

export const statistics: Strategy = {
  name: 'statistics',
  isOffered: ({ layer }) => layer.canStatistics && layer.idField !== undefined,
  plan: async (terrain): Promise<Plan> => {
    const field = terrain.layer.idField
    if (field === undefined)
      throw new SourceError('download-failed', 'nothing names the field of the object ids')
    const { min, max } = await range(terrain, field)
    const { pageRows } = terrain.layer
    const windowsMax = SPARSE * (1 + Math.ceil((terrain.count ?? max - min) / pageRows))
    if ((max - min) / pageRows > windowsMax) {
      throw new SourceError('download-failed', `the object ids lie too far apart, from ${min} to ${max}`)
    }
    return { windows: windows({ field, above: min - 1, to: max }, pageRows), isById: true }
  },
}

interface Range {
  readonly field: string
  readonly above: number
  readonly to: number
}

/** The lowest and the highest id, confirmed by asking for the two: some servers make statistics up. */
async function range(terrain: Terrain, field: string): Promise<{ min: number; max: number }> {
  const statistic = (type: string) => ({
    statisticType: type,
    onStatisticField: field,
    outStatisticFieldName: `THE_${type.toUpperCase()}`,
  })
  const outStatistics = JSON.stringify([statistic('min'), statistic('max')])
  const answer = await terrain.server.query({ method: 'GET', params: { outFields: '', outStatistics } })
  const first = Array.isArray(answer['features']) ? answer['features'][0] : undefined
  const attributes = isObject(first) && isObject(first['attributes']) ? first['attributes'] : {}
  // Some servers call the two by names of their own.
  const values = Object.values(attributes)
    .map(numberOf)
    .filter((value) => value !== undefined)
  const [min, max] = [Math.min(...values), Math.max(...values)]
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) {
    throw new SourceError('download-failed', 'the server tells no lowest and highest object id')
  }
  const { ids } = await listIds(terrain, `${field} = ${min} OR ${field} = ${max}`)
  const isConfirmed = min === max ? ids.length === 1 : ids.length === 2
  if (!isConfirmed || ids[0] !== min || ids.at(-1) !== max) {
    throw new SourceError('download-failed', `there is no row with the object id ${min} or ${max}`)
  }
  return { min, max }
}

function* windows({ field, above, to }: Range, rows: number): Generator<Window> {
  for (let start = above; start < to; start += rows) {
    yield window({ field, above: start, to: Math.min(to, start + rows) })
  }
}

function window(range: Range): Window {
  const { field, above, to } = range
  const rows = to - above
  const parts = (): readonly Window[] => {
    const smaller = Math.ceil(rows / SMALLER)
    return smaller < rows ? [...windows(range, smaller)] : []
  }
  return {
    query: pageQuery({ where: `${field} > ${above} AND ${field} <= ${to}` }),
    rows,
    rest: ({ isExceeded, features }) => (isExceeded && features.length < rows ? parts() : []),
    parts,
  }
}
