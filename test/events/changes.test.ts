/** What a pull request changes: each row is what a file was, what it is, and which data sources follow. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { FileChange, Files } from '../standins/github_commits.ts'
import type { Repository } from '../standins/github_hub.ts'
import { BAD } from './bad_cases.ts'
import { CHANGES, type Row } from './change_cases.ts'
import { type Ground, openGround, type Seen } from './ground.ts'

setDefaultTimeout(60_000)

const ROWS: readonly Row[] = [...CHANGES, ...BAD]

let ground: Ground
let repo: Repository
const seen = new Map<string, Promise<Seen>>()

function at(row: Row): string {
  return `sources/row${ROWS.indexOf(row)}/`
}

function placed(row: Row, files: Readonly<Record<string, FileChange>> = {}): Files {
  return Object.fromEntries(Object.entries(files).map(([path, change]) => [`${at(row)}${path}`, change]))
}

beforeAll(async () => {
  ground = await openGround()
  const before = Object.assign({ 'README.md': 'Sources\n' }, ...ROWS.map((row) => placed(row, row.before)))
  repo = await ground.hub.repository({ name: 'changes', files: before })
  for (const [i, row] of ROWS.entries()) {
    const pull = await ground.pull(repo, { branch: `row${i}`, files: placed(row, row.after) })
    const { jobId } = await ground.heardPull(pull, 'opened')
    seen.set(row.name, ground.seen(jobId))
  }
})

afterAll(() => ground.close())

describe('a pull request with', () => {
  for (const row of ROWS) {
    test(row.name, async () => {
      const short = (text: string) => text.replaceAll(at(row), '')
      const job = await seen.get(row.name)!

      expect(job.runs.map(short)).toEqual([...(row.runs ?? [])])
      expect(job.fails.map(short)).toEqual([...(row.fails ?? [])])
      expect(job.findings.map(short)).toEqual([...(row.findings ?? [])])
      expect(job.notes.map(short)).toEqual([...(row.notes ?? [])])
      // Never green with a bad file, and never open without something that runs.
      const verdict = row.fails?.length ? false : row.runs?.length ? null : true
      expect([job.status, job.isOver]).toEqual([verdict, (row.runs ?? []).length === 0])
    })
  }
})
