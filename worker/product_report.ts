/** What a product command has done, as people and as programs read it. */
import type { ProductError, ProductProblemCode } from '../shared/product_problem.ts'
import { countText, sizeText } from './process_picture.ts'

/** A file or a family of files, by what became of it. */
export interface ProductLine {
  readonly name: string
  readonly state: 'published' | 'unchanged' | 'planned' | 'empty'
  readonly sources: number
  readonly rows: number
  /** Absent where it is not made. */
  readonly bytes?: number
  readonly url?: string
}

/** Why one stays as it was. */
export interface ProductTrouble {
  readonly name: string
  readonly code: ProductProblemCode
  readonly message: string
  readonly advice: string
}

export interface ProductReport {
  readonly products: readonly ProductLine[]
  readonly problems: readonly ProductTrouble[]
  /** Address of the manifest that lists what is published now; null where none was made. */
  readonly manifest: string | null
}

/** A problem of one file. */
export function trouble(name: string, { code, message, advice }: ProductError): ProductTrouble {
  return { name, code, message, advice }
}

/** A table for people. */
export function reportLines({ products, problems, manifest }: ProductReport): string[] {
  const width = Math.max(0, ...products.map(({ name }) => name.length))
  return [
    ...products.map(({ name, state, sources, rows, bytes }) => {
      const size = bytes === undefined ? '' : `, ${sizeText(bytes)}`
      return `${name.padEnd(width)}  ${state.padEnd('published'.length)}  ${countText(sources)} ${sources === 1 ? 'source' : 'sources'}, ${countText(rows)} rows${size}`
    }),
    ...problems.map(
      ({ name, code, message, advice }) => `${name} is not published (${code}): ${message}. ${advice}`,
    ),
    ...(manifest === null ? [] : [`manifest: ${manifest}`]),
  ]
}
