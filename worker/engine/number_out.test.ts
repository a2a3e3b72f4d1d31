import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { floatText } from '../../shared/conform/python.ts'
import { ogrOrdinate } from '../../shared/geometry/ogr_number.ts'
import { ordinateAsWritten } from '../../shared/geometry/round.ts'
import { type Desk, openDesk } from './desk.ts'
import { putDegrees, putOgrOrdinate } from './number_out.ts'

/** Numbers as data has them: any double, degrees, short decimals, halves, and their neighbours. */
const ordinate = fc.oneof(
  fc.double(),
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc
    .tuple(fc.integer({ min: -18e8, max: 18e8 }), fc.integer({ min: 0, max: 9 }))
    .map(([n, d]) => n / 10 ** d),
  fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(-1, 0, 1)).map(([n, by]) => {
    const half = (n + 0.5) / 1e7
    return half + by * half * 2 ** -52
  }),
  fc.integer({ min: -46080, max: 46080 }).map((n) => n / 256),
  fc.constantFrom(0, -0, 1, -1, 999.9999999999999, 1e6, 1e-4, 9.99999e-5, Infinity),
)

describe('an ordinate', () => {
  test('is put into WKT as its text says', () => {
    fc.assert(
      fc.property(ordinate, (x) => {
        expect(put((desk) => putOgrOrdinate(desk, x))).toBe(ogrOrdinate(x))
      }),
      { numRuns: 20_000 },
    )
  })

  test('is put into the output as Python prints it', () => {
    fc.assert(
      fc.property(ordinate, (x) => {
        expect(put((desk) => putDegrees(desk, x, ordinateAsWritten))).toBe(floatText(ordinateAsWritten(x)))
      }),
      { numRuns: 20_000 },
    )
  })
})

const desk = openDesk()

function put(write: (desk: Desk) => void): string {
  desk.at = 0
  write(desk)
  return desk.bytes.toString('latin1', 0, desk.at)
}
