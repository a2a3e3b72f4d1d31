/**
 * Decimal text and decimal rounding of doubles, correct to the last digit: halves go to the even
 * neighbour, as in C's printf and Python's round.
 *
 * toFixed and toPrecision are exact too, but send an exact half away from zero. A double is an exact
 * half at n decimals only where it is an odd multiple of 2^-(n+1), because 10^n has no more twos.
 */

/** Whether `x` lies exactly between two numbers of that many decimals. */
function isHalf(x: number, decimals: number): boolean {
  return Math.abs((x * 2 ** (decimals + 1)) % 2) === 1
}

/** The digit a half was rounded away to, made even: an odd last digit is one too many, and never 0. */
function evenly(text: string): string {
  const digit = text.charCodeAt(text.length - 1) - 48
  return digit % 2 === 0 ? text : `${text.slice(0, -1)}${digit - 1}`
}

/** `x` with that many decimals. From 1e21 on, the shortest text. */
export function fixed(x: number, decimals: number): string {
  const text = x.toFixed(decimals)
  return isHalf(x, decimals) ? evenly(text) : text
}

/**
 * `x` with that many significant digits, trailing zeros included; exponents as toPrecision has them.
 *
 * Halves of numbers too large for positional writing are left to toPrecision: nothing on earth
 * is 1e15 degrees or metres away.
 */
export function significant(x: number, digits: number): string {
  const text = x.toPrecision(digits)
  // Only a number with few binary places can be a half; this spares nearly all others the search.
  if ((x * 2 ** digits) % 1 !== 0 || text.includes('e')) return text
  const point = text.indexOf('.')
  return isHalf(x, point === -1 ? 0 : text.length - point - 1) ? evenly(text) : text
}

/**
 * The double next to `x` rounded to that many decimals, 0 to 15, as Python's round(x, n).
 *
 * Multiplying first is off by half a unit in the last place of the product, so its answer is taken
 * only where it is further than that from a half.
 */
export function roundDecimal(x: number, decimals: number): number {
  const scale = 10 ** decimals
  const scaled = x * scale
  const whole = Math.round(scaled)
  const doubt = Math.abs(scaled) * 2 ** -51
  if (Math.abs(Math.abs(scaled - whole) - 0.5) > doubt && doubt < 0.25) return whole / scale
  return Number.isFinite(x) && Math.abs(x) < 1e21 ? Number(fixed(x, decimals)) : x
}
