/**
 * `bun:test` for Deno: as much of it as the tests of shared/ use, so that the same files run there.
 *
 * Source: node's test runner, which Deno has, and `expect`, whose matchers Bun's are.
 */
import { after, before, describe, it } from 'node:test'
import { expect } from 'expect'

type Deed = () => void | Promise<void>

/** Matchers of Bun that `expect` has not. */
expect.extend({
  toStartWith: (actual: unknown, start: string) =>
    verdict(`${actual}`.startsWith(start), `start with ${start}`),
  toEndWith: (actual: unknown, end: string) => verdict(`${actual}`.endsWith(end), `end with ${end}`),
  toBeWithin: (actual: unknown, from: number, below: number) =>
    verdict(Number(actual) >= from && Number(actual) < below, `be from ${from} to below ${below}`),
})

function verdict(pass: boolean, what: string) {
  return { pass, message: () => `expected it ${pass ? 'not ' : ''}to ${what}` }
}

/** A test; with `skipIf` one that is not run where its ground is missing. */
export const test = Object.assign((name: string, deed: Deed, _ms?: number) => void it(name, deed), {
  skipIf: (isSkipped: boolean) => (name: string, deed: Deed) => void it(name, { skip: isSkipped }, deed),
  skip: (name: string, deed: Deed) => void it(name, { skip: true }, deed),
})

/** Tests under one name. */
const group = Object.assign((name: string, deed: Deed) => void describe(name, deed), {
  skipIf: (isSkipped: boolean) => (name: string, deed: Deed) =>
    void describe(name, { skip: isSkipped }, deed),
  skip: (name: string, deed: Deed) => void describe(name, { skip: true }, deed),
})

export { after as afterAll, before as beforeAll, expect, group as describe }
