import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inTemp } from '../system/temp.ts'
import { countTags } from './xml_tags.ts'

describe('countTags', () => {
  test('counts elements of a name, with any prefix, and nothing that only looks like one', async () => {
    const text = '<a:b><b x="b"/><b/></a:b><bb/><c:bb/><b\n>b</b><x>a:b <!-- b --></x><ä.1:b/>'

    expect(await counted(text, 'b')).toBe(5)
    expect(await counted(text, 'bb')).toBe(2)
    expect(await counted(text, 'c')).toBe(0)
  })

  test('finds each once, wherever a piece of the file ends', async () => {
    const one = '<ogr:points gml:id="points.1"><ogr:name>points</ogr:name></ogr:points>\n'

    expect(await counted(one.repeat(70_000), 'points')).toBe(70_000)
  })

  test('counts none in UTF-16', async () => {
    expect(await counted(Buffer.from('<a/>', 'utf16le'), 'a')).toBe(0)
  })
})

function counted(text: string | Buffer, name: string): Promise<number> {
  return inTemp('tags', async (folder) => {
    const path = join(folder, 'a.xml')
    await writeFile(path, text)
    return countTags(path, name, new AbortController().signal)
  })
}
