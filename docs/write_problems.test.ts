import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROBLEMS } from '../shared/problem_table.ts'
import { problemsMarkdown } from './write_problems.ts'

describe('docs/problems.md', () => {
  test('is what the table says; npx bun docs/write_problems.ts writes it again', async () => {
    expect(await readFile(join(import.meta.dirname, 'problems.md'), 'utf8')).toBe(problemsMarkdown())
  })

  test('has a heading for each code, and what its reader can do', () => {
    const headings = [...problemsMarkdown().matchAll(/^### (.+)$/gm)].map(([, code]) => code)

    expect(headings.toSorted()).toEqual(Object.keys(PROBLEMS).toSorted())
    expect(problemsMarkdown()).toContain(
      '### download-blocked\n\n**The server refuses to give the data.** Ask the publisher for access',
    )
  })
})
