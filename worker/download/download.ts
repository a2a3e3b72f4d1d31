/**
 * Download: fetch the data of one source, whatever it is kept behind.
 *
 * Table: protocol → function. As in the original the scheme of the address decides between http,
 * ftp and file; the protocol tells only whether it is an ESRI service.
 */
import { SourceError } from '../../shared/problem.ts'
import { type Cache, type Downloaded, type DownloadOptions, whole } from './cache.ts'
import { downloadEsri } from './esri.ts'
import { downloadFile } from './file.ts'
import { downloadFtp } from './ftp.ts'
import { downloadHttp } from './http.ts'
import { shown } from './request_errors.ts'

export type { Cache, Downloaded, DownloadOptions } from './cache.ts'

type Download = (url: string, options: DownloadOptions) => Promise<Downloaded>

const SCHEMES: Readonly<Record<string, Download>> = {
  http: downloadHttp,
  https: downloadHttp,
  ftp: downloadFtp,
  file: downloadFile,
}

const PROTOCOLS: Readonly<Record<string, Download>> = {
  http: byScheme,
  https: byScheme,
  ftp: byScheme,
  file: byScheme,
  esri: downloadEsri,
}

/**
 * Download the data of a source, unless it is what it was.
 *
 * @param protocol  as the source writes it, in any case
 * @throws {SourceError} when the data cannot be had, or not whole
 */
export async function downloadIfChanged(
  protocol: string,
  url: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const fetchData = PROTOCOLS[protocol.toLowerCase()]
  if (fetchData === undefined) throw new SourceError('unknown-protocol', `"${protocol}"`)
  return fetchData(url, options)
}

/** The same for those who have no earlier download to compare with. */
export async function download(
  protocol: string,
  url: string,
  options: Omit<DownloadOptions, 'earlier'>,
): Promise<Cache> {
  return whole(await downloadIfChanged(protocol, url, options))
}

function byScheme(url: string, options: DownloadOptions): Promise<Downloaded> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const fetchData = SCHEMES[scheme]
  if (fetchData !== undefined) return fetchData(url, options)
  throw new SourceError('download-forbidden-address', `${shown(url)} is not an http, https or ftp address`)
}
