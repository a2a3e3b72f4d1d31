import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ranMachine, until } from '../test/crew.ts'
import { openWorkshop, type Workshop } from '../test/workshop.ts'

setDefaultTimeout(60_000)

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterEach(async () => {
  await shop.tidy()
  await shop.sql`delete from audit`
  await shop.sql`delete from queue.dead`
})
afterAll(() => shop.close())

function ran(...args: string[]) {
  return ranMachine(args, { env: { DATABASE_URL: shop.url } })
}

async function audited() {
  const rows = await shop.sql`select who, what, about, why from audit order by id`
  return Array.from(rows, (row) => [row['who'], row['what'], row['about'], row['why']])
}

describe('machine cancel, then retry', () => {
  test('stop a run that is being worked on, and run its job once more', async () => {
    const worker = shop.hire('work')
    shop.hire('dequeue')
    const slow = await shop.slowJob({ hang: true })
    await shop.childAt(slow)

    const cancelled = await ran('cancel', slow.id, '--who', 'anna', '--why', 'the server is down')
    await worker.says('lost run')
    shop.web.behave()
    const retried = await ran('retry', slow.id, '--who', 'anna', '--why', 'it is up again')

    expect([cancelled.code, cancelled.lines]).toEqual([0, [`cancelled job ${slow.id}`]])
    expect(retried.code).toBe(0)
    const [, again = ''] =
      /^job \S+ is tried again as job (\S+): 1 data source$/.exec(retried.lines[0] ?? '') ?? []
    expect(await shop.untilSettled(again)).toMatchObject({ status: true })
    expect(await audited()).toEqual([
      ['anna', 'cancel', `job ${slow.id}`, 'the server is down'],
      ['anna', 'retry', `job ${slow.id}`, 'it is up again'],
    ])
  })

  test('say what cannot be done, and write nothing down', async () => {
    const { code, lines } = await ran('cancel', '77', '--why', 'a slip')

    expect([code, lines]).toEqual([1, ['run 77 is not there, or has ended']])
    expect(await audited()).toEqual([])
  })

  test('want a reason', async () => {
    const { code, lines } = await ran('retry', '77')

    expect([code, lines[0]]).toEqual([2, 'machine retry: expected --why REASON'])
  })
})

describe('machine redrive', () => {
  test('puts what is dead back, and status no longer shows it', async () => {
    await shop.sql`select queue.put('events', '{"job_id": "none", "delivery_id": "none"}', _max_failures => 1)`
    await shop.sql`select queue.fail(id, attempt, 'no such delivery') from queue.claim('events', 'test')`
    const before = await ran('status')

    const { code, lines } = await ran('redrive', '--all', '--who', 'anna', '--why', 'the bug is mended')

    expect(before.code).toBe(1)
    expect(before.lines.join('\n')).toContain('! 1 dead item: machine redrive gives them another chance')
    expect([code, lines]).toEqual([0, [expect.stringMatching(/^item \d+ is back in its queue$/)]])
    const [item] = await shop.sql`select q_name, failures from queue.items`
    expect(item).toEqual({ q_name: 'events', failures: 0 })
    expect((await audited()).map(([, what]) => what)).toEqual(['redrive'])
  })
})

describe('machine status and drain', () => {
  test('tell what a worker does, and let it finish that and end', async () => {
    const worker = shop.hire('work')
    shop.hire('dequeue')
    const slow = await shop.slowJob({ dripBytesPerSecond: 30 })
    await shop.childAt(slow)
    await until('the worker to say that it is there', 10_000, async () => {
      const { lines } = await ran('status')
      return lines.some((line) => /\bwork\b.*working.*run \d+ sources\/us\/ca/.test(line))
    })

    const { code, lines } = await ran('drain', '--all', '--who', 'anna', '--why', 'a new image')
    expect([code, lines[0]]).toEqual([0, expect.stringMatching(/^told to drain: \S+\/\d+\/[0-9a-f]{8}$/)])

    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 1 })
    expect((await worker.ended).code).toBe(0)
    expect(worker.lines.some((line) => line.includes('told to drain'))).toBe(true)
    const json = JSON.parse((await ran('status', '--json')).lines.join('\n'))
    expect(json.workers.map(({ loop }: { loop: string }) => loop)).toEqual(['dequeue'])
    expect((await audited()).map(([who, what]) => [who, what])).toEqual([['anna', 'drain']])
  })
})
