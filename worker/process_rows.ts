/**
 * The step between readers and outputs: each feature of the data becomes a row of the layer.
 *
 *     feature ─► point on surface (addresses) ─► text for the hash ─► conform ─► line
 *
 * A row that cannot be conformed is counted with its reason and one example, and the next one is
 * taken: one bad row never ends a run.
 */
import type { Conformer } from '../shared/conform/conform.ts'
import { assertFinite } from '../shared/conform/finite.ts'
import { rowHash } from '../shared/conform/hash.ts'
import { outText } from '../shared/conform/out_text.ts'
import { RowError } from '../shared/conform/row_error.ts'
import { GeometryError } from '../shared/geometry/geometry_error.ts'
import { geosWkt } from '../shared/geometry/geos_wkt.ts'
import { interiorPoint } from '../shared/geometry/interior_point.ts'
import { ogrWkt } from '../shared/geometry/ogr_wkt.ts'
import { roundAsWritten, roundGeometry } from '../shared/geometry/round.ts'
import type { Feature, Row, WorkingRow } from '../shared/row.ts'
import { sha1Hex } from './engine/sha1.ts'
import type { OutRow } from './outputs/output.ts'
import { countBad, countWritten, type Tally } from './outputs/tally.ts'

export interface RowStep {
  readonly conformer: Conformer
  readonly fingerprint: string
  /** The data came from an ESRI server: it has been text of GEOS once, and other layers keep that. */
  readonly isEsri: boolean
  readonly tally: Tally
}

/** How the reason begins for rows that lack a column; its name follows. */
export const NO_COLUMN = 'has no column'

/** As much of a bad row as a person needs to find it. */
const EXAMPLE_CHARS_MAX = 200

/** The conform of a batch, as a function from features to rows. */
export function rowStep({
  conformer,
  fingerprint,
  isEsri,
  tally,
}: RowStep): (batch: readonly Feature[]) => OutRow[] {
  const isAddresses = conformer.layer === 'addresses'
  const isGeos = isEsri && !isAddresses
  const text = isGeos ? geosWkt : ogrWkt
  // The reference rounds what it reads from that text, so digits beyond the fifteenth count for nothing.
  const round = isGeos ? roundGeometry : roundAsWritten
  const hash = (row: WorkingRow) => rowHash(sha1Hex, fingerprint, row)

  function conformed({ row, geometry }: Feature): OutRow {
    const place = geometry !== null && isAddresses ? interiorPoint(geometry) : geometry
    if (place !== null) assertFinite(place)
    const wkt = place === null ? '' : text(place)
    const feature = conformer.apply({ row, geometry: place === null ? null : round(place) }, wkt, hash)
    return { feature, line: outText(feature) }
  }

  return (batch) => {
    const rows: OutRow[] = []
    for (const feature of batch) {
      tally.geometryType ??= feature.geometry?.type ?? null
      try {
        const row = conformed(feature)
        countWritten(tally, row.feature)
        rows.push(row)
      } catch (error) {
        if (!countFault(tally, error, () => feature.row)) throw error
      }
    }
    return rows
  }
}

/** Count a row that cannot be conformed; false when the fault is not its own. */
export function countFault({ dropped }: Tally, error: unknown, row: () => Row): boolean {
  const reason = faultOf(error)
  if (reason === undefined) return false
  const example = dropped.has(reason) ? '' : JSON.stringify(row()).slice(0, EXAMPLE_CHARS_MAX)
  countBad(dropped, reason, example)
  return true
}

/** Why a row is bad, in words that are the same for the same fault; undefined when the fault is ours. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof GeometryError) return `has a geometry that cannot be used (${error.fault})`
  if (!(error instanceof RowError)) return undefined
  return error.fault === 'no-such-column'
    ? `${NO_COLUMN} "${error.detail}"`
    : 'has a coordinate that is not a number'
}
