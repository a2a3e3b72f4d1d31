import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { externalSorter, type Sorter } from './external_sort.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-sort-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function all(sorter: Sorter): Promise<string[]> {
  const lines: string[] = []
  for await (const group of sorter.sorted()) lines.push(...group.map(({ key, text }) => `${key} ${text}`))
  return lines
}

describe('externalSorter', () => {
  test('gives nothing where nothing was added', async () => {
    expect(await all(externalSorter({ folder, name: 'empty' }))).toEqual([])
  })

  test('sorts by key, and keeps the order of what is equal', async () => {
    const sorter = externalSorter({ folder, name: 'few' })
    for (const [key, text] of [
      [7, 'b'],
      [4_294_967_295, 'last'],
      [7, 'a'],
      [0, 'fürst'],
    ] as const)
      await sorter.add(key, text)

    expect(await all(sorter)).toEqual(['0 fürst', '7 b', '7 a', '4294967295 last'])
  })

  const sizes: [name: string, fanIn: number][] = [
    ['in one pass', 64],
    ['in several passes, with few files open', 3],
  ]
  for (const [name, fanIn] of sizes) {
    test(`sorts what is larger than its buffer ${name}, and leaves no file`, async () => {
      const sorter = externalSorter({ folder, name: `many-${fanIn}`, bufferBytes: 4_096, fanIn })
      const keys = Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 1_000)
      for (const [index, key] of keys.entries()) await sorter.add(key, `row ${index}`)
      expect((await readdir(folder)).length).toBeGreaterThan(5)

      const expected = keys
        .map((key, index) => [key, index] as const)
        .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
        .map(([key, index]) => `${key} row ${index}`)
      expect(await all(sorter)).toEqual(expected)
      expect(await readdir(folder)).toEqual([])
    })
  }

  test('refuses a record that no buffer holds', async () => {
    const sorter = externalSorter({ folder, name: 'long', bufferBytes: 10 })

    await expect(sorter.add(1, 'x'.repeat(11))).rejects.toThrow('a record of 11 characters is too long')
  })
})
