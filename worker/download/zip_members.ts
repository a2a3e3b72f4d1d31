/**
 * Zip members: which of them a source means with `file`.
 *
 * A name selects the member of that path, in any case, and all that lies below it. If there is none,
 * the name alone is looked for in every folder, which the original did not do.
 *
 * Source: processing.md §6.2; demands 67 and 68.
 */

/**
 * What belongs to a shapefile. The original left `.cpg` in the archive, and with it what the
 * text is encoded in (§13 #19).
 */
const SHAPEFILE = ['.shp', '.shx', '.dbf', '.prj', '.cpg']

/** The lower-case paths that `file` stands for; undefined where it is absent: then everything is wanted. */
export function wantedNames(file: string | undefined): readonly string[] | undefined {
  const name = (file ?? '')
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .toLowerCase()
  if (name === '') return undefined
  if (!name.endsWith('.shp')) return [name.replace(/\/$/, '')]
  return SHAPEFILE.map((extension) => `${name.slice(0, -4)}${extension}`)
}

/** Whether a member is one of these, or lies below one; `names` are in lower case. */
export function isSelected(path: string, names: readonly string[]): boolean {
  const lower = path.toLowerCase()
  return names.some((name) => lower === name || lower.startsWith(`${name}/`))
}

/**
 * The members to unpack.
 *
 * @returns none when the archive has nothing of that name
 */
export function selectMembers(
  paths: readonly string[],
  names: readonly string[] | undefined,
): readonly string[] {
  if (names === undefined) return paths
  const exact = paths.filter((path) => isSelected(path, names))
  if (exact.length > 0) return exact
  return paths.filter((path) => {
    const lower = `/${path.toLowerCase()}`
    return names.some((name) => lower.endsWith(`/${name}`) || lower.includes(`/${name}/`))
  })
}

/** What archives contain beside the data: what macOS and Windows keep there for themselves. */
export function isJunk(path: string): boolean {
  return /(?:^|\/)(?:__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$)/i.test(path)
}
