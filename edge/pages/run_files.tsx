/** What a run left: a picture, a sample, files, a log. */
import type { Run } from '../../shared/db/runs.ts'
import { size } from '../../shared/text.ts'

/** What a file is, by its name; the first that fits. */
const MEANINGS: readonly [name: RegExp, meaning: string][] = [
  [/^cache\b/, 'the data as it was downloaded'],
  [/^out\.geojson/, 'every row, a GeoJSON feature a line'],
  [/^output\.txt$/, 'the log'],
  [/^sample\.json$/, 'the first rows'],
  [/^diff\.ndjson/, 'rows that changed since the last accepted run'],
  [/^index\.(json|txt)$/, 'the state of the run, for programs'],
  [/^preview\.png$/, 'a picture of the rows on a map'],
  [/\.pmtiles$/, 'map tiles'],
  [/\.parquet$/, 'every row, as GeoParquet'],
  [/\.fgb$/, 'every row, as FlatGeobuf'],
  [/\.zip$/, 'every row as CSV, with licence and VRT'],
]

/** Up to here a cell stays on one line. */
const CELL_CHARS_MAX = 40

export interface RunFilesProps {
  readonly run: Run
}

/** Files stand where they were made: a run that reuses another's result has that one's. */
function addressOf({ id, copyOf }: Run, name: string): string {
  return `/runs/${copyOf ?? id}/${encodeURIComponent(name)}`
}

/** The picture of the rows, where one was made. */
export function Preview({ run }: RunFilesProps) {
  const found = run.result?.artifacts?.find(({ name }) => name === 'preview.png')
  if (found === undefined) return null
  return (
    <img
      class="preview"
      src={addressOf(run, found.name)}
      alt="The rows of this run on a map"
      loading="lazy"
    />
  )
}

/** The first rows. */
export function Sample({ sample }: Pick<Run, 'sample'>) {
  const [header, ...rows] = sample ?? []
  if (header === undefined) return null
  return (
    <>
      <h2>First rows</h2>
      <section class="wide" tabindex={0} aria-label="First rows">
        <table>
          <thead>
            <tr>
              {header.map((column) => (
                <th scope="col" dir="auto" class={widthOf(column)}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((cell) => (
                  <td dir="auto" class={widthOf(cell)}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

/** A text that would make a column too wide is wrapped. */
function widthOf(cell: string): 'long' | undefined {
  return cell.length > CELL_CHARS_MAX ? 'long' : undefined
}

/** The files, with what each is. */
export function Files({ run }: RunFilesProps) {
  const files = run.result?.artifacts ?? []
  if (files.length === 0) return null
  return (
    <section>
      <h2>Files</h2>
      <ul class="list files">
        {files.map(({ name, bytes }) => (
          <li>
            <a href={addressOf(run, name)}>
              <bdi>{name}</bdi>
            </a>{' '}
            <span class="quiet">{MEANINGS.find(([pattern]) => pattern.test(name))?.[1]}</span>{' '}
            <span class="numbers">{size(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The end of the log, and where all of it is. */
export function Log({ run }: RunFilesProps) {
  const tail = run.result?.logTail ?? ''
  if (tail === '') return null
  const isKept = run.result?.artifacts?.some(({ name }) => name === 'output.txt')
  return (
    <>
      <h2>Log</h2>
      <section class="wide log" tabindex={0} aria-label="Log">
        <pre dir="auto">{tail}</pre>
      </section>
      {isKept && (
        <p>
          <a href={addressOf(run, 'output.txt')}>The whole log</a>
        </p>
      )}
    </>
  )
}
