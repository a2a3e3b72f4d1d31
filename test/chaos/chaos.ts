/**
 * Chaos: pushes arrive while processes die or stand still, lines are cut, Postgres crashes, S3 and GitHub fail and
 * results come twice; then everything is mended, comes to rest, and is judged.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { DEEDS, type Scene } from './actions.ts'
import { chance } from './chance.ts'
import { type Finding, type Harm, isAtRest, judge, WITNESS } from './judge.ts'
import { LEASE_SECONDS, openStage, type Post, type Stage } from './stage.ts'
import { type Accepted, push } from './traffic.ts'
import { takeOut } from './without.ts'

export interface ChaosOptions {
  readonly minutes: number
  readonly seed: number
  /** A guarantee to take out, such as `fence`. */
  readonly without?: string | undefined
  /** Only these deeds, in this order, over and over; chance chooses without it. */
  readonly deeds?: readonly string[] | undefined
  /** How long everything may take to come to rest. */
  readonly restSeconds?: number
  readonly log?: (line: string) => void
  /** Ends it before its time. */
  readonly signal?: AbortSignal
}

export interface ChaosReport {
  readonly findings: readonly Finding[]
  /** How often each deed was done. */
  readonly counts: Readonly<Record<string, number>>
  readonly accepted: number
  readonly seconds: number
}

/** How often a push comes. */
const PUSH_MS = 2_500

/** How long a process that was stopped, or cut off, may still lose a lease. */
const HARM_MS = (LEASE_SECONDS * 4 + 4) * 1000

/** Run it. Every process that it starts has ended when this settles, well or not. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const stage = await openStage()
  try {
    return await Promise.race([play(stage, options), untilTold(options.signal)])
  } finally {
    await stage.close()
  }
}

function untilTold(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, fail) => {
    signal?.addEventListener('abort', () => fail(new Error('told to end')), { once: true })
  })
}

async function play(stage: Stage, options: ChaosOptions): Promise<ChaosReport> {
  const { minutes, without, restSeconds = 120, log = () => {} } = options
  const startedAt = Date.now()
  const seconds = () => (Date.now() - startedAt) / 1000
  const tell = (line: string) => log(`${seconds().toFixed(1).padStart(6)} s  ${line}`)
  await stage.sql.unsafe(WITNESS)
  if (without !== undefined) await takeOut(stage.sql, without)
  const repository = await stage.github.repository({ files: { 'README.md': 'chaos' } })
  const harms: Harm[] = []
  const accepted: Accepted[] = []
  const endAt = performance.now() + minutes * 60_000

  const [counts] = await Promise.all([doDeeds({ stage, options, endAt, harms, tell }), keepPushing()])
  tell(`${accepted.length} pushes were accepted; nothing is broken any more`)
  const giveUpAt = performance.now() + restSeconds * 1000
  while (!(await isAtRest(stage)) && performance.now() < giveUpAt) await pause(250)
  tell((await isAtRest(stage)) ? 'at rest; judging' : 'not at rest; judging')
  const findings = await judge(stage, { repository, accepted, harms })
  return { findings, counts, accepted: accepted.length, seconds: seconds() }

  async function keepPushing(): Promise<void> {
    for (let n = 0; performance.now() < endAt; n += 1) {
      accepted.push(await push(stage, repository, n))
      await pause(PUSH_MS)
    }
  }
}

interface Deeds {
  readonly stage: Stage
  readonly options: ChaosOptions
  readonly endAt: number
  readonly harms: Harm[]
  readonly tell: (line: string) => void
}

async function doDeeds({ stage, options, endAt, harms, tell }: Deeds): Promise<Record<string, number>> {
  const random = chance(options.seed)
  const bag = Object.entries(DEEDS).flatMap(([name, { weight }]) => Array<string>(weight).fill(name))
  const counts: Record<string, number> = {}
  const scene: Scene = {
    stage,
    random,
    harm({ program, role }: Post) {
      const now = Date.now()
      if (role === 'work') harms.push({ pid: program.pid ?? 0, from: now, to: now + HARM_MS })
    },
  }
  // Each deed once before chance has its way, so that a short run has seen them all.
  const order = options.deeds ?? Object.keys(DEEDS)
  await pause(3_000)
  for (let n = 0; performance.now() < endAt; n += 1) {
    const drawn = bag[Math.floor(random() * bag.length)]
    const name = (options.deeds === undefined && n >= order.length ? drawn : order[n % order.length]) ?? ''
    const deed = DEEDS[name]
    if (deed === undefined) throw new Error(`chaos knows no deed "${name}"`)
    tell(`${name} …`)
    tell(`${name}: ${await deed.run(scene)}`)
    counts[name] = (counts[name] ?? 0) + 1
    await pause(300 + random() * 1_200)
  }
  return counts
}

/** Whether all is as expected. */
export function isWell({ findings }: ChaosReport): boolean {
  return findings.every(({ expected, found }) => expected === found)
}

/** The table, in Markdown. */
export function table({ findings, counts, accepted, seconds }: ChaosReport): string {
  const rows = findings.map(
    ({ sentence, expected, found }) =>
      `| ${sentence} | ${expected} | ${found} | ${expected === found ? 'yes' : '**NO**'} |`,
  )
  const deeds = Object.entries(counts).map(([name, count]) => `| ${name} | ${count} |`)
  return [
    `${accepted} pushes, each told twice; ${Math.round(seconds)} s`,
    '',
    '| What was done | Times |',
    '|---|---:|',
    ...deeds,
    '',
    '| What must be true | Expected | Found | Holds |',
    '|---|---:|---:|---|',
    ...rows,
  ].join('\n')
}
