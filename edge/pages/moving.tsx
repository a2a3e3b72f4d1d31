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
export function Moving({
  source: { progress },
}: {
  readonly source: { readonly progress: Progress | null }
}) {
  if (progress === null) return <p class="moving">Starting</p>
  const { stage, bytes, bytesTotal, rows, rowsPerSecond } = progress
  const isDownload = stage === 'download' && bytes !== undefined
  return (
    <div class="moving">
      <p>
        {STAGES[stage]}{' '}
        <span class="quiet numbers">
          {isDownload && size(bytes)}
          {isDownload && bytesTotal !== undefined && ` of ${size(bytesTotal)}`}
          {rows !== undefined && ` ${grouped(rows)} rows`}
          {rowsPerSecond !== undefined && `, ${grouped(Math.round(rowsPerSecond))} a second`}
        </span>
      </p>
      {isDownload && bytesTotal !== undefined && bytesTotal > 0 ? (
        <progress max={bytesTotal} value={Math.min(bytes, bytesTotal)}></progress>
      ) : (
        <progress></progress>
      )}
    </div>
  )
}
