/** Outputs as they are asked for on a command line. */
import { describe, expect, test } from 'bun:test'
import { askedOutputs } from './asked.ts'

describe('askedOutputs', () => {
  const cases: [name: string, only: string | undefined, skip: string | undefined, expected: string[]][] = [
    [
      'all without a word',
      undefined,
      undefined,
      ['geojson', 'zip', 'geoparquet', 'flatgeobuf', 'preview', 'slippymap'],
    ],
    ['those named, in their own order', 'preview, geojson', undefined, ['geojson', 'preview']],
    ['all but those skipped', undefined, 'preview,slippymap,zip', ['geojson', 'geoparquet', 'flatgeobuf']],
    ['those named and not skipped', 'zip,preview', 'zip', ['preview']],
  ]
  for (const [name, only, skip, expected] of cases) {
    test(`are ${name}`, () => expect(askedOutputs(only, skip) as string[]).toEqual(expected))
  }

  test('refuse a name that there is not, and say which there are', () => {
    expect(() => askedOutputs('picture', undefined)).toThrow(
      '--only: there is no output "picture"; there are geojson, zip, geoparquet, flatgeobuf, preview, slippymap',
    )
    expect(() => askedOutputs(undefined, 'zip,map')).toThrow('--skip: there is no output "map"')
  })

  test('refuse to make nothing', () => {
    expect(() => askedOutputs('zip', 'zip')).toThrow('nothing is left to make')
  })
})
