/**
 * CloudWatch: a few numbers every half minute, for alarms and for growing the fleet.
 *
 * Numbers are worth nothing when they are late, so one try must do, and an outage there never touches
 * the work: whoever sends learns nothing of it but a line in the log. The same goes for a machine that
 * has no namespace: it sends nothing.
 */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { type Log, logger } from '../system/log.ts'

/** Longer than this, and the next numbers are nearly due. */
const TIMEOUT_MS = 5_000

/** The names that alarms and autoscaling of the original listen to. */
export type MetricName = 'tasks queue' | 'done queue' | 'due queue' | 'expected results' | 'active workers'

/** One number as it is now; its unit is Count. */
export interface Metric {
  readonly name: MetricName
  readonly value: number
}

export interface CloudWatch {
  /** Send numbers as of now, in one request; never rejects. */
  send(metrics: readonly Metric[]): Promise<void>
}

export interface CloudWatchChoice {
  /** Such as `openaddr.ci`; undefined sends nothing, and needs no AWS. */
  readonly namespace: string | undefined
  readonly region: string
  /** Another server than Amazon's. */
  readonly endpoint?: string | undefined
  /** Given by tests; found by the SDK otherwise. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly timeoutMs?: number
  readonly log?: Log
}

/** Numbers for CloudWatch. */
export function cloudwatch({
  namespace,
  log = logger('cloudwatch'),
  ...choice
}: CloudWatchChoice): CloudWatch {
  if (namespace === undefined) return { send: async () => {} }
  const client = connect(choice)
  const timeoutMs = choice.timeoutMs ?? TIMEOUT_MS

  return {
    async send(metrics) {
      if (metrics.length === 0) return
      const data = metrics.map(({ name, value }) => ({
        MetricName: name,
        Value: value,
        Unit: 'Count' as const,
      }))
      const command = new PutMetricDataCommand({ Namespace: namespace, MetricData: data })
      try {
        // The signal also ends what no time-out of a request covers, such as the search for credentials.
        await withinMs(timeoutMs, (abortSignal) => client.send(command, { abortSignal }))
      } catch (error) {
        log(`failed to send metrics to ${namespace}, going on: ${oneLine(error)}`)
      }
    },
  }
}

function connect({
  region,
  endpoint,
  credentials,
}: Omit<CloudWatchChoice, 'namespace' | 'log'>): CloudWatchClient {
  return new CloudWatchClient({
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  })
}

/** Do something that may take so long and no longer, even when it does not listen to the signal. */
async function withinMs(ms: number, deed: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`))
      stop.abort()
    }, ms)
  })
  try {
    await Promise.race([deed(stop.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

function oneLine(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return said.replaceAll(/\s+/g, ' ')
}
