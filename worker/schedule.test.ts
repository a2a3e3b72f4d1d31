import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { listSchedule, loseStarts, type Scheduled, setEntry } from '../shared/db/schedule.ts'
import { connect } from '../shared/db/sql.ts'
import type { Entry } from '../shared/schedule.ts'
import { type Member, machine, processesWith, ranMachine, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { schedule, type StartCommand } from './schedule.ts'
import { start } from './system/spawn.ts'

let db: TestDatabase
/** Schedulers as processes; none outlives its test. */
const members: Member[] = []
beforeAll(async () => {
  db = await testDatabase()
})
beforeEach(async () => {
  await db.sql`delete from schedule`
})
afterEach(async () => {
  for (const member of members.splice(0)) await member.stop()
})
afterAll(() => db.drop())

/** The words of a command are a line for `sh` here: real processes, and none of ours. */
const shell: StartCommand = ([line = ''], { onLine }) =>
  start('sh', ['-c', line], { onLine, onErrorLine: onLine, tether: true })

const PAST = new Date('2026-01-01T00:00:00Z')

async function put(
  name: string,
  line: string,
  over: Partial<Entry> & { next?: Date | null } = {},
): Promise<void> {
  const { next = PAST, ...rest } = over
  await setEntry(
    db.sql,
    { name, cron: '0 0 1 1 *', zone: 'UTC', command: [line], hoursMax: null, ...rest },
    next,
  )
}

async function row(name: string): Promise<Scheduled> {
  const found = (await listSchedule(db.sql)).find((one) => one.name === name)
  if (found === undefined) throw new Error(`nothing called ${name} is scheduled`)
  return found
}

/** A scheduler in this process; `stop` ends it. */
function scheduler(runner: string, leaseSeconds = 20, sql = db.sql) {
  const told = new AbortController()
  const log: string[] = []
  const ended = schedule(
    { sql, runner, leaseSeconds, start: shell, log: (line) => log.push(line) },
    told.signal,
  )
  return {
    log,
    stop: async () => {
      told.abort()
      await ended
    },
  }
}

function settled(name: string): Promise<Scheduled> {
  return until(`${name} to end`, 20_000, async () => {
    const found = await row(name)
    return found.outcome !== null && found.state !== 'running' && found
  })
}

describe('schedule', () => {
  test('catches a missed start up once, and plans the next from now', async () => {
    await put('hourly', 'echo hello', { cron: '0 * * * *' })
    const ann = scheduler('ann')

    const found = await settled('hourly')
    await ann.stop()

    expect(found).toMatchObject({
      outcome: 'done',
      starts: 1,
      failures: 0,
      state: 'waiting',
      overdueSeconds: 0,
    })
    expect(found.detail).toBe('hello\nexit code 0')
    expect(found.nextStart!.getTime()).toBeGreaterThan(Date.now())
    expect(found.nextStart!.getTime()).toBeLessThan(Date.now() + 3_600_001)
  })

  test('is one start, however many schedulers look', async () => {
    await put('once', 'echo once')
    const many = ['ann', 'bob', 'eve', 'zoe'].map((runner) => scheduler(runner))

    await settled('once')
    await Promise.all(many.map(({ stop }) => stop()))

    expect((await row('once')).starts).toBe(1)
    expect(many.flatMap(({ log }) => log).filter((line) => line.startsWith('started'))).toHaveLength(1)
  })

  test('says how a command failed, and counts failures in a row', async () => {
    await put('bad', 'echo no room >&2; exit 3')
    const ann = scheduler('ann')
    await settled('bad')
    await put('bad', 'exit 4')
    const found = await until('a second failure', 20_000, async () => {
      const now = await row('bad')
      return now.failures === 2 && now.state !== 'running' && now
    })
    await ann.stop()

    expect(found).toMatchObject({ outcome: 'failed', detail: 'exit code 4', starts: 2 })
  })

  test('ends what runs longer than it may', async () => {
    await put('long', 'echo begun; sleep 600', { hoursMax: 0.5 / 3_600 })
    const ann = scheduler('ann')

    const found = await settled('long')
    await ann.stop()

    expect(found.outcome).toBe('overran')
    expect(found.detail).toBe('begun\nended by the scheduler: it ran longer than it may')
  })

  test('told to stop stops what runs, which is due again at once for another', async () => {
    await put('moving', 'echo begun; sleep 600')
    const ann = scheduler('ann')
    await until('it to run', 20_000, async () => (await row('moving')).state === 'running')
    await ann.stop()
    expect(await row('moving')).toMatchObject({ outcome: 'stopped', failures: 0 })

    const bob = scheduler('bob')
    await until('another start', 20_000, async () => (await row('moving')).starts === 2)
    await bob.stop()
  })

  test('told to stop while Postgres does not answer stops', async () => {
    const asked = Promise.withResolvers<void>()
    const mute = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => asked.resolve() } })
    const away = connect(`postgres://nobody@127.0.0.1:${mute.port}/none`, { max: 1, connectSeconds: 3_600 })
    const ann = scheduler('ann', 20, away)
    await asked.promise

    await ann.stop()

    mute.stop(true)
    await away.end({ timeout: 0 })
  })

  test('takes over from a scheduler that is not heard of, three times at most', async () => {
    await put('lost', 'exit 0')
    await db.sql`
      update schedule
      set runner = 'gone', lease_until = now() - interval '1 second', last_start = now() - interval '1 minute', failures = 1`
    const ann = scheduler('ann', 0.2)
    const found = await settled('lost')
    await until('its own start', 20_000, async () => (await row('lost')).starts === 1)
    await until('its end', 20_000, async () => (await row('lost')).outcome === 'done')
    expect(ann.log).toContain('lost lost: its scheduler was not heard of')
    expect(found.name).toBe('lost')

    await db.sql`update schedule set runner = 'gone', lease_until = now() - interval '1 second', failures = 3, next_start = '2100-01-01'`
    const again = await until('it to be given up', 20_000, async () => {
      const now = await row('lost')
      return now.outcome === 'lost' && now
    })
    await ann.stop()
    expect(again.nextStart?.toISOString()).toBe('2100-01-01T00:00:00.000Z')
  })

  test('ends a command whose row was taken away', async () => {
    await put('taken', 'sleep 600')
    const ann = scheduler('ann', 1)
    await until('it to run', 20_000, async () => (await row('taken')).state === 'running')

    await db.sql`delete from schedule`
    await until('its end', 20_000, () => ann.log.find((line) => line.startsWith('ended taken: lost')))
    await ann.stop()
  })

  test('tells a time that cannot be read, and goes on with the others', async () => {
    await put('wrong', 'exit 0', { cron: 'at noon' })
    await put('right', 'exit 0')
    const ann = scheduler('ann')

    await settled('right')
    const found = await settled('wrong')
    await ann.stop()

    expect(found).toMatchObject({ outcome: 'failed', nextStart: null, starts: 0, state: 'idle' })
    expect(found.detail).toContain('"at noon" is no time')
    expect(ann.log.filter((line) => line.startsWith('cannot plan'))).toHaveLength(1)
  })

  test('shows one that runs past its next time as overrun, and one that nobody starts as overdue', async () => {
    await put('over', 'x')
    await put('late', 'x')
    await db.sql`update schedule set runner = 'ann', lease_until = now() + interval '1 hour', last_start = now() where name = 'over'`

    expect((await row('over')).isOverrun).toBe(true)
    expect((await row('late')).overdueSeconds).toBeGreaterThan(1_000)
  })
})

describe('machine schedule', () => {
  const env = () => ({ DATABASE_URL: db.url })

  test('sets, lists, runs and removes; refuses what it cannot read', async () => {
    const set = [
      'schedule',
      'set',
      'look',
      '--cron',
      '0 9 * * *',
      '--zone',
      'Europe/Berlin',
      '--',
      'set',
      'list',
    ]
    expect((await ranMachine(set, { env: env() })).lines[0]).toMatch(/^scheduled look: set list, next at 20/)

    const ran = await ranMachine(['schedule', 'run', 'look'], { env: env() })
    expect([ran.code, ...ran.lines.filter((line) => !line.includes(' schedule '))]).toEqual([
      0,
      'there is no set',
    ])
    expect(await row('look')).toMatchObject({ outcome: 'done', starts: 1, zone: 'Europe/Berlin' })

    const [listed] = (await ranMachine(['schedule', 'list', '--json'], { env: env() })).lines
    expect(JSON.parse(listed ?? '')).toMatchObject([{ name: 'look', outcome: 'done' }])

    const wrong = await ranMachine(['schedule', 'set', 'x', '--cron', '99 * * * *', '--', 'set', 'list'], {
      env: env(),
    })
    expect([wrong.code, wrong.lines[0]]).toEqual([2, expect.stringContaining('"99 * * * *" is no time')])
    expect((await ranMachine(['schedule', 'remove', 'look'], { env: env() })).lines).toEqual(['removed look'])
  })

  test('killed takes its command with it, and another starts that again', async () => {
    await put('child', 'schedule', { command: ['schedule'] })
    const one = machine(['schedule'], { env: env() })
    members.push(one)
    await until('the command to run', 30_000, async () => (await row('child')).state === 'running')
    const children = await until('its process', 20_000, () => {
      const found = processesWith('schedule child').filter((pid) => pid !== one.pid)
      return found.length > 0 && found
    })

    one.kill('SIGKILL')
    await one.ended
    await until(
      'its command to end',
      20_000,
      () => !processesWith('schedule child').some((pid) => children.includes(pid)),
    )

    // A minute is the lease, and nothing is lost in the first minute of Postgres: the test waits for neither.
    await db.sql`update schedule set lease_until = now() - interval '1 second'`
    expect(await loseStarts(db.sql, 0)).toEqual(['child'])
    const two = machine(['schedule'], { env: env() })
    members.push(two)
    await until('the second start', 30_000, async () => (await row('child')).starts === 2)
    await two.stop()
    expect((await row('child')).outcome).toBe('stopped')
  })
})
