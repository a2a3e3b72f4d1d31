/**
 * `preview.png`: the rows of a run as a small picture. It is drawn in worker/render, which this room does
 * not know: the run hands the drawing in.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Geometry } from '../../shared/row.ts'
import { artifact, type Leaving, type Made, type Output, type OutRow } from './output.ts'

export const PREVIEW_PNG = 'preview.png'

/** What the picture is made of while rows come. */
const SCRATCH = 'preview.part'

/** Draws a picture of geometries. */
export interface Drawing {
  add(geometries: readonly (Geometry | null)[]): Promise<void>
  /** @returns what stands in the way of a picture; undefined when it is drawn */
  draw(path: string): Promise<string | undefined>
  close(): Promise<void>
}

export function preview({ folder, log, draws }: Leaving): Output {
  const path = join(folder, PREVIEW_PNG)
  const drawing = draws(join(folder, SCRATCH))
  let count = 0

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      count += rows.length
      await drawing.add(rows.map(({ feature }) => feature.geometry))
    },

    async close(): Promise<Made> {
      const obstacle = await drawing.draw(path)
      await drawing.close()
      if (obstacle === undefined)
        return { artifacts: [await artifact(folder, PREVIEW_PNG, 'image/png')], rows: count }
      log(`no ${PREVIEW_PNG}: ${obstacle}`)
      return { artifacts: [], rows: count }
    },

    async abandon(): Promise<void> {
      await drawing.close().catch(() => {})
      await rm(path, { force: true })
    },
  }
}
