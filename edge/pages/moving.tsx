/** Where a run stands: stage, a bar of what is downloaded, rows and their speed. */
import type { Progress } from '../../shared/run.ts'
import { grouped, size } from '../../shared/text.ts'

const STAGES: Readonly<Record<Progress['stage'], string>> = {
  download: 'Downloading',
  unpack: 'Unpacking',
  conform: 'Conforming',
  outputs: 'Writing outputs',
  publish: 'Publishing',
}

/** A run that works just now. */
export function Moving({ progress }: { readonly progress: Progress | null }) {
  const stage = progress === null ? 'Starting' : STAGES[progress.stage]
  const { bytes, bytesTotal } = progress?.stage === 'download' ? progress : {}
  const isMeasured = bytes !== undefined && bytesTotal !== undefined && bytesTotal > 0
  return (
    <div class="moving">
      <p>
        <span>{stage}</span> <span class="numbers">{progress === null ? '' : numbers(progress)}</span>
      </p>
      {isMeasured ? (
        <progress aria-label={stage} max={bytesTotal} value={Math.min(bytes, bytesTotal)}></progress>
      ) : (
        <progress aria-label={stage}></progress>
      )}
    </div>
  )
}

/** `1.2 MB of 4.8 MB`, `12,480 rows, 3,900 a second`; nothing where nothing is known yet. */
function numbers({ stage, bytes, bytesTotal, rows, rowsPerSecond }: Progress): string {
  if (stage === 'download' && bytes !== undefined && rows === undefined)
    return bytesTotal === undefined ? size(bytes) : `${size(bytes)} of ${size(bytesTotal)}`
  if (rows === undefined) return ''
  const speed = rowsPerSecond === undefined ? '' : `, ${grouped(Math.round(rowsPerSecond))} a second`
  return `${grouped(rows)} rows${speed}`
}
