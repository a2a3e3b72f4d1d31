/**
 * The schedule: which command is started when.
 *
 * Times are five fields of cron and the name of a time zone. What falls into the hour that a clock skips in spring starts
 * at the end of that hour; what falls into the hour that comes twice in autumn starts once.
 */
import { Cron } from 'croner'

/** Something that is started at times. */
export interface Entry {
  /** What people call it: small letters, digits, `-` and `_`. */
  readonly name: string
  /** Minute, hour, day, month, day of the week; or a nickname such as `@hourly`. */
  readonly cron: string
  /** Such as UTC or Europe/Berlin. */
  readonly zone: string
  /** A machine command and its options. */
  readonly command: readonly string[]
  /** The end of patience; null for none. */
  readonly hoursMax: number | null
}

/** The original's table: its times (UTC), its limits, its commands. Maps are drawn, and the manifest made, after what they show. */
export const DEFAULT_SCHEDULE: readonly Entry[] = [
  entry('enqueue-sources', '0 21 * * 1,5', 60),
  entry('collect-extracts', '0 15 * * 0,3', 20),
  entry('calculate-coverage', '0 15 */3 * *', 3),
  entry('render-coverage', '0 18 */3 * *', 1),
  entry('update-dotmap', '0 15 1,11,21 * *', 48),
  entry('index-tiles', '0 15 */7 * *', 16),
  entry('sum-up-data', '0 * * * *', 1),
  entry('publish-manifest', '30 * * * *', 1),
]

function entry(command: string, cron: string, hoursMax: number): Entry {
  return { name: command, cron, zone: 'UTC', command: [command], hoursMax }
}

/**
 * The first start after a time; undefined when there is none, as of the 31st of February.
 *
 * @throws {RangeError} when cron or zone cannot be read; the message says which and why
 */
export function nextStart(cron: string, zone: string, after: Date): Date | undefined {
  if (!isZone(zone))
    throw new RangeError(`there is no time zone "${zone}"; expected one such as Europe/Berlin`)
  try {
    return new Cron(cron, { timezone: zone, mode: '5-part', paused: true }).nextRun(after) ?? undefined
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new RangeError(`"${cron}" is no time: ${said.replace(/^\w+: /, '')}`, { cause: error })
  }
}

/** Whether a name is one that starts can go by. */
export function isEntryName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]*$/.test(name)
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
