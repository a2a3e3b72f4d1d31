import { describe, expect, test } from 'bun:test'
import {
  COLLECTIONS,
  collectionName,
  isCollected,
  licenseAttrOf,
  type Region,
  regionOf,
} from './collection.ts'

describe('regionOf', () => {
  const cases: [path: string, region: Region | undefined][] = [
    ['sources/us/ca/berkeley.json', 'us_west'],
    ['sources/us/ny/city_of_new_york.json', 'us_northeast'],
    ['sources/us/tx.json', 'us_south'],
    ['sources/us-oh-franklin.json', 'us_midwest'],
    ['sources/us.ak.json', 'us_west'],
    ['sources/us/gu/countywide.json', undefined],
    ['sources/ca/on/toronto.json', 'north_america'],
    ['sources/mx/countrywide.json', 'north_america'],
    ['sources/br/sp.json', 'south_america'],
    ['sources/jp/tokyo.json', 'asia'],
    ['sources/au/countrywide.json', 'asia'],
    ['sources/is/countrywide.json', 'europe'],
    ['sources/no/countrywide.json', 'europe'],
    ['sources/ch/zuerich.json', 'europe'],
    ['sources/ru/moscow.json', 'europe'],
    ['sources/cat/x.json', undefined],
    ['sources/za/cape_town.json', undefined],
  ]
  for (const [path, region] of cases)
    test(`puts ${path} into ${region}`, () => expect(regionOf(path)).toBe(region!))
})

describe('a collection', () => {
  test('is one of eighteen, under the name that the world knows', () => {
    expect(COLLECTIONS).toHaveLength(18)
    expect(COLLECTIONS.map(collectionName)).toContain('openaddr-collected-us_northeast')
    expect(COLLECTIONS.map(collectionName).at(-1)).toBe('openaddr-collected-global-sa')
  })

  test('takes in each source once beside global, under one licence', () => {
    const source = { sourcePath: 'sources/fr/paris.json', state: { 'share-alike': 'true' } as const }

    expect(COLLECTIONS.filter((one) => isCollected(one, source)).map(collectionName)).toEqual([
      'openaddr-collected-europe-sa',
      'openaddr-collected-global-sa',
    ])
  })

  test('counts what does not say as freely shareable', () => {
    expect([licenseAttrOf({ 'share-alike': '' }), licenseAttrOf({ 'share-alike': 'false' })]).toEqual([
      '',
      '',
    ])
  })
})
