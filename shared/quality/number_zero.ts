/** `number-zero`: the number is 0, which is how spreadsheets write "none". */
import { placeOf, type RowRule } from './rule.ts'

const ZERO = 0x30

export const number_zero: RowRule = {
  kind: 'row',
  code: 'number-zero',
  sentence: 'rows have the number 0',
  of: 'rows',
  limits: { warning: 0.01, error: 0.5 },
  reason: 'Some streets begin at 0; 1.4 million rows of one source did not (machine issue 240).',
  open({ names }) {
    const number = placeOf(names, 'number')
    if (number === undefined) return undefined
    return ({ bytes, from, to }) => to[number]! - from[number]! === 1 && bytes[from[number]!] === ZERO
  },
}
