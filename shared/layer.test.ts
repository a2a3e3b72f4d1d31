import { describe, expect, test } from 'bun:test'
import { attributesOf, isLayerName, LAYERS } from './layer.ts'

describe('layers', () => {
  test('are four', () => {
    expect(Object.keys(LAYERS)).toEqual(['addresses', 'parcels', 'buildings', 'centerlines'])
  })

  test('begin their properties with the hash', () => {
    expect(Object.values(LAYERS).map(([first]) => first)).toEqual(['hash', 'hash', 'hash', 'hash'])
  })

  test('are known by name only', () => {
    expect(isLayerName('parcels')).toBe(true)
    expect(isLayerName('address')).toBe(false)
    expect(isLayerName('constructor')).toBe(false)
  })

  test('offer all but the hash to a conform', () => {
    expect(attributesOf('buildings')).toEqual(['height', 'levels'])
  })
})
