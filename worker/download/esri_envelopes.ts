/**
 * Paging by place: the extent of the layer, and while a page is full, its four quarters.
 *
 * The last resort: rows on a border come several times, and rows without a place not at all.
 */
import { SourceError } from '../../shared/problem.ts'
import type { Extent } from './esri_layer.ts'
import { PAGE_PARAMS, type Plan, type Strategy, type Window } from './esri_window.ts'

/** A quarter of a quarter … so often: of the whole earth a metre is left. */
const DEPTH_MAX = 26

export const envelopes: Strategy = {
  name: 'envelopes',
  // Without ids nobody could tell which rows came twice.
  isOffered: ({ layer }) => layer.extent !== undefined && layer.idField !== undefined,
  plan: async ({ layer }): Promise<Plan> => {
    if (layer.extent === undefined) throw new SourceError('download-failed', 'the layer tells no extent')
    return { windows: [window(layer.extent, layer.pageRows, 0)], isById: false }
  },
}

function window(extent: Extent, rows: number, depth: number): Window {
  const parts = (): readonly Window[] =>
    depth === DEPTH_MAX ? [] : quarters(extent).map((quarter) => window(quarter, rows, depth + 1))
  const params = {
    geometry: JSON.stringify(extent),
    geometryType: 'esriGeometryEnvelope',
    spatialRel: 'esriSpatialRelIntersects',
    returnCountOnly: 'false',
    returnIdsOnly: 'false',
  }
  return {
    query: { method: 'GET', params: { ...params, ...PAGE_PARAMS } },
    rows,
    rest: ({ isExceeded, features }) => (isExceeded || features.length >= rows ? parts() : []),
    parts,
  }
}

function quarters({ xmin, ymin, xmax, ymax }: Extent): readonly Extent[] {
  const x = (xmin + xmax) / 2
  const y = (ymin + ymax) / 2
  return [
    { xmin, ymin, xmax: x, ymax: y },
    { xmin: x, ymin, xmax, ymax: y },
    { xmin, ymin: y, xmax: x, ymax },
    { xmin: x, ymin: y, xmax, ymax },
  ]
}
