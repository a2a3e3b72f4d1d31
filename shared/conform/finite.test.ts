import { expect, test } from 'bun:test'
import { assertFinite } from './finite.ts'
import { RowError } from './row_error.ts'

test('assertFinite refuses a row without a real place', () => {
  expect(() => assertFinite({ type: 'Point', coordinates: [Number.NaN, 1] })).toThrow(
    new RowError('coordinate-not-finite', 'NaN'),
  )
  expect(() => assertFinite({ type: 'Point', coordinates: [] })).not.toThrow()
})
