/**
 * What can keep a product from being published: a code, what went wrong, and what its operator can do.
 *
 * Not among the problems of runs: no run is judged by these. A code never changes its meaning.
 */

/** Every reason, under its code; values follow the sentence after a colon. */
export const PRODUCT_PROBLEMS = {
  'run-file-missing': {
    sentence: 'A file of a run is not in storage',
    advice: 'Run the source again, then this command.',
  },
  'run-file-unreadable': {
    sentence: 'A file of a run could not be read',
    advice: 'Look at the storage and run this command again.',
  },
  'run-file-damaged': {
    sentence: 'A file of a run is not what the run left',
    advice: 'Run the source again, then this command.',
  },
  'rows-differ': {
    sentence: 'A file of a run has another number of rows than the run counted',
    advice: 'Run the source again, then this command.',
  },
  'far-smaller': {
    sentence: 'There is far less than in the one that is published',
    advice: 'Look at which sources are gone; if it is right, run this command again with --accept-smaller.',
  },
  'nothing-to-publish': {
    sentence: 'There is no run to make it of',
    advice: 'Run some sources on the default branch first.',
  },
  'disk-full': {
    sentence: 'The disk is too small for the temporary files',
    advice: 'Set TMPDIR to a folder with more room.',
  },
  'storage-failed': {
    sentence: 'The storage did not take a file',
    advice: 'Look at the storage and run this command again: what is there already is not made again.',
  },
} as const

/** A stable code such as `rows-differ`. */
export type ProductProblemCode = keyof typeof PRODUCT_PROBLEMS

/** A product cannot be published; the old one stays. */
export class ProductError extends Error {
  override readonly name = 'ProductError'
  readonly code: ProductProblemCode

  constructor(code: ProductProblemCode, detail: string, options?: ErrorOptions) {
    super(`${PRODUCT_PROBLEMS[code].sentence}: ${detail}`, options)
    this.code = code
  }

  /** What the operator can do. */
  get advice(): string {
    return PRODUCT_PROBLEMS[this.code].advice
  }
}
