import { describe, expect, test } from 'bun:test'
import { isOnEarth, tileAt, tileName, tileNumber, tileOf } from './tile.ts'

describe('tileOf', () => {
  const cases: [lon: number, lat: number, name: string][] = [
    [-122.2677, 37.8106, '-123.0/37.0'],
    [-123.001, 0.5, '-124.0/0.0'],
    [0, 0, '0.0/0.0'],
    [-0.1, -0.1, '-1.0/-1.0'],
    [180, 90, '179.0/89.0'],
    [-180, -90, '-180.0/-90.0'],
  ]
  for (const [lon, lat, name] of cases)
    test(`of ${lon}, ${lat} is ${name}`, () => expect(tileName(tileOf(lon, lat))).toBe(name))

  test('has a number by which it is found again', () => {
    expect([tileNumber({ lon: -180, lat: -90 }), tileNumber({ lon: 179, lat: 89 })]).toEqual([0, 64_799])
    expect(tileAt(tileNumber({ lon: -123, lat: 37 }))).toEqual({ lon: -123, lat: 37 })
  })
})

describe('isOnEarth', () => {
  const cases: [position: number[], is: boolean][] = [
    [[180, -90], true],
    [[180.1, 0], false],
    [[0, 91], false],
    [[Number.NaN, 0], false],
    [[], false],
  ]
  for (const [position, is] of cases)
    test(`of ${JSON.stringify(position)} is ${is}`, () => expect(isOnEarth(position)).toBe(is))
})
