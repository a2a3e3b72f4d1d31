/**
 * What `ogrinfo` says about the layers of a file: their names, columns and coordinate system.
 *
 * Its text is read because the GDAL of Debian 12 has no JSON for it yet.
 */

/** What is known of a layer before its features are read. */
export interface LayerFacts {
  readonly name: string
  readonly columns: readonly string[]
  /** Those of the columns that hold numbers with decimals. */
  readonly realColumns: readonly string[]
  /** Those that hold lists. */
  readonly listColumns: readonly string[]
  /** As GDAL calls it: `Point`, `3D Multi Polygon`, `Unknown (any)`. */
  readonly geometryType: string
  /** How many features GDAL counts. */
  readonly count: number
  /** WKT; undefined where the layer has none. */
  readonly srs: string | undefined
  /** For a person. */
  readonly srsName: string
}

/** `1: lake_man (title: …) (3D Point)`. */
const LAYER_LINE = /^(?:Layer: |\d+: )(.+?)(?: \(title: .*\))?(?: \([A-Za-z0-9 ,]+\))?$/

/** `ADDRESS: String(Boolean) (40.0) NOT NULL`. */
const COLUMN_LINE =
  /^(.+?): ((?:String|Integer64|Integer|Real)(?:List)?|DateTime|Date|Time|Binary)(?:\(\w+\))? \(\d+\.\d+\)/

const SRS_START = 'Layer SRS WKT:'
const SRS_END = /^(Data axis to CRS axis mapping|Coordinate epoch|Metadata|FID Column|Geometry Column)/

/** The names in the answer of `ogrinfo -q FILE`, in order. */
export function listLayers(answer: string): string[] {
  return answer.split('\n').flatMap((line) => LAYER_LINE.exec(line)?.[1] ?? [])
}

/** How many features there are, in the same answer. */
export function countIn(answer: string): number {
  return Number(/^Feature Count: (\d+)$/m.exec(answer)?.[1] ?? 0)
}

/** The facts in the answer of `ogrinfo -so FILE LAYER`. */
export function describeLayer(name: string, answer: string): LayerFacts {
  const lines = answer.split('\n')
  const start = lines.indexOf(SRS_START)
  const end = lines.findIndex(
    (line, index) => index > start && (SRS_END.test(line) || COLUMN_LINE.test(line)),
  )
  const wkt =
    start < 0
      ? ''
      : lines
          .slice(start + 1, end < 0 ? undefined : end)
          .join('\n')
          .trim()
  const srs = wkt === '' || wkt === '(unknown)' ? undefined : wkt
  const [, srsName = 'no coordinate system'] = /"([^"]*)"/.exec(srs ?? '') ?? []
  const columns = lines.slice(Math.max(end, 0)).flatMap((line) => {
    const [, column, type] = COLUMN_LINE.exec(line) ?? []
    return column === undefined ? [] : [{ column, isReal: type === 'Real', isList: type?.endsWith('List') }]
  })
  return {
    name,
    columns: columns.map(({ column }) => column),
    realColumns: columns.filter(({ isReal }) => isReal).map(({ column }) => column),
    listColumns: columns.filter(({ isList }) => isList).map(({ column }) => column),
    geometryType: /^Geometry: (.*)$/m.exec(answer)?.[1] ?? 'Unknown (any)',
    count: countIn(answer),
    srs,
    srsName,
  }
}
