/** Words for numbers, as pages say them. Time is handed in. */

const UNITS: readonly [seconds: number, one: string][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]

/** `3 minutes ago`; a date when it is longer ago than three months. */
export function ago(then: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000))
  if (seconds < 5) return 'just now'
  if (seconds > 90 * 86_400) return then.toISOString().slice(0, 10)
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, 'second']
  return `${counted(Math.floor(seconds / size), unit)} ago`
}

/** `1 run`, `4,862 runs`. */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`
}

/** `1,234,567` */
export function grouped(count: number): string {
  return count.toLocaleString('en')
}

/** `12.5 %`, `−99.8 %`, `< 0.1 %`: cut off, not rounded, so that 100 % is said only of all. */
export function percent(share: number): string {
  const size = Math.abs(share)
  // What is nearly a whole tenth of a percent in binary is one.
  const tenths = Math.floor(size * 1000 + 1e-9)
  if (tenths === 0 && size > 0) return '< 0.1 %'
  return `${share < 0 ? '−' : ''}${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} %`
}

/** `12 kB`, `3.4 MB`; decimal, as disks and downloads are sold. */
export function size(bytes: number): string {
  const names = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let at = 0
  while (value >= 999.5 && at < names.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${names[at]}`
}

/** `0.8 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
