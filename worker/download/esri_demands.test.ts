/**
 * How ESRI servers misbehave, and which test of this room is of it: the index of what users met (demands A5, numbers 75
 * to 85) and of what else was seen. A line here without its test is a failure.
 */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FAULTS = 'esri_faults.test.ts'
const PAGING = 'esri_paging.test.ts'
const COUNT = 'esri_count.test.ts'
const TABLE = 'esri_table.test.ts'
const PACE = 'esri_pace.test.ts'

type Line = readonly [demand: number | null, behaviour: string, file: string, test: string]

const LINES: readonly Line[] = [
  [75, 'gives fewer rows than its limit says', PAGING, 'by offset, the server giving less than it says'],
  [75, 'gives fewer, and does not say that there are more', PAGING, 'by offset, less and in silence'],
  [75, 'gives one row at a time', PAGING, 'by offset, one row at a time'],
  [75, 'gives fewer to windows of ids', PAGING, 'by statistics, the server giving less than it says'],
  [75, 'gives fewer to lists of ids, in silence', PAGING, 'by ids, the server giving less in silence'],
  [76, 'brings fewer rows than it counted', COUNT, 'fewer rows than counted are refused, with both numbers'],
  [76, 'brings fewer rows than it listed', COUNT, 'fewer rows than the list of ids are refused as well'],
  [
    76,
    'brings more rows than it counted',
    COUNT,
    'more rows than counted are welcome: some were added since',
  ],
  [77, 'sends the same page for every offset', PAGING, 'the offset is passed over'],
  [
    77,
    'sends the same page for every condition',
    COUNT,
    'a service whose own condition overrides ours is refused',
  ],
  [77, 'has a condition of its own in its address', PACE, 'joins that of the paging by'],
  [77, 'sends rows of the page before', COUNT, 'pages that overlap are filled in by another way'],
  [77, 'has an object id twice', COUNT, 'an id that two rows have is taken once'],
  [77, 'sends a row on a border twice', PAGING, 'by envelopes takes a row on a border once'],
  [78, 'does not answer', FAULTS, 'no answer'],
  [78, 'answers 504', FAULTS, '504 for the metadata'],
  [78, 'answers 503 when it is to count', FAULTS, '503 for the count'],
  [78, 'breaks off within a page', FAULTS, 'a lost connection'],
  [78, 'bears small pages only', FAULTS, 'a server that bears only small pages, and says so'],
  [78, 'fails half-way', PACE, 'goes on where it was after a failure'],
  [78, 'is down for good', FAULTS, 'a server that is down is not asked for ever'],
  [78, 'says when to come back', FAULTS, 'Retry-After is obeyed'],
  [79, 'writes NaN for a coordinate', TABLE, 'the text NaN'],
  [79, 'writes null for a coordinate', TABLE, 'x = null'],
  [79, 'has a place at 0', TABLE, 'x = 0'],
  [79, 'leaves the geometry out', TABLE, 'nothing in it'],
  [79, 'sends a path with one vertex', TABLE, 'a path with one vertex'],
  [80, 'has null for its fields', TABLE, 'of the first feature, where the layer has no fields: null'],
  [80, 'has null for its fields, and no ids', COUNT, 'rows without ids are all taken'],
  [81, 'names the field of the object ids last', PAGING, 'the field of the ids is the last one'],
  [81, 'names it in the list of ids only', PAGING, 'the field of the ids is named only with the ids'],
  [82, 'rejects with a page of HTML and status 200', FAULTS, 'a rejection with status 200'],
  [82, 'sends a page of HTML for a while', FAULTS, 'a page of HTML'],
  [82, 'sends half of its JSON', FAULTS, 'half of its JSON'],
  [82, 'sends nothing', FAULTS, 'nothing'],
  [83, 'cannot count', PAGING, 'rows are not counted'],
  [83, 'refuses statistics that it offers', PAGING, 'statistics are refused though they are offered'],
  [83, 'refuses pagination that it offers', PAGING, 'pagination is refused though it is offered'],
  [83, 'sends an error with status 200', FAULTS, 'an error with status 200'],
  [83, 'sends an error without details', FAULTS, 'an error without details'],
  [83, 'sends an error that is a text', FAULTS, 'an error that is a text'],
  [83, 'sends an error that is a status', FAULTS, 'an error that is a status'],
  [83, 'says what is wrong', FAULTS, "the server's own words are told"],
  [84, 'is slow at listing ids', PAGING, 'by ids, as the order says'],
  [84, 'has ids that lie far apart', PAGING, 'by statistics is left alone where ids lie far apart'],
  [85, 'sends statistics without features', PAGING, 'statistics come without features'],
  [85, 'makes its statistics up', PAGING, 'statistics are made up'],
  [85, 'sends a page without features', FAULTS, 'no features'],
  [85, 'has null for the features of a page', FAULTS, 'features: null'],
  [null, 'wants a token', FAULTS, 'a token, by status'],
  [null, 'wants a token for pages only', FAULTS, 'a token, for pages'],
  [null, 'takes no POST', FAULTS, 'a server that takes no POST is asked by GET'],
  [null, 'moved', FAULTS, 'a POST that is redirected keeps its form'],
  [null, 'packs its pages', FAULTS, 'gzipped pages are fine'],
  [null, 'has a query in its address', TABLE, '/a/0?token=x'],
  [null, 'has the page for people in its address', TABLE, '/a/0/query?f=html'],
]

const BEHAVIOURS_MIN = 30

describe('an ESRI server', () => {
  for (const [demand, behaviour, file, name] of LINES) {
    test(`that ${behaviour} has a test${demand === null ? '' : ` (demand ${demand})`}`, () => {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8')
      // As the first words of a name in quotes.
      expect(["'", '"', '`'].some((quote) => text.includes(quote + name))).toBe(true)
    })
  }

  test('is known in each of the ways that users met', () => {
    const demands = [...new Set(LINES.map(([demand]) => demand))].filter((demand) => demand !== null)

    expect(demands.sort()).toEqual([75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85])
  })

  test(`is known in ${BEHAVIOURS_MIN} ways at least, each of them once`, () => {
    const behaviours = new Set(LINES.map(([, behaviour]) => behaviour))

    expect(behaviours.size).toBe(LINES.length)
    expect(new Set(LINES.map(([, , file, name]) => file + name)).size).toBe(LINES.length)
    expect(behaviours.size).toBeGreaterThanOrEqual(BEHAVIOURS_MIN)
  })
})
