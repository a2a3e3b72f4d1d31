/** The quality of a run's rows: counted beside the outputs, noted in the state and the log. */
import { join } from 'node:path'
import { attributesOf } from '../shared/layer.ts'
import { countRepeats } from '../shared/quality/duplicates.ts'
import type { Quality, QualityFinding } from '../shared/quality/finding.ts'
import { readLimits } from '../shared/quality/limits.ts'
import { openQuality } from '../shared/quality/quality.ts'
import type { DataSource } from '../shared/source.ts'
import { percent } from '../shared/text.ts'
import { outlineOfCoverage } from './coverage_outline.ts'
import type { Lines } from './outputs/output.ts'
import type { Run } from './process_run.ts'
import { openSpill, PARTS } from './system/spill.ts'

/** Keys of rows that do not fit into memory, in the folder of the run while it goes on. */
export const QUALITY_PART = 'quality.part'

/** Counts the rows of one run. Either `finish` or `abandon` ends it. */
export interface RunQuality {
  see(lines: Lines): void
  finish(): void
  abandon(): void
}

/** Begin to count. */
export async function openRunQuality(
  run: Run,
  { layer, conform, coverage, entry }: DataSource,
): Promise<RunQuality> {
  const { limits, faults } = readLimits(entry['quality'])
  for (const fault of faults) run.log.line(`warning: ${fault}; it is passed over`)
  const spill = openSpill(join(run.options.folder, QUALITY_PART), 2)
  const counter = openQuality({
    layer,
    mapped: attributesOf(layer).filter((name) => isMapped(conform?.[name])),
    outline: await outlineOfCoverage(coverage),
    limits,
    sink(a, b) {
      const at = spill.room(a & (PARTS - 1))
      spill.numbers[at] = a
      spill.numbers[at + 1] = b
    },
  })

  return {
    see: ({ bytes }) => counter.see(bytes),

    finish(): void {
      let repeats = 0
      for (let part = 0; part < PARTS; part++) repeats += countRepeats(spill.part(part))
      spill.close()
      run.state.quality = counter.finish(repeats)
      logQuality(run, run.state.quality)
    },

    abandon: () => spill.close(),
  }
}

/** An empty text maps nothing; sources use it to say so. */
function isMapped(mapped: unknown): boolean {
  return mapped !== undefined && mapped !== null && mapped !== ''
}

function logQuality({ log }: Run, { findings }: Quality): void {
  for (const finding of findings)
    if (finding.severity !== 'info') log.line(`${finding.severity}: ${said(finding)}`)
}

function said({ code, attribute, count, of, share, limit, sentence, examples }: QualityFinding): string {
  const what = attribute === null ? code : `${code} of ${attribute}`
  const percents = `${percent(share)}, limit ${percent(limit ?? 0)}`
  const example = examples.length === 0 ? '' : `; such as ${examples[0]}`
  return `${what}: ${count} of ${of} ${sentence} (${percents})${example}`
}
