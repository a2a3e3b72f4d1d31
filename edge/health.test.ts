import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { put } from '../shared/db/queue.ts'
import { play } from '../test/gallery.ts'
import { type Site, testSite } from '../test/site.ts'

let site: Site

beforeAll(async () => {
  site = await testSite()
  await play(site.sql, {
    id: 'job-1',
    startedAt: new Date(),
    cast: [
      ['sources/a.json', 'addresses', 'city', { is: 'running' }],
      ['sources/b.json', 'addresses', 'city', { is: 'waiting' }],
      ['sources/c.json', 'addresses', 'city', { is: 'waiting' }],
    ],
  })
})

afterAll(() => site.close())

test('/health is alive', async () => {
  const response = await site.ask('/health')

  expect([response.status, await response.text()]).toEqual([200, 'OK'])
})

test('/ready says what is there', async () => {
  const response = await site.ask('/ready')

  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ ready: true, database: true, migrations: true })
})

describe('/metrics', () => {
  test('has the numbers of the original, and the depth of each queue', async () => {
    const { types, values } = parse(await (await site.ask('/metrics')).text())

    expect(values.get('machine_tasks_queue')).toBe(2)
    expect(values.get('machine_done_queue')).toBe(0)
    expect(values.has('machine_due_queue')).toBe(true)
    expect(values.has('machine_expected_results')).toBe(true)
    expect(values.has('machine_active_workers')).toBe(true)
    expect(values.get('machine_queue_waiting{queue="tasks",lane="1"}')).toBe(2)
    expect(values.get('machine_queue_in_flight{queue="tasks",lane="1"}')).toBe(1)
    expect(values.get('machine_queue_delayed{queue="due",lane="5"}')).toBe(1)
    expect([...new Set(types.values())]).toEqual(['gauge', 'counter'])
  })

  test('is what Prometheus reads, however another program calls its queue', async () => {
    await put(site.sql, 'odd "name" \\ of\na queue', {})

    const response = await site.ask('/metrics')

    expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const { values } = parse(await response.text())
    expect(values.get('machine_queue_waiting{queue="odd \\"name\\" \\\\ of\\na queue",lane="5"}')).toBe(1)
  })
})

/** The text format of Prometheus, strictly; throws at a line that is none. */
function parse(text: string): { types: Map<string, string>; values: Map<string, number> } {
  const types = new Map<string, string>()
  const values = new Map<string, number>()
  if (!text.endsWith('\n')) throw new Error('the last line must end')
  for (const line of text.split('\n').slice(0, -1)) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line)
    const sample = /^([a-zA-Z_:][\w:]*)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/.exec(line)
    if (type !== null) {
      if (types.has(type[1]!)) throw new Error(`twice: ${line}`)
      types.set(type[1]!, type[2]!)
    } else if (sample !== null) {
      if (!types.has(sample[1]!)) throw new Error(`no type before: ${line}`)
      if (!Number.isFinite(Number(sample[3]))) throw new Error(`no number: ${line}`)
      values.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]))
    } else if (!/^# HELP \w+ /.test(line)) throw new Error(`not of the format: ${line}`)
  }
  return { types, values }
}
