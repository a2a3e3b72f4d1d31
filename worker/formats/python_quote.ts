/**
 * Texts as Python prints them inside a list or a dictionary.
 *
 * A GeoJSON property may hold either; the original wrote them into its table as Python does, and that
 * text is what functions cut and hashes are made from.
 */

/** A text inside a list or a dictionary: quoted as Python's `repr` does. */
export function quotedText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let quoted = ''
  for (const character of text) quoted += character === quote ? `\\${quote}` : escaped(character)
  return `${quote}${quoted}${quote}`
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Python escapes what has no picture: controls, separators other than the blank, unassigned code points. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u

function escaped(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined) return known
  if (character === ' ' || !UNPRINTABLE.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
