/**
 * One push of examples/ through a machine that runs elsewhere: asked for at the stand-in GitHub, watched
 * by the JSON of the job's page.
 *
 *     bun infra/compose/play.ts --github http://github:8080 --edge http://edge:8000
 *
 * Ends with 0 when every data source ended as examples/expected.json says and GitHub has heard it, with 1
 * otherwise. What `npm start` does on one computer, this does from outside.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Expected, surprises } from '../../examples/expected.ts'
import { picture, table } from '../../examples/picture.ts'
import type { Job, JobSource } from '../../shared/db/jobs.ts'
import { processEnv, readConfig } from '../../worker/env.ts'

const LOOK_PAUSE_MS = 500

/** A job of examples/ that takes longer is stuck. */
const MS_MAX = 10 * 60_000

/** What GitHub shows beside a commit, by how the job ended. */
const STATES = { true: 'success', false: 'failure' } as const

/** As much of the stand-in's first page as is used here. */
interface Addresses {
  readonly github: string
  readonly owner: string
  readonly repository: string
  readonly push: string
  readonly after: string
}

type JobFacts = Job & { readonly sources: readonly JobSource[] }

const { values } = parseArgs({ options: { github: { type: 'string' }, edge: { type: 'string' } } })
const { github = 'http://localhost:8080', edge = 'http://localhost:8000' } = values
const config = readConfig(processEnv(), ['WEBHOOK_SECRETS'])

try {
  process.exit(await play())
} catch (error) {
  console.error(`play: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}

async function play(): Promise<number> {
  const addresses = (await ask(`${github}/`)) as Addresses
  const { id, url } = await push(addresses)
  console.log(`One push of examples/ is on its way. Watch it at\n\n    ${url}\n`)

  const giveUpAt = performance.now() + MS_MAX
  const job = await settled(id, giveUpAt)
  console.log(`\n${table(job.sources)}\n`)
  const wrong = surprises(await readExpected(), job.sources)
  const said = await heard(addresses, STATES[`${job.status === true}`], giveUpAt)
  console.log(`GitHub shows ${said}`)
  for (const line of wrong) console.log(`unexpected: ${line}`)
  if (wrong.length === 0) console.log('Everything ended as it should: what is red here is red on purpose.')
  return wrong.length === 0 ? 0 : 1
}

/** Have the stand-in deliver its push. Gives the job that was made of it. */
async function push(addresses: Addresses): Promise<{ readonly id: string; readonly url: string }> {
  const { status, body } = (await ask(addresses.push, {
    method: 'POST',
    body: JSON.stringify({ hook: `${edge}/hook`, secret: config.webhookSecrets[0] }),
  })) as { readonly status: number; readonly body: string }
  if (status !== 202) throw new Error(`the hook answered ${status}: ${body}`)
  return JSON.parse(body) as { id: string; url: string }
}

/** Show a job until it has settled. */
async function settled(id: string, giveUpAt: number): Promise<JobFacts> {
  const drawn = picture(process.stdout)
  try {
    for (; performance.now() < giveUpAt; await pause(LOOK_PAUSE_MS)) {
      const job = revive((await ask(`${edge}/jobs/${id}.json`)) as JobFacts)
      drawn.show(job.sources)
      if (job.endedAt !== null) return job
    }
    throw new Error(`job ${id} has not settled after ${MS_MAX / 60_000} minutes`)
  } finally {
    drawn.end()
  }
}

/** Wait until the commit has the state that the job ended with. Gives what stands there. */
async function heard({ github, owner, repository, after }: Addresses, state: string, giveUpAt: number) {
  const url = `${github}/repos/${owner}/${repository}/commits/${after}/statuses`
  for (; performance.now() < giveUpAt; await pause(LOOK_PAUSE_MS)) {
    const statuses = (await ask(url)) as { context: string; state: string; description: string }[]
    const newest = statuses.find(({ context }) => context === config.githubStatusContext)
    if (newest?.state === state) return `${newest.state}: ${newest.description}`
  }
  throw new Error(`GitHub was not told "${state}"`)
}

async function ask(url: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(url, { ...init, headers: { accept: 'application/json' } })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** Times are text in JSON. */
function revive(job: JobFacts): JobFacts {
  return {
    ...job,
    sources: job.sources.map((source) => ({
      ...source,
      startedAt: source.startedAt && new Date(source.startedAt),
      settledAt: source.settledAt && new Date(source.settledAt),
    })),
  }
}

async function readExpected(): Promise<Expected[]> {
  return JSON.parse(
    await readFile(new URL('../../examples/expected.json', import.meta.url), 'utf8'),
  ) as Expected[]
}
