/**
 * The `where` of a query, as far as clients of feature servers write it: comparisons joined by AND and OR.
 *
 *     OBJECTID >= 1 AND OBJECTID <= 500      CITY = 'O''Fallon' OR OBJECTID IN (1, 2)      1=1
 */

/** What a feature says, by field name. */
export type Attributes = Readonly<Record<string, string | number | null>>

/** Whether a feature is meant. */
export type Test = (attributes: Attributes) => boolean

const TOKEN = /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<>|<=|>=|=|<|>|\(|\)|,))/y

const COMPARE: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

type Operand = (attributes: Attributes) => string | number | null

/**
 * Read a `where`.
 *
 * @throws {SyntaxError} when it is not understood, or names a field that does not exist
 */
export function readWhere(text: string, fields: readonly string[]): Test {
  const tokens = split(text)
  let at = 0

  const isWord = (word: string) => tokens[at]?.toUpperCase() === word
  function accept(word: string): boolean {
    if (!isWord(word)) return false
    at += 1
    return true
  }
  function expect(word: string): void {
    if (!accept(word)) throw new SyntaxError(`expected ${word}, found ${tokens[at] ?? 'the end'}`)
  }

  function either(): Test {
    const tests = [both()]
    while (accept('OR')) tests.push(both())
    return (attributes) => tests.some((test) => test(attributes))
  }
  function both(): Test {
    const tests = [one()]
    while (accept('AND')) tests.push(one())
    return (attributes) => tests.every((test) => test(attributes))
  }
  function one(): Test {
    if (accept('(')) {
      const inner = either()
      expect(')')
      return inner
    }
    const left = operand()
    if (accept('IS')) {
      const isNot = accept('NOT')
      expect('NULL')
      return (attributes) => (left(attributes) === null) !== isNot
    }
    if (accept('IN')) {
      expect('(')
      const list = [operand()]
      while (accept(',')) list.push(operand())
      expect(')')
      return (attributes) => list.some((right) => order(left(attributes), right(attributes)) === 0)
    }
    if (accept('BETWEEN')) {
      const low = operand()
      expect('AND')
      const high = operand()
      return (attributes) =>
        order(left(attributes), low(attributes)) >= 0 && order(left(attributes), high(attributes)) <= 0
    }
    const compare = COMPARE[tokens[at] ?? '']
    if (compare === undefined)
      throw new SyntaxError(`expected a comparison, found ${tokens[at] ?? 'the end'}`)
    at += 1
    const right = operand()
    return (attributes) => compare(order(left(attributes), right(attributes)))
  }
  function operand(): Operand {
    const token = tokens[at]
    at += 1
    if (token === undefined) throw new SyntaxError('expected a value, found the end')
    if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("''", "'")
    if (/^-?\d/.test(token)) return () => Number(token)
    const field = fields.find((name) => name.toLowerCase() === token.toLowerCase())
    if (field === undefined) throw new SyntaxError(`no field ${token}`)
    return (attributes) => attributes[field] ?? null
  }

  const test = either()
  if (at < tokens.length) throw new SyntaxError(`did not expect ${tokens[at]}`)
  return test
}

/** Nothing compares with null, as in SQL: NaN is neither less, nor equal, nor more. */
function order(left: string | number | null, right: string | number | null): number {
  if (left === null || right === null) return Number.NaN
  if (left === right) return 0
  return left < right ? -1 : 1
}

function split(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new SyntaxError(`did not understand ${text.slice(at)}`)
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4]!)
  }
  return tokens
}
