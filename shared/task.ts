/**
 * A task: one data source that waits to be run, as it lies in the queue `tasks`.
 *
 * Field names are the original's message fields; `layer` and `layersource` say which data source of
 * the file is meant.
 */
export interface Task {
  readonly job_id: string | null
  readonly set_id: number | null
  /** Source path: `sources/us/ca/berkeley.json`. */
  readonly name: string
  readonly layer: string
  readonly layersource: string
  /** Git blob sha of the file. */
  readonly file_id: string
  readonly commit_sha: string | null
  /** The file's bytes, base64. */
  readonly content_b64: string
  readonly render_preview: boolean
  /** True asks for a real run even where a recent good one could be reused. */
  readonly rerun: boolean
}
