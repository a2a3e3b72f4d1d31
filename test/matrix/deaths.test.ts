/** Every problem of this house, provoked for real, with real processes: seen in state, JSON, page, and by GitHub. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readRun } from '../../shared/db/runs.ts'
import { type ProblemCode, sentence } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { makeJob, until } from '../crew.ts'
import { siteOver } from '../site.ts'
import { type GitHub, startGitHub } from '../standins/github.ts'
import type { Repository } from '../standins/github_hub.ts'
import { trialSource } from '../trial.ts'
import { openWorkshop, type Workshop } from '../workshop.ts'
import { DEATHS, type Death, type Job, type Scene, TOWN_CONFORM } from './deaths.ts'
import { SOURCES } from './sources.ts'

setDefaultTimeout(60_000)

/** Codes that no row provokes, each with the reason. */
const NOT_HERE: Readonly<Partial<Record<ProblemCode, string>>> = {
  'download-too-large': 'it takes an answer of half a gigabyte',
}

/** Nobody was left to write a state: the row of the run is all there is. */
const STATELESS: readonly ProblemCode[] = ['worker-lost', 'cancelled', 'superseded']

/** Whether a small disk can be had: a mount of our own. */
const hasMounts = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
if (!hasMounts) console.log('skipped: disk-full, as this computer lets us make no small disk (unshare -rm)')

let shop: Workshop
let site: ReturnType<typeof siteOver>
let github: GitHub
let repository: Repository
let scene: Scene
let made = 0

beforeAll(async () => {
  shop = await openWorkshop()
  site = siteOver(shop, shop.storage)
  github = await startGitHub()
  repository = await github.repository()
  scene = { shop, job, taken }
})
afterEach(() => shop.tidy())
afterAll(async () => {
  await github.close()
  await shop.close()
})

async function job(
  data: string | null,
  { path, tags = {}, conform = {} }: Parameters<Scene['job']>[1] = {},
): Promise<Job> {
  made += 1
  const name = `data${made}.${conform && 'format' in conform ? conform['format'] : 'csv'}`
  await writeFile(join(shop.served, name), data ?? '')
  if (data === null) shop.web.misbehave({ path: `/${name}`, times: 100, hang: true })
  const own = path ?? `sources/us/ca/${shop.town}_${made}.json`
  const commitSha = await github.commit(repository, { files: { 'README.md': `${made}` }, message: `${made}` })
  const source = trialSource({ data: `${shop.web.url}/${name}`, ...tags }, { ...TOWN_CONFORM, ...conform })
  const id = await makeJob(shop.sql, { [own]: source }, { repository: repository.name, commitSha })
  await shop.sql`update queue.items set max_failures = 1 where q_name = 'tasks'`
  return { id, path: own }
}

function taken({ id }: Job): Promise<number> {
  return until('a worker to take it', 15_000, async () => {
    const [run] = await shop.sql<
      { id: number }[]
    >`select id from runs where job_id = ${id} and status is null`
    return run?.id
  })
}

describe('a run that ends with', () => {
  for (const [code, provoke] of Object.entries<Death>(DEATHS) as [ProblemCode, Death][]) {
    test.skipIf(code === 'disk-full' && !hasMounts)(`${code} says so everywhere`, async () => {
      shop.hire('dequeue')
      shop.hire('report', { GITHUB_API_URL: github.url })
      const { id } = await provoke(scene)

      const { problem, problemDetail, runId } = await shop.untilSettled(id)

      const said = sentence({ code, detail: problemDetail ?? '' })
      expect([problem, problemDetail]).toEqual([code, expect.stringMatching(/./)])
      const run = await readRun(shop.sql, runId ?? 0)
      if (STATELESS.includes(code)) expect(run?.state).toBeNull()
      else
        expect(run?.state).toMatchObject({
          'problem code': code,
          'problem sentence': said,
          layer: 'addresses',
        })
      expect(await site.json(`/runs/${runId}.json`)).toMatchObject({ problem: code, problemSentence: said })
      expect(await site.html(`/runs/${runId}`)).toContain(PROBLEMS[code].sentence)
      const [{ sha } = { sha: '' }] = await shop.sql<
        { sha: string }[]
      >`select commit_sha as sha from jobs where id = ${id}`
      const status = await until('GitHub to hear of it', 15_000, () =>
        github.statuses(repository, sha).find(({ state }) => state !== 'pending'),
      )
      expect(status.target_url).toEndWith(`/jobs/${id}`)
      expect(['failure', 'error']).toContain(status.state)
      expect(await site.html(`/jobs/${id}`)).toContain(PROBLEMS[code].sentence)
    })
  }
})

describe('the matrix', () => {
  test('has every code of the table', () => {
    const rows = [SOURCES, DEATHS, NOT_HERE].flatMap((part) => Object.keys(part))

    expect(rows.toSorted()).toEqual(Object.keys(PROBLEMS).toSorted())
  })
})
