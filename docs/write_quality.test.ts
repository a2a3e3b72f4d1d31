import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RULES } from '../shared/quality/rules.ts'
import { qualityMarkdown } from './write_quality.ts'

describe('docs/quality.md', () => {
  test('is as the rules are', async () => {
    expect(await readFile(join(import.meta.dirname, 'quality.md'), 'utf8')).toBe(qualityMarkdown())
  })

  test('explains every rule', () => {
    expect(RULES.filter(({ code }) => !qualityMarkdown().includes(`| \`${code}\` |`))).toEqual([])
  })
})
