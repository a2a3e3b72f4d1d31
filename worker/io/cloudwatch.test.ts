import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type CloudWatch, cloudwatch } from './cloudwatch.ts'

/** A stand-in for CloudWatch, as the SDK speaks to it: JSON of "rpc" style over real HTTP. */
let server: Server
let asked: { target: unknown; body: unknown }[]
let answer: (response: ServerResponse) => void
let lines: string[]

beforeEach(async () => {
  asked = []
  lines = []
  answer = (response) => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}')
  server = createServer(async (question, response) => {
    asked.push({ target: question.headers['x-amz-target'], body: await json(question) })
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function sender(port = (server.address() as AddressInfo).port): CloudWatch {
  return cloudwatch({
    namespace: 'openaddr.ci',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
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

    expect(asked).toEqual([
      {
        target: 'GraniteServiceVersion20100801.PutMetricData',
        body: {
          Namespace: 'openaddr.ci',
          MetricData: [
            { MetricName: 'tasks queue', Value: 3, Unit: 'Count' },
            { MetricName: 'done queue', Value: 0, Unit: 'Count' },
            { MetricName: 'due queue', Value: 1, Unit: 'Count' },
            { MetricName: 'expected results', Value: 5, Unit: 'Count' },
            { MetricName: 'active workers', Value: 2, Unit: 'Count' },
          ],
        },
      },
    ])
    expect(lines).toEqual([])
  })

  test('asks nobody when there is nothing to send', async () => {
    await sender().send([])

    expect(asked).toEqual([])
  })

  test('sends nothing without a namespace, and needs no AWS for that', async () => {
    await cloudwatch({ namespace: undefined, region: 'us-east-1' }).send([{ name: 'tasks queue', value: 3 }])

    expect(asked).toEqual([])
  })

  test('logs a refusal in one line and goes on, without asking again', async () => {
    const body = '{"__type":"AccessDenied","message":"not\\nfor you"}'
    answer = (response) => response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' }).end(body)

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(asked.length).toBe(1)
    expect(lines).toEqual(['failed to send metrics to openaddr.ci, going on: AccessDenied: not for you'])
  })

  test('does not try again when the server fails', async () => {
    answer = (response) => response.writeHead(503).end()

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(asked.length).toBe(1)
    expect(lines.length).toBe(1)
  })

  test('gives up a server that says nothing', async () => {
    answer = () => {}

    await sender().send([{ name: 'tasks queue', value: 3 }])

    expect(lines).toEqual(['failed to send metrics to openaddr.ci, going on: Error: no answer within 300 ms'])
  })

  test('goes on when there is no server', async () => {
    await sender(1).send([{ name: 'tasks queue', value: 3 }])

    expect(lines.length).toBe(1)
  })
})
