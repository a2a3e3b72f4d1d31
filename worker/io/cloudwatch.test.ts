import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type CloudWatch as StandIn, startCloudWatch } from '../../test/standins/cloudwatch.ts'
import { type CloudWatch, cloudwatch } from './cloudwatch.ts'

let standIn: StandIn
let lines: string[]

beforeEach(async () => {
  lines = []
  standIn = await startCloudWatch()
})

afterEach(() => standIn.close())

function sender(endpoint = standIn.url): CloudWatch {
  return cloudwatch({
    namespace: 'openaddr.ci',
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    timeoutMs: 300,
    log: (line) => lines.push(line),
  })
}

describe('cloudwatch', () => {
  test('sends all numbers in one request, under the names of the original', async () => {
    await sender().send([
      { name: 'tasks queue', value: 3 },
      { name: 'done queue', value: 0 },
      { name: 'due queue', value: 1 },
      { name: 'expected results', value: 5 },
      { name: 'active workers', value: 2 },
    ])

    expect(standIn.calls.length).toBe(1)
    expect(standIn.metrics.map(({ namespace, name, value, unit }) => [namespace, name, value, unit])).toEqual(
      [
        ['openaddr.ci', 'tasks queue', 3, 'Count'],
        ['openaddr.ci', 'done queue', 0, 'Count'],
        ['openaddr.ci', 'due queue', 1, 'Count'],
        ['openaddr.ci', 'expected results', 5, 'Count'],
        ['openaddr.ci', 'active workers', 2, 'Count'],
      ],
    )
    expect(lines).toEqual([])
  })

  test('asks nobody when there is nothing to send', async () => {
    await sender().send([])

    expect(standIn.calls).toEqual([])
  })

  test('sends nothing without a namespace, and needs no AWS for that', async () => {
    await cloudwatch({ namespace: undefined, region: 'us-east-1' }).send([{ name: 'tasks queue', value: 3 }])

    expect(standIn.calls).toEqual([])
  })

  test('logs a refusal in one line and goes on, without asking again', async () => {
    const json = { __type: 'AccessDenied', message: 'not\nfor you' }
    standIn.misbehave({ status: 403, json })

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(standIn.calls.length).toBe(1)
    expect(lines).toEqual(['failed to send metrics to openaddr.ci, going on: AccessDenied: not for you'])
  })

  test('does not try again when the server fails', async () => {
    standIn.misbehave({ status: 503 })

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(standIn.calls.length).toBe(1)
    expect(lines.length).toBe(1)
  })

  test('gives up a server that says nothing', async () => {
    standIn.misbehave({ hang: true })

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(lines).toEqual(['failed to send metrics to openaddr.ci, going on: Error: no answer within 300 ms'])
  })

  test('goes on when there is no server', async () => {
    await sender('http://127.0.0.1:1').send([{ name: 'tasks queue', value: 3 }])

    expect(lines.length).toBe(1)
  })
})
