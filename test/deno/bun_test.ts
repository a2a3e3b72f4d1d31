/**
 * `bun:test` for Deno: as much of it as the tests of shared/ use, so that the same files run there.
 *
 * Source: node's test runner, which Deno has, and `expect`, whose matchers Bun's are.
 */
import { after, before, describe, it } from 'node:test'
import { expect } from 'expect'

type Deed = () => void | Promise<void>

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
