/**
 * The table of problems: every way in which a run can end without being good, under a stable code.
 *
 * A code never changes its meaning: it is stored with the run, shown on the page and in the check, and
 * counted in reports. `was` is the wording of the original's "source problem" field, kept for those who
 * read it; `null` where the original had no word for it.
 */

/** What is to be known of a problem, whatever its values. */
export interface ProblemKind {
  /** Whose fault: the source file's, the world's (a server, a network), or this house's. */
  readonly fault: 'source' | 'world' | 'ours'
  /** Whether the same run may well succeed later, unchanged. */
  readonly transient: boolean
  /** What went wrong, without values; the detail follows it after a colon. */
  readonly sentence: string
  /** What the reader can do about it. */
  readonly advice: string
  readonly was: string | null
}

const NO_DOWNLOAD = 'Could not download source data'
const NO_CONFORM = 'Could not conform source data'

/** Every problem, under its code. */
export const PROBLEMS = {
  'source-invalid': {
    fault: 'source',
    transient: false,
    sentence: 'The source file is not a valid source',
    advice: 'Correct the file at the place that is named and push again.',
    was: null,
  },
  'conform-missing': {
    fault: 'source',
    transient: false,
    sentence: 'The data source has no conform object',
    advice: 'Add a "conform" object that names the format and the columns.',
    was: 'Source is missing a conform object',
  },
  'unknown-protocol': {
    fault: 'source',
    transient: false,
    sentence: 'The protocol is not known',
    advice: 'Use "http", "ftp" or "ESRI".',
    was: 'Unknown source conform protocol',
  },
  'unknown-format': {
    fault: 'source',
    transient: false,
    sentence: 'The format is not known',
    advice: 'Use one of the formats that are named.',
    was: 'Unknown source conform format',
  },
  'format-missing': {
    fault: 'source',
    transient: false,
    sentence: 'The conform does not say in which format the data is',
    advice: 'Add "format" to the conform: csv, geojson, shapefile, gdb, gpkg or xml.',
    was: NO_CONFORM,
  },
  'unknown-compression': {
    fault: 'source',
    transient: false,
    sentence: 'The compression is not known',
    advice: 'Use "zip" or "gzip".',
    was: NO_CONFORM,
  },
  'unknown-function': {
    fault: 'source',
    transient: false,
    sentence: 'The conform calls a function that does not exist',
    advice: 'Use one of the attribute functions that are named.',
    was: NO_CONFORM,
  },
  'pattern-invalid': {
    fault: 'source',
    transient: false,
    sentence: 'A pattern of the conform cannot be used',
    advice: 'Correct the regular expression.',
    was: NO_CONFORM,
  },
  'acceptance-test-failed': {
    fault: 'source',
    transient: false,
    sentence: "One of the source's own acceptance tests failed",
    advice: 'Correct the conform, or what the test expects.',
    was: 'An acceptance test failed',
  },
  skipped: {
    fault: 'source',
    transient: false,
    sentence: 'The source says to skip it',
    advice: 'Remove "skip" when the source should run again.',
    was: 'Source says to skip',
  },
  'download-failed': {
    fault: 'world',
    transient: true,
    sentence: 'The data could not be downloaded',
    advice: 'Check the address in a browser; try again later.',
    was: NO_DOWNLOAD,
  },
  'download-not-found': {
    fault: 'source',
    transient: false,
    sentence: 'The data is not at its address',
    advice: 'Find the new address of the data and put it into "data".',
    was: NO_DOWNLOAD,
  },
  'download-blocked': {
    fault: 'world',
    transient: false,
    sentence: 'The server refuses to give the data',
    advice: 'Ask the publisher for access, or point "data" to a copy.',
    was: NO_DOWNLOAD,
  },
  'download-forbidden-address': {
    fault: 'source',
    transient: false,
    sentence: 'The address is not one that may be visited',
    advice: 'Use a public http, https or ftp address.',
    was: NO_DOWNLOAD,
  },
  'download-incomplete': {
    fault: 'world',
    transient: true,
    sentence: 'The download ended before its end',
    advice: 'Try again; tell the publisher if it stays.',
    was: NO_DOWNLOAD,
  },
  'download-timed-out': {
    fault: 'world',
    transient: true,
    sentence: 'The server did not answer in time',
    advice: 'Try again later.',
    was: NO_DOWNLOAD,
  },
  'download-server-error': {
    fault: 'world',
    transient: true,
    sentence: 'The server failed',
    advice: 'Try again later; tell the publisher if it stays.',
    was: NO_DOWNLOAD,
  },
  'download-not-data': {
    fault: 'world',
    transient: false,
    sentence: 'The server sent something that is not the data',
    advice: 'Open the address in a browser: it may show a notice or ask for a login.',
    was: NO_DOWNLOAD,
  },
  'token-required': {
    fault: 'world',
    transient: false,
    sentence: 'The server asks for a token',
    advice: 'Look for a public service of the same data.',
    was: 'Missing required ESRI token',
  },
  'archive-broken': {
    fault: 'world',
    transient: false,
    sentence: 'The archive cannot be opened',
    advice: 'Check the file and the "compression" tag.',
    was: NO_CONFORM,
  },
  'no-such-file': {
    fault: 'source',
    transient: false,
    sentence: 'The data has no such file',
    advice: 'Put one of the files that are there into "conform.file".',
    was: 'Found no features in source data',
  },
  'no-such-layer': {
    fault: 'source',
    transient: false,
    sentence: 'The data has no such layer',
    advice: 'Put one of the layers that are there into "conform.layer".',
    was: NO_CONFORM,
  },
  'no-such-column': {
    fault: 'source',
    transient: false,
    sentence: 'The data has no such column',
    advice: 'Use one of the columns that are there.',
    was: NO_CONFORM,
  },
  'encoding-wrong': {
    fault: 'source',
    transient: false,
    sentence: 'The text is not in the declared encoding',
    advice: 'Correct "conform.encoding".',
    was: NO_CONFORM,
  },
  'srs-missing': {
    fault: 'source',
    transient: false,
    sentence: 'Nothing says in which coordinate system the data is',
    advice: 'Add "srs" to the conform.',
    was: NO_CONFORM,
  },
  'srs-wrong': {
    fault: 'source',
    transient: false,
    sentence: 'The coordinates do not fit the coordinate system',
    advice: 'Correct "srs" in the conform, or add it.',
    was: NO_CONFORM,
  },
  'conform-failed': {
    fault: 'source',
    transient: false,
    sentence: 'The data could not be conformed',
    advice: 'Read the log of the run for the row and column.',
    was: NO_CONFORM,
  },
  'no-features': {
    fault: 'source',
    transient: false,
    sentence: 'There are no features in the data',
    advice: 'Check "file", "layer" and the format.',
    was: 'Found no features in source data',
  },
  'program-missing': {
    fault: 'ours',
    transient: false,
    sentence: 'A program that this data needs is not installed here',
    advice: 'Install it with the command that is named, and run the source again.',
    was: null,
  },
  'timed-out': {
    fault: 'ours',
    transient: false,
    sentence: 'The run took longer than it may',
    advice: 'Ask for a longer "timeout" if the data is that large.',
    was: null,
  },
  'disk-full': {
    fault: 'ours',
    transient: true,
    sentence: 'The disk of the worker is too small',
    advice: 'Run it again on a worker with more room.',
    was: null,
  },
  'worker-lost': {
    fault: 'ours',
    transient: true,
    sentence: 'The worker that had the run was lost',
    advice: 'Run it again; look at the memory of the worker if it stays.',
    was: null,
  },
  killed: {
    fault: 'ours',
    transient: true,
    sentence: 'The process of the run was killed',
    advice: 'Run it again; look at the memory of the worker if it stays.',
    was: null,
  },
  cancelled: {
    fault: 'ours',
    transient: false,
    sentence: 'The run was cancelled',
    advice: 'Run it again if it is wanted.',
    was: null,
  },
  internal: {
    fault: 'ours',
    transient: true,
    sentence: 'Machine itself failed',
    advice: 'Run it again; report it with the log if it stays.',
    was: null,
  },
} as const satisfies Record<string, ProblemKind>
