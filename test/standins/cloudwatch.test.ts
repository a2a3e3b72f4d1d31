import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { type CloudWatch, startCloudWatch } from './cloudwatch.ts'

let cloudWatch: CloudWatch
let client: CloudWatchClient

beforeAll(async () => {
  cloudWatch = await startCloudWatch()
  client = new CloudWatchClient({
    region: 'us-east-1',
    endpoint: cloudWatch.url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await cloudWatch.close()
})

function put(count: number, namespace = 'machine'): PutMetricDataCommand {
  const at = new Date('2026-01-02T03:04:05.000Z')
  const MetricData = Array.from({ length: count }, (_, i) => ({
    MetricName: 'tasks queue',
    Value: i,
    Unit: 'Count' as const,
    Timestamp: at,
    Dimensions: [{ Name: 'stack', Value: 'test' }],
  }))
  return new PutMetricDataCommand({ Namespace: namespace, MetricData })
}

describe('CloudWatch', () => {
  test('keeps what the installed SDK puts', async () => {
    cloudWatch.metrics.length = 0

    await client.send(put(1))

    expect(cloudWatch.metrics).toEqual([
      {
        namespace: 'machine',
        name: 'tasks queue',
        value: 0,
        unit: 'Count',
        at: Date.UTC(2026, 0, 2, 3, 4, 5),
        dimensions: { stack: 'test' },
      },
    ])
  })

  test('understands a request that is long enough to be compressed', async () => {
    cloudWatch.metrics.length = 0

    await client.send(put(500))

    expect(cloudWatch.calls.at(-1)?.headers['content-encoding']).toBe('gzip')
    expect(cloudWatch.metrics).toHaveLength(500)
  })

  test('refuses a namespace of its own as CloudWatch does', async () => {
    await expect(client.send(put(1, 'AWS/Lambda'))).rejects.toThrow(
      'The value AWS/ for parameter Namespace is invalid.',
    )
  })

  test('fails and hangs when told to', async () => {
    cloudWatch.misbehave({ status: 500 })
    cloudWatch.misbehave({ hang: true })

    const failed = client.send(put(1)).then(
      () => 'kept',
      () => 'failed',
    )
    expect(await failed).toBe('failed')
    await expect(client.send(put(1), { abortSignal: AbortSignal.timeout(100) })).rejects.toThrow('aborted')
  })
})
