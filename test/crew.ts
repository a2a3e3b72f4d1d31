/**
 * A crew for tests: `machine` commands as the processes that they are in the world, and jobs for them to do.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { acceptDelivery, type EventItem, heardOf, jobOf } from '../shared/db/deliveries.ts'
import { type ExpandedSource, expandJob } from '../shared/db/jobs.ts'
import { claim } from '../shared/db/queue.ts'
import type { ISql, Sql } from '../shared/db/sql.ts'
import { readEvent } from '../shared/event.ts'
import { type Ended, type Program, selfCommand, start } from '../worker/system/spawn.ts'

const ROOT = join(import.meta.dirname, '..')
const CLI = join(ROOT, 'worker/cli.ts')

/** A `machine` process. */
export interface Member extends Program {
  /** What it wrote, both ways, line by line. */
  readonly lines: string[]
  /** Wait for a line that has this in it. */
  says(part: string, ms?: number): Promise<string>
}

export interface MemberOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Under Node instead of the Bun that runs the tests. */
  readonly node?: boolean
}

/** Start `machine …` as a process with nothing in its environment but what is given. */
export function machine(args: readonly string[], { env = {}, cwd = ROOT, node }: MemberOptions = {}): Member {
  const [command, ...before] = node ? ['node', '--import', import.meta.resolve('tsx'), CLI] : selfCommand(CLI)
  const lines: string[] = []
  const onLine = (line: string) => void lines.push(line)
  const program = start(command, [...before, ...args], { cwd, env, onLine, onErrorLine: onLine })
  return {
    ...program,
    lines,
    says(part, ms = 15_000) {
      return until(`"${part}" of machine ${args.join(' ')}`, ms, () => {
        const line = lines.find((line) => line.includes(part))
        if (line === undefined && lines.length > 400) lines.splice(0, 200)
        return line
      })
    },
  }
}

/** Run `machine …` to its end. */
export async function ranMachine(
  args: readonly string[],
  options: MemberOptions = {},
): Promise<Ended & { readonly lines: readonly string[] }> {
  const member = machine(args, options)
  return { ...(await member.ended), lines: member.lines }
}

/** Wait until something is there, or true; gives it. */
export async function until<T>(
  what: string,
  ms: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const giveUpAt = performance.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > giveUpAt) throw new Error(`waited ${ms} ms in vain for ${what}`)
    await pause(50)
  }
}

/** Deliver an event as the hook does. Gives the job that was made of it, or that judges the same already. */
export async function deliver(sql: ISql, name: string, payload: unknown): Promise<string> {
  const event = readEvent(name, payload)
  if (event.kind === 'ignored') throw new Error(event.why)
  const { jobId } = await acceptDelivery(sql, {
    id: crypto.randomUUID(),
    event: name,
    action: null,
    payload,
    ignored: null,
    job: event.kind === 'job' ? jobOf(event, { id: crypto.randomUUID() }) : null,
    heard: heardOf(event),
  })
  return jobId ?? ''
}

/** A job with data sources `addresses/city`, one a file, ready for workers. Gives its id. */
export async function makeJob(
  sql: Sql,
  sources: Readonly<Record<string, string>>,
  { repository = 'openaddresses', commitSha = 'a'.repeat(40) } = {},
): Promise<string> {
  const id = crypto.randomUUID()
  const job = {
    id,
    event: 'push',
    owner: 'openaddresses',
    repository,
    status_url: `https://api.github.example/${id}`,
    comments_url: null,
    commit_sha: commitSha,
    ref: 'refs/heads/main',
    pull_number: null,
  }
  await acceptDelivery(sql, { id, event: 'push', action: null, payload: {}, job, ignored: null })
  const [item] = await claim<EventItem>(sql, 'events', { worker: 'test' })
  const expanded = Object.entries(sources).map(([path, text]): ExpandedSource => {
    const at = { source_path: path, source_id: new Bun.CryptoHasher('sha1').update(text).digest('hex') }
    const task = {
      set_id: null,
      name: path,
      layer: 'addresses',
      layersource: 'city',
      file_id: at.source_id,
      commit_sha: job.commit_sha,
      content_b64: Buffer.from(text).toString('base64'),
      render_preview: false,
      rerun: false,
    }
    return { ...at, layer: 'addresses', name: 'city', task }
  })
  if (!item || !(await expandJob(sql, item, { id, sources: expanded, isMerged: true })))
    throw new Error('the event of the job was taken by somebody else')
  return id
}

/** The processes whose command line has all of some words in it. */
export function processesWith(...words: readonly string[]): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .filter((pid) => {
      const command = commandLine(pid)
      return words.every((word) => command.includes(word))
    })
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
