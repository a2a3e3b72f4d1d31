import { describe, expect, test } from 'bun:test'
import { countryOf, type Place, placeOf, stateOf } from './coverage.ts'

describe('placeOf', () => {
  const cases: [name: string, coverage: unknown, place: Place | undefined][] = [
    ['a US state', { 'US Census': { geoid: '06' } }, { kind: 'us-state', code: '06' }],
    ['a US county', { 'US Census': { geoid: '06001' } }, { kind: 'us-county', code: '06001' }],
    ['a number that is no text', { 'US Census': { geoid: 45041 } }, { kind: 'us-county', code: '45041' }],
    ['a country', { 'ISO 3166': { alpha2: 'UY' } }, { kind: 'country', code: 'UY' }],
    ['a country in small letters', { 'ISO 3166': { alpha2: 'jm' } }, { kind: 'country', code: 'JM' }],
    ['a state', { 'ISO 3166': { alpha2: 'DE-BY' } }, { kind: 'subdivision', code: 'DE-BY' }],
    ['a code without its table', { 'ISO 3166': 'NZ-WGN' }, { kind: 'subdivision', code: 'NZ-WGN' }],
    ['no code', { 'ISO 3166': { alpha2: 'Bavaria' } }, undefined],
    ['words only', { country: 'za', state: 'gt', city: 'Ekurhuleni' }, undefined],
    ['nothing', undefined, undefined],
    ['a geometry of no coordinates', { geometry: { type: 'Point', coordinates: [] } }, undefined],
  ]
  for (const [name, coverage, place] of cases) {
    test(`reads ${name}`, () => {
      expect(placeOf(coverage)).toEqual(place)
    })
  }

  test('takes the geometry of a town, whose number no package knows', () => {
    const geometry = { type: 'Point', coordinates: [-72, 42.8] }

    expect(placeOf({ 'US Census': { geoid: '3338500' }, geometry })).toEqual({ kind: 'geometry', geometry })
  })

  test('takes a code before a geometry', () => {
    const geometry = { type: 'Point', coordinates: [34.8, 32.1] }

    expect(placeOf({ geometry, 'ISO 3166': { alpha2: 'IL-TA' } })).toEqual({
      kind: 'subdivision',
      code: 'IL-TA',
    })
  })
})

const POINT: Place = { kind: 'geometry', geometry: { type: 'Point', coordinates: [0, 0] } }

describe('countryOf', () => {
  const cases: [place: Place, path: string, country: string | undefined][] = [
    [{ kind: 'us-county', code: '06001' }, 'sources/us/ca/alameda.json', 'US'],
    [{ kind: 'subdivision', code: 'DE-BY' }, 'sources/de/by/statewide.json', 'DE'],
    [POINT, 'sources/za/ec/nelson_mandela_bay.json', 'ZA'],
    [POINT, 'sources/uk/x.json', 'GB'],
    [POINT, 'sources/elsewhere.json', undefined],
  ]
  for (const [place, path, country] of cases) {
    test(`of ${place.kind} in ${path} is ${country}`, () => {
      expect(countryOf(place, path)).toBe(country)
    })
  }
})

describe('stateOf', () => {
  const cases: [place: Place, path: string, state: string | undefined][] = [
    [{ kind: 'us-county', code: '06001' }, 'x.json', 'CA'],
    [{ kind: 'us-state', code: '11' }, 'x.json', 'DC'],
    [POINT, 'sources/us/nh/jaffrey.json', 'NH'],
    [POINT, 'sources/us/xx/jaffrey.json', undefined],
    [POINT, 'sources/de/by/munich.json', undefined],
  ]
  for (const [place, path, state] of cases) {
    test(`of ${place.kind} in ${path} is ${state}`, () => {
      expect(stateOf(place, path)).toBe(state)
    })
  }
})
