/**
 * `mph_to_kph`: a speed in miles an hour as whole kilometres an hour.
 *
 *     {"function": "mph_to_kph", "field": "SPEED"}
 *     {SPEED: "35"}      gives  "56"
 *     {SPEED: "35 mph"}  gives  ""
 *
 * Where the data lacks the column nothing is stored. An infinite speed is none, where the original
 * ended the run.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "mph_to_kph".
 */
import type { MphToKph } from './call.ts'
import { cellText, type Evaluate } from './evaluate.ts'
import { parseFloatText, roundHalfEven } from './python.ts'

const KILOMETRES_PER_MILE = 1.60934

export function mph_to_kph({ field }: MphToKph): Evaluate {
  return (row) => {
    const text = cellText(row, field)
    if (text === undefined) return undefined
    const kph = (parseFloatText(text) ?? Number.NaN) * KILOMETRES_PER_MILE
    // BigInt writes all digits of a number that String would put an exponent to.
    return Number.isFinite(kph) ? String(BigInt(roundHalfEven(kph))) : ''
  }
}
