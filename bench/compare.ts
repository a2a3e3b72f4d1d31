/** Two files of features, compared line by line: the same properties, and places to seven decimals. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** What differs; the number of lines that have another hash, which depends on the PROJ that was used. */
export interface Difference {
  readonly lines: number
  readonly different: number
  readonly hashes: number
}

/** Compare two files of features. */
export async function compare(one: string, other: string): Promise<Difference> {
  const others = lines(other)[Symbol.asyncIterator]()
  let [count, different, hashes] = [0, 0, 0]
  for await (const line of lines(one)) {
    count++
    const { value } = await others.next()
    if (line === value) continue
    if (withoutHash(line) === withoutHash(value ?? '')) hashes++
    else different++
  }
  while (!(await others.next()).done) {
    count++
    different++
  }
  return { lines: count, different, hashes }
}

function lines(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
}

function withoutHash(line: string): string {
  return line.replace(/"hash": "[0-9a-f]*"/, '')
}
