import { describe, expect, test } from 'bun:test'
import { DEFAULT_SCHEDULE, isEntryName, nextStart } from './schedule.ts'

describe('nextStart', () => {
  const cases: [what: string, cron: string, zone: string, after: string, expected: string | undefined][] = [
    ['Monday and Friday', '0 21 * * 1,5', 'UTC', '2026-11-25T10:00:00Z', '2026-11-27T21:00:00Z'],
    ['strictly after', '0 21 * * 1,5', 'UTC', '2026-11-27T21:00:00Z', '2026-11-30T21:00:00Z'],
    ['every third day of the month', '0 15 */3 * *', 'UTC', '2026-11-25T16:00:00Z', '2026-11-28T15:00:00Z'],
    ['a nickname', '@hourly', 'UTC', '2026-11-25T10:12:00Z', '2026-11-25T11:00:00Z'],
    ['winter in Berlin', '0 9 * * *', 'Europe/Berlin', '2026-01-10T12:00:00Z', '2026-01-11T08:00:00Z'],
    ['summer in Berlin', '0 9 * * *', 'Europe/Berlin', '2026-07-10T12:00:00Z', '2026-07-11T07:00:00Z'],
    [
      'an hour that is skipped',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:00:00Z',
    ],
    [
      'an hour that comes twice',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:30:00Z',
    ],
    ['and not again', '30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    [
      'every hour of that night',
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
    ],
    ['a day that never comes', '0 0 31 2 *', 'UTC', '2026-11-25T10:00:00Z', undefined],
  ]
  for (const [what, cron, zone, after, expected] of cases)
    test(`knows ${what}`, () => {
      expect(nextStart(cron, zone, new Date(after))?.toISOString().replace('.000', '')).toBe(
        expected as string,
      )
    })

  const wrong: [cron: string, zone: string, message: string][] = [
    ['61 * * * *', 'UTC', '"61 * * * *" is no time: '],
    ['* * * * * *', 'UTC', '"* * * * * *" is no time: '],
    ['', 'UTC', '"" is no time: '],
    ['0 0 * * *', 'Mars/Olympus', 'there is no time zone "Mars/Olympus"'],
  ]
  for (const [cron, zone, message] of wrong)
    test(`refuses "${cron}" in ${zone}`, () => {
      expect(() => nextStart(cron, zone, new Date('2026-11-25T10:00:00Z'))).toThrow(message)
    })
})

describe('the default schedule', () => {
  test('has a name and a next time for each', () => {
    const after = new Date('2026-11-25T10:00:00Z')

    expect(DEFAULT_SCHEDULE.every(({ name }) => isEntryName(name))).toBe(true)
    expect(
      DEFAULT_SCHEDULE.map(
        ({ name, cron, zone }) => `${name} ${nextStart(cron, zone, after)?.toISOString().slice(0, 16)}`,
      ),
    ).toEqual([
      'enqueue-sources 2026-11-27T21:00',
      'collect-extracts 2026-11-25T15:00',
      'calculate-coverage 2026-11-25T15:00',
      'render-coverage 2026-11-25T18:00',
      'update-dotmap 2026-12-01T15:00',
      'index-tiles 2026-11-29T15:00',
      'sum-up-data 2026-11-25T11:00',
      'publish-manifest 2026-11-25T10:30',
    ])
  })
})
