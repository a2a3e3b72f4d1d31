/**
 * The difference of two runs, row by row, in memory that does not grow with them but for a byte a row.
 *
 *     rows ─► records of 20 bytes, spilled by what they say ─► the same, or moved
 *                   what is left, spilled by where it is    ─► edited, or else added and removed
 *
 * Rows count as often as they are there: of three that are the same before and two now, one is removed.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SEED_A, SEED_B, seedOf, stir } from '../../shared/content_id.ts'
import type { RunDiff } from '../../shared/diff.ts'
import type { LayerName } from '../../shared/layer.ts'
import { lineReader } from '../../shared/quality/line_reader.ts'
import { openSpill, PARTS, type Spill } from '../system/spill.ts'
import { type Key, openSide, pair, RECORD, type Side } from './pair.ts'
import { layerOf, readPieces } from './read_rows.ts'

/** What became of a row. */
export const FATES = { unchanged: 0, alone: 1, moved: 2, edited: 3 } as const

/** A difference, with the fate of each row of both files, in their order. */
export interface Difference {
  readonly layer: LayerName
  readonly counts: RunDiff
  readonly before: Uint8Array
  readonly now: Uint8Array
}

/**
 * Compare two files of rows, `out.geojson` or `out.geojson.gz`.
 *
 * @param scratch  a folder for the time being, made and removed
 * @throws {Error} when they are of two layers, or not written by this house
 */
export async function diffFiles(before: string, now: string, scratch: string): Promise<Difference> {
  const layer = await commonLayer(before, now)
  const spills = ['before', 'now'].map((name) => openSpill(join(scratch, name), RECORD.width)) as [
    Spill,
    Spill,
  ]
  const rests = ['before-rest', 'now-rest'].map((name) => openSpill(join(scratch, name), RECORD.width)) as [
    Spill,
    Spill,
  ]
  try {
    const rows = [await spillRows(before, layer, spills[0]), await spillRows(now, layer, spills[1])] as const
    const fates = rows.map((count) => new Uint8Array(count).fill(FATES.alone)) as [Uint8Array, Uint8Array]
    pairParts(layer, { spills, rests, fates })
    return { layer, counts: countsOf(fates), before: fates[0], now: fates[1] }
  } finally {
    for (const spill of [...spills, ...rests]) spill.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function commonLayer(before: string, now: string): Promise<LayerName> {
  const layers = await Promise.all(
    [before, now].map(async (path) => {
      for await (const piece of readPieces(path)) return layerOf(piece)
      return undefined
    }),
  )
  const [one, other] = layers
  const layer = one ?? other
  if (layer === undefined || (one !== other && one !== undefined && other !== undefined))
    throw new Error(`${before} and ${now} are not rows of one layer`)
  return layer
}

/** @returns how many rows there are */
async function spillRows(path: string, layer: LayerName, spill: Spill): Promise<number> {
  const reader = lineReader(layer)
  const { numbers } = spill
  for await (const piece of readPieces(path)) {
    reader.read(piece, ({ what, where, number }) => {
      const first = stir(what.a)
      const at = spill.room(first & (PARTS - 1))
      numbers[at] = first
      numbers[at + 1] = stir(what.b)
      numbers[at + 2] = stir(where.a)
      numbers[at + 3] = stir(where.b)
      numbers[at + 4] = number - 1
    })
  }
  return reader.view.number
}

interface Pairing {
  readonly spills: readonly [Spill, Spill]
  readonly rests: readonly [Spill, Spill]
  readonly fates: readonly [Uint8Array, Uint8Array]
}

function pairParts(layer: LayerName, { spills, rests, fates }: Pairing): void {
  const fate = (code: number) => (rowBefore: number, rowNow: number) => {
    fates[0][rowBefore] = code
    fates[1][rowNow] = code
  }
  const seed = seedOf(layer)
  const whole: Key = { from: RECORD.what, length: 4 }
  // A row that says nothing, or is nowhere, is like every other such row, and has not become one of them.
  const what: Key = { from: RECORD.what, length: 2, nothing: [stir(seed.a), stir(seed.b)] }
  const where: Key = { from: RECORD.where, length: 2, nothing: [stir(SEED_A), stir(SEED_B)] }

  for (let part = 0; part < PARTS; part++) {
    const sides = spills.map((spill) => openSide(spill.part(part))) as [Side, Side]
    pair(...sides, whole, fate(FATES.unchanged))
    pair(...sides, what, fate(FATES.moved))
    keepRest(sides[0], rests[0])
    keepRest(sides[1], rests[1])
  }
  for (let part = 0; part < PARTS; part++) {
    const sides = rests.map((rest) => openSide(rest.part(part))) as [Side, Side]
    pair(...sides, where, fate(FATES.edited))
  }
}

function keepRest({ records, isFree }: Side, rest: Spill): void {
  for (let at = 0; at < isFree.length; at++) {
    if (isFree[at] === 0) continue
    const start = at * RECORD.width
    const room = rest.room(records[start + RECORD.where]! & (PARTS - 1))
    for (let index = 0; index < RECORD.width; index++) rest.numbers[room + index] = records[start + index]!
  }
}

function countsOf([before, now]: readonly [Uint8Array, Uint8Array]): RunDiff {
  const count = (fates: Uint8Array) => {
    const counts = [0, 0, 0, 0] as [number, number, number, number]
    for (const fate of fates) counts[fate]! += 1
    return counts
  }
  const [unchanged, removed, moved, edited] = count(before)
  const [, added] = count(now)
  return {
    before: before.length,
    now: now.length,
    added,
    removed,
    changed: moved + edited,
    moved,
    edited,
    unchanged,
  }
}
