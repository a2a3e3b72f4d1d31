/**
 * `<name>.zip`: the classic product of an address source, for those who open it in a spreadsheet, a
 * database or QGIS: README.txt, LICENSE.txt, the table as CSV, and a VRT that tells GDAL where its
 * coordinates are.
 *
 * Inside, the files lie under the source's own path (`us/ca/berkeley.csv`), so that many such
 * archives can be unpacked into one folder.
 */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import yazl from 'yazl'
import { ADDRESS_CSV_HEADER, addressCsvLine } from './address_csv.ts'
import { artifact, type Leaving, type Made, type Output, type OutRow } from './output.ts'
import { licenseText, readme, vrt } from './zip_texts.ts'

/** The archive of a source: `us/ca/berkeley` gives `berkeley.zip`. */
export function addressZipName(sourceName: string): string {
  return `${basename(sourceName)}.zip`
}

export function addressZip(leaving: Leaving): Output {
  const name = addressZipName(leaving.sourceName)
  const path = join(leaving.folder, name)
  const csv = new PassThrough()
  const zip = packed(leaving, csv)
  const file = createWriteStream(path)
  const ended = pipeline(zip.outputStream, file)
  // A failure is told by the next write or by close; here it only must not count as unheard.
  ended.catch((error) => csv.destroy(error))
  csv.on('error', () => {})
  let count = 0
  let underWay = write(ADDRESS_CSV_HEADER)

  function write(text: string): Promise<void> {
    const gone = new Promise<void>((resolve, reject) => {
      csv.write(text, (error) => (error ? reject(error) : resolve()))
    })
    gone.catch(() => {})
    return gone
  }

  return {
    async write(rows: readonly OutRow[]): Promise<void> {
      let text = ''
      for (const { feature } of rows) text += addressCsvLine(feature)
      count += rows.length
      await underWay
      if (text !== '') underWay = write(text)
    },

    async close(): Promise<Made> {
      await underWay
      csv.end()
      await ended
      return { artifacts: [await artifact(leaving.folder, name, 'application/zip')], rows: count }
    },

    async abandon(): Promise<void> {
      csv.destroy()
      file.destroy()
      await ended.catch(() => {})
      await rm(path, { force: true })
    },
  }
}

function packed(leaving: Leaving, csv: PassThrough): yazl.ZipFile {
  const zip = new yazl.ZipFile()
  const inside = insidePath(leaving.sourceName)
  const options = { mtime: leaving.now }
  zip.addBuffer(Buffer.from(readme(leaving)), 'README.txt', options)
  zip.addBuffer(Buffer.from(licenseText(leaving.license)), 'LICENSE.txt', options)
  zip.addBuffer(Buffer.from(vrt(basename(inside))), `${inside}.vrt`, options)
  zip.addReadStream(csv, `${inside}.csv`, options)
  zip.end()
  return zip
}

/** A path that any unpacking program accepts: relative, without `.`, `..` and empty parts. */
function insidePath(sourceName: string): string {
  const parts = sourceName.split(/[\\/]/).filter((part) => !['', '.', '..'].includes(part))
  return parts.join('/') || 'source'
}
