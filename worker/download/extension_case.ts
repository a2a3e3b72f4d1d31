/**
 * Extensions in capitals: GDAL looks for `.shx` beside a `.shp` and passes `.SHX` over.
 *
 * The file, and of a shapefile its companions, gets a second name in lower case; the content is not copied
 * where the file system can do without.
 *
 * Source: processing.md §7.1.
 */
import { copyFile, link, readdir } from 'node:fs/promises'
import { dirname, extname, join, parse } from 'node:path'

const SHAPEFILE = ['.shp', '.shx', '.dbf', '.prj', '.cpg']

/** The same file under a name whose extension is in lower case; the path itself where it is so already. */
export async function withLowerCaseExtension(path: string): Promise<string> {
  const { dir, name, ext } = parse(path)
  const lower = ext.toLowerCase()
  if (ext === lower) return path

  const wanted = lower === '.shp' ? SHAPEFILE : [lower]
  const files = await readdir(dirname(path))
  for (const file of files) {
    const extension = extname(file)
    const twin = `${name}${extension.toLowerCase()}`
    if (parse(file).name !== name || !wanted.includes(extension.toLowerCase()) || files.includes(twin))
      continue
    const [from, to] = [join(dir, file), join(dir, twin)]
    await link(from, to).catch(() => copyFile(from, to))
  }
  return join(dir, `${name}${lower}`)
}
