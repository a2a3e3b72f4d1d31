/**
 * CloudWatch: the numbers that the fleet grows and shrinks by.
 *
 * Sending never fails the work: without a namespace nothing is sent, and a CloudWatch that is away or
 * slow costs a line in the log.
 */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Log } from '../system/log.ts'

/** The next numbers come in half a minute: these are not worth waiting for longer. */
const SEND_MS_MAX = 5_000

/** One number of now. */
export interface Metric {
  readonly name: string
  readonly value: number
  readonly unit: 'Count' | 'Seconds'
}

export interface Metrics {
  /** Send, or give up; never throws. */
  send(metrics: readonly Metric[]): Promise<void>
}

export interface CloudWatchOptions {
  /** Undefined: nothing is sent. */
  readonly namespace: string | undefined
  readonly log: Log
}

/** A sender under a namespace. Region, address and credentials are the SDK's own to find. */
export function cloudwatch({ namespace, log }: CloudWatchOptions): Metrics {
  if (namespace === undefined) return { async send() {} }

  const client = new CloudWatchClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: SEND_MS_MAX, requestTimeout: SEND_MS_MAX },
  })
  return {
    async send(metrics) {
      const data = metrics.map(({ name, value, unit }) => ({ MetricName: name, Value: value, Unit: unit }))
      try {
        await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data }), {
          abortSignal: AbortSignal.timeout(SEND_MS_MAX),
        })
      } catch (error) {
        log(`could not send metrics to CloudWatch: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  }
}
