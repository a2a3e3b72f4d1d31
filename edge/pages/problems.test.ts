import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { type Site, testSite } from '../../test/site.ts'

let site: Site
beforeAll(async () => {
  site = await testSite()
})
afterAll(() => site.close())

describe('the page of problems', () => {
  test('has an anchor for each code, which pages of runs link to', async () => {
    const page = await site.html('/problems')

    for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`<section id="${code}">`)
    expect(page).toContain('<strong>The disk of the worker is too small.</strong>')
    expect(page).toContain('tried again on a worker of a bigger class')
  })

  test('is the table as JSON too', async () => {
    const facts = (await site.json('/problems.json')) as { code: string }[]

    expect(facts.map(({ code }) => code)).toEqual(Object.keys(PROBLEMS))
    expect<object | undefined>(facts.find(({ code }) => code === 'token-required')).toEqual({
      code: 'token-required',
      fault: 'world',
      transient: false,
      retry: 'never',
      sentence: 'The server asks for a token',
      advice: 'Look for a public service of the same data.',
      was: 'Missing required ESRI token',
    })
  })
})
