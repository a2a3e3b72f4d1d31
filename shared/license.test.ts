import { describe, expect, test } from 'bun:test'
import { licenseOf, licenseState } from './license.ts'
import type { JsonObject } from './source.ts'

describe('licenseOf', () => {
  const licenses: [license: string | JsonObject | undefined, expected: string | null][] = [
    [undefined, null],
    ['', null],
    ['CC-BY-SA', 'CC-BY-SA'],
    [{}, null],
    [{ url: 'http://x' }, 'http://x'],
    [{ text: 'ODbL', url: 'http://x' }, 'ODbL (http://x)'],
  ]
  for (const [license, expected] of licenses) {
    test(`reads the license of ${JSON.stringify(license)}`, () => {
      expect(licenseOf(license === undefined ? {} : { license }).license).toBe(expected)
    })
  }

  const attributions: [license: JsonObject, attribution: string, required: boolean, name: string | null][] = [
    [{}, '', false, null],
    [{}, 'Joe', true, 'Joe'],
    [{ attribution: false }, 'Joe', false, null],
    [{ attribution: true }, '', true, null],
    [{ 'attribution name': 'Ann' }, 'Joe', true, 'Ann'],
    [{ attribution: false, 'attribution name': 'Ann' }, '', false, null],
  ]
  for (const [license, attribution, required, name] of attributions) {
    test(`reads the attribution of ${JSON.stringify(license)} with "${attribution}"`, () => {
      expect(licenseOf({ license, attribution })).toMatchObject({
        attributionRequired: required,
        attributionName: name,
      })
    })
  }

  const shares: [license: string | JsonObject, expected: boolean | null][] = [
    ['CC-BY-SA', null],
    [{}, null],
    [{ 'share-alike': true }, true],
    [{ 'share-alike': 'Yes' }, true],
    [{ 'share-alike': 'n' }, false],
    [{ 'share-alike': null }, false],
    [{ 'share-alike': 'perhaps' }, null],
  ]
  for (const [license, expected] of shares) {
    test(`reads whether to share alike from ${JSON.stringify(license)}`, () => {
      expect(licenseOf({ license }).shareAlike).toBe(expected)
    })
  }
})

describe('licenseState', () => {
  test('speaks the words of a run state', () => {
    expect(licenseState({ license: { text: 'ODbL' }, attribution: 'Joe' })).toEqual({
      license: 'ODbL',
      'attribution required': 'true',
      'attribution name': 'Joe',
      'share-alike': '',
    })
  })
})
