/**
 * Amazon CloudWatch, as far as PutMetricData goes: what was sent is kept, in the names of the API.
 *
 * The SDK that is installed speaks AWS JSON 1.0 (a POST to `/` with the operation in `x-amz-target`),
 * and gzips what is longer than ten kilobytes. Signatures must be there; they are not verified.
 */
import { gunzipSync } from 'node:zlib'
import { type Answer, type Asked, listen, type Respond, type Server, type ServerOptions } from './server.ts'
import { type Troubled, withTroubles } from './trouble.ts'

/** One metric as it was put. */
export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Milliseconds since 1970; null where none was given. */
  readonly at: number | null
  readonly dimensions: Readonly<Record<string, string>>
}

export interface CloudWatch extends Server, Troubled {
  /** In the order in which they came. */
  readonly metrics: Metric[]
}

/** More in one call are refused by CloudWatch. */
const METRICS_MAX = 1_000

const TARGET = 'GraniteServiceVersion20100801.PutMetricData'

/** What lies in a request, in the names of the API. */
interface MetricDatum {
  readonly MetricName?: string
  readonly Value?: number
  readonly Unit?: string
  readonly Timestamp?: number
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[]
}

/** Start a CloudWatch. */
export async function startCloudWatch(options: ServerOptions = {}): Promise<CloudWatch> {
  const metrics: Metric[] = []
  const respond: Respond = (asked) => {
    if (asked.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') !== true) {
      return failed(403, 'MissingAuthenticationTokenException', 'Request is missing Authentication Token')
    }
    if (asked.headers['x-amz-target'] !== TARGET)
      return failed(400, 'UnknownOperationException', 'Not played here')
    const read = readMetrics(asked)
    if (!Array.isArray(read)) return read
    metrics.push(...read)
    return { headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' }
  }
  const world = withTroubles(respond)
  const server = await listen(world.respond, options)
  return { ...server, ...world, metrics }
}

/** The metrics of a request, or the first rule that they break. */
function readMetrics(asked: Asked): Metric[] | Answer {
  const body = asked.headers['content-encoding'] === 'gzip' ? gunzipSync(asked.body) : asked.body
  const { Namespace: namespace, MetricData: data } = JSON.parse(body.toString('utf8')) as {
    Namespace?: string
    MetricData?: readonly MetricDatum[]
  }
  if (!namespace) return invalid('The parameter Namespace is required.')
  if (namespace.startsWith('AWS/')) return invalid('The value AWS/ for parameter Namespace is invalid.')
  if (data === undefined || data.length === 0) return invalid('The parameter MetricData is required.')
  if (data.length > METRICS_MAX)
    return invalid('The collection MetricData must not have a size greater than 1000.')
  const bare = data.findIndex(({ MetricName, Value }) => !MetricName || typeof Value !== 'number')
  if (bare !== -1)
    return invalid(`The parameter MetricData.member.${bare + 1} needs a MetricName and a Value.`)
  return data.map(({ MetricName, Value, Unit = 'None', Timestamp, Dimensions = [] }) => ({
    namespace,
    name: MetricName!,
    value: Value!,
    unit: Unit,
    at: Timestamp === undefined ? null : Math.round(Timestamp * 1000),
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  }))
}

function invalid(message: string): Answer {
  return failed(400, 'InvalidParameterValueException', message)
}

function failed(status: number, type: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'stand-in' },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
  }
}
