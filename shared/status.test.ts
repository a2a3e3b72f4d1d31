import { describe, expect, test } from 'bun:test'
import { type JudgedSource, jobStatus, type Status } from './status.ts'

const EXPANDED = { expandedAt: new Date('2026-11-25T10:00:00Z'), problemDetail: null }

function source(name: string, status: boolean | null): JudgedSource {
  return { sourcePath: 'sources/us/ca/berkeley.json', layer: 'addresses', name, status }
}

describe('jobStatus', () => {
  const cases: [name: string, sources: JudgedSource[], expected: Status][] = [
    ['has nothing to check without sources', [], { state: 'success', description: 'Nothing to check' }],
    [
      'is pending while one is open',
      [source('city', null), source('port', true)],
      { state: 'pending', description: 'Checking us/ca/berkeley addresses/city (1 of 2 done)' },
    ],
    [
      'is a failure as soon as one has failed',
      [source('city', false), source('port', null)],
      { state: 'failure', description: 'Failed on us/ca/berkeley addresses/city (1 of 2 done)' },
    ],
    [
      'is a success when all are good, and names two',
      [source('a', true), source('b', true), source('c', true)],
      {
        state: 'success',
        description: 'Succeeded on us/ca/berkeley addresses/a, us/ca/berkeley addresses/b and 1 more',
      },
    ],
    [
      'names a file that could not be read by its path',
      [{ sourcePath: 'sources/x.json', layer: '', name: '', status: false }],
      { state: 'failure', description: 'Failed on x (0 of 1 succeeded)' },
    ],
  ]
  for (const [name, sources, expected] of cases) {
    test(name, () => {
      expect(jobStatus(EXPANDED, sources)).toEqual(expected)
    })
  }

  test('is pending before the sources are known, and an error when they never will be', () => {
    expect(jobStatus({ expandedAt: null, problemDetail: null }, []).state).toBe('pending')
    expect(jobStatus({ expandedAt: null, problemDetail: 'GitHub answered 502' }, [])).toEqual({
      state: 'error',
      description: 'Could not read source files: GitHub answered 502',
    })
  })

  test('never has more than 140 characters, and cuts none in half', () => {
    const { description } = jobStatus(EXPANDED, [source('😀'.repeat(200), true)])

    expect([...description]).toHaveLength(140)
    expect(description.endsWith('😀…')).toBe(true)
  })
})
