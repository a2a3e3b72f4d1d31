/**
 * The two patterns that the built-in functions on American addresses share.
 */

/** `12`, `12 1/2`, `12-1/2`; `12-34`; `12A`, `12-A`. */
export const HOUSE_NUMBER = '\\d+(?:[ -]\\d/\\d)?|\\d+-\\d+|\\d+-?[A-Z]'

/** The word that begins a unit, with what must follow it; `#` needs nothing. */
export const UNIT_WORD = '(?:UNIT|APARTMENT|APT\\.?|SUITE|STE\\.?|BUILDING|BLDG\\.?|LOT)\\s+|#'
