/**
 * Populations of an operator: CSV with the columns code, lon, lat and population, one row for each box of one degree, read as a stream.
 *
 *     code,lon,lat,population
 *     CH,6,46,413000
 *
 * The format is described in docs/coverage.md.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Population } from '../shared/db/coverage_numbers.ts'
import { UsageError } from './options.ts'

const HEADER = 'code,lon,lat,population'

const BATCH = 1_000

/**
 * The rows of a file, in batches.
 *
 * @throws {UsageError} that names the line, when it is not that
 */
export async function* readPopulations(path: string): AsyncGenerator<Population[]> {
  let number = 0
  let batch: Population[] = []
  const file = createReadStream(path)
  const failed = new Promise<never>((_, reject) => file.once('error', reject))
  failed.catch(() => {})
  try {
    await Promise.race([failed, new Promise((open) => file.once('open', open))])
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
  for await (const line of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line
    if (number === 1) {
      if (text.trim() !== HEADER) throw new UsageError(`${path}, line 1: expected "${HEADER}", got "${text}"`)
    } else if (text.trim() !== '') {
      batch.push(rowOf(text, `${path}, line ${number}`))
      if (batch.length === BATCH) {
        yield batch
        batch = []
      }
    }
  }
  if (number === 0) throw new UsageError(`${path} is empty; expected "${HEADER}"`)
  if (batch.length > 0) yield batch
}

function rowOf(line: string, where: string): Population {
  const [code = '', lon = '', lat = '', people = '', ...more] = line.split(',').map((cell) => cell.trim())
  const [x, y, population] = [Number(lon), Number(lat), Number(people)]
  if (!/^[A-Z]{2}$/.test(code))
    throw new UsageError(`${where}: expected a code of two capital letters, got "${code}"`)
  if (lon === '' || lat === '' || !isCorner(x, 180) || !isCorner(y, 90))
    throw new UsageError(
      `${where}: expected the south-west corner of a box, in whole degrees, got "${lon}, ${lat}"`,
    )
  if (people === '' || more.length > 0 || !(Number.isFinite(population) && population >= 0))
    throw new UsageError(`${where}: expected a number of people, got "${[people, ...more].join(',')}"`)
  return { code, lon: x, lat: y, population }
}

function isCorner(degrees: number, max: number): boolean {
  return Number.isInteger(degrees) && degrees >= -max && degrees < max
}
