import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { announce } from '../../shared/db/workers.ts'
import { type Site, testSite } from '../../test/site.ts'

let site: Site
beforeAll(async () => {
  site = await testSite()
  await announce(site.sql, { worker: 'host/1/ab', loop: 'work', workerClass: 2, version: '1' })
  await site.sql`select queue.put('events', '{"job_id": "<b>x</b>"}', _max_failures => 1)`
  await site.sql`select queue.fail(id, attempt, 'GitHub says <i>no</i>') from queue.claim('events', 'test')`
  await site.sql`select queue.put('tasks', '{}')`
  await site.sql`insert into runs (source_path, source_id, layer, name, status, problem, problem_detail)
    values ('sources/x.json', 'a', 'addresses', 'city', false, 'download-blocked', '403')`
})
afterAll(() => site.close())

describe('the page of the whole', () => {
  test('shows who is there, what waits and what is dead, and says what is wrong', async () => {
    const page = await site.html('/status')

    expect(page).toContain('host/1/ab')
    expect(page).toContain('idle')
    expect(page).toContain('GitHub says &lt;i&gt;no&lt;/i&gt;')
    expect(page).not.toContain('<i>no</i>')
    expect(page).toContain('1 dead item: machine redrive gives them another chance')
    expect(page).toContain('nobody looks for lost leases: is a dequeuer there?')
  })

  test('is JSON too', async () => {
    const facts = (await site.json('/status.json')) as Record<string, unknown[]>

    expect(facts['workers']).toMatchObject([
      { worker: 'host/1/ab', loop: 'work', workerClass: 2, state: 'idle' },
    ])
    expect(facts['dead']).toMatchObject([{ queue: 'events', error: 'GitHub says <i>no</i>', attempt: 1 }])
    expect(facts['queues']).toMatchObject([{ q_name: 'tasks', waiting: 1 }])
    expect(facts['deadCount']).toEqual(1 as never)
  })

  test('has its codes and its dead counted in the metrics', async () => {
    const text = await (await site.ask('/metrics')).text()

    expect(text).toContain('machine_runs_ended_total{problem="download-blocked"} 1\n')
    expect(text).toContain('machine_runs_ended_total{problem="stalled"} 0\n')
    expect(text).toContain('machine_dead_items{queue="events"} 1\n')
  })
})
