import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { extensionOf, pathExtension, urlExtension } from './extension.ts'
import { kindOf } from './sniff.ts'

describe('urlExtension', () => {
  const cases: [url: string, expected: string | undefined][] = [
    ['http://x.test/a/data.CSV', '.csv'],
    ['http://x.test/a/data.csv.gz', '.csv.gz'],
    ['http://x.test/a/data.gdb.zip', '.zip'],
    ['http://x.test/a/data.zip?v=2', undefined],
    ['http://x.test/a/get.aspx', undefined],
    ['http://x.test/a.b/data', undefined],
    ['http://x.test/', undefined],
  ]
  for (const [url, expected] of cases) {
    test(`${url}: ${expected}`, () => expect(urlExtension(new URL(url))).toBe(expected!))
  }
})

describe('extensionOf', () => {
  const ZIP = Buffer.from('PK\x03\x04', 'latin1')
  const GZIP = gzipSync('x')
  const TEXT = Buffer.from('a,b\n')
  const cases: [
    name: string,
    path: string,
    type: string,
    disposition: string,
    head: Uint8Array,
    expected: string,
  ][] = [
    ['the address', '/a.csv', 'application/zip', 'attachment; filename=b.zip', ZIP, '.csv'],
    ['the bytes of a zip', '/get?x', 'text/csv', '', ZIP, '.zip'],
    ['the bytes of a gzip', '/get?x', '', '', GZIP, '.gz'],
    ['what is in a gzip', '/get?x', '', 'attachment; filename="b.csv.gz"', GZIP, '.csv.gz'],
    ['the proposed name', '/get?x', 'application/octet-stream', 'attachment; filename=b.CSV;', TEXT, '.csv'],
    ['the proposed name in UTF-8', '/get?x', '', "attachment; filename*=UTF-8''b%20c.csv", TEXT, '.csv'],
    ['the content type', '/get?x', 'text/csv; charset=utf-8', '', TEXT, '.csv'],
    ['the address with a query', '/get.geojson?x', 'text/plain', '', TEXT, '.geojson'],
    ['the text', '/get?x', 'text/plain', '', Buffer.from('{"type":"Feature"}'), '.json'],
    ['a vague content type', '/get?x', 'text/plain', '', TEXT, '.txt'],
    ['nothing', '/get?x', 'application/octet-stream', '', TEXT, ''],
    ['no program', '/get?x', '', 'attachment; filename=download.php', TEXT, ''],
  ]
  for (const [name, path, contentType, contentDisposition, head, expected] of cases) {
    test(`goes by ${name}: ${expected}`, () => {
      const url = new URL(`http://x.test${path}`)
      expect(extensionOf({ url, contentType, contentDisposition, head })).toBe(expected)
    })
  }
})

describe('pathExtension', () => {
  test('is never more than a word', () => {
    expect(pathExtension('/a.b/../c')).toBe('')
    expect(pathExtension('x.csv; rm -rf')).toBe('')
    expect(pathExtension('.hidden')).toBe('')
  })
})

describe('kindOf', () => {
  const cases: [text: string, kind: string][] = [
    ['PK\x03\x04', 'zip'],
    ['SQLite format 3\0', 'sqlite'],
    ['{"type"', 'json'],
    [' [\n{', 'json'],
    ['{not json', 'unknown'],
    ['<?xml version="1.0"?><gml:FeatureCollection>', 'xml'],
    ['<html>', 'html'],
    ['a,b', 'unknown'],
    ['', 'unknown'],
  ]
  for (const [text, kind] of cases) {
    test(`${JSON.stringify(text)} is ${kind}`, () =>
      expect(kindOf(Buffer.from(text, 'latin1'))).toBe(kind as never))
  }
})
