/**
 * FTP: log in, passive, one RETR.
 *
 * As little of the protocol as a download needs. The name and the password stand in the address, or it is
 * anonymous; the path is sent as it is written. Both connections go to the address that the guard has
 * looked at, whatever the server's answer to PASV says.
 *
 * Source: RFC 959, RFC 2428 (EPSV); processing.md §4.2.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SourceError } from '../../shared/problem.ts'
import { cacheName, type Downloaded, type DownloadOptions } from './cache.ts'
import { assertRoom, diskError, sizeText } from './disk.ts'
import { pathExtension } from './extension.ts'
import { type FtpSession, ftpSession } from './ftp_session.ts'
import { every } from './progress.ts'
import { shown } from './request_errors.ts'
import { PATIENCE, type Patience, withRetries } from './retry.ts'
import { ftpValidators, isSameDate, UNCHANGED, type Validators } from './validators.ts'

/** Download a file. */
export async function downloadFtp(address: string, options: DownloadOptions): Promise<Downloaded> {
  if (!URL.canParse(address)) throw new SourceError('download-failed', `"${address}" is not an address`)
  const url = new URL(address)
  const patience = { ...PATIENCE, ...options.patience }
  const asked: Asked = { ...options, patience, address }
  return withRetries(() => fetchOnce(url, asked), asked)
}

interface Asked extends DownloadOptions {
  readonly patience: Patience
  /** As the source writes it. */
  readonly address: string
}

async function fetchOnce(url: URL, options: Asked): Promise<Downloaded> {
  const session = await ftpSession(url, options)
  try {
    return await retrieve(session, url, options)
  } finally {
    session.close()
  }
}

async function retrieve(session: FtpSession, url: URL, options: Asked): Promise<Downloaded> {
  await logIn(session, url)
  await session.ask('TYPE I', [200])
  const path = pathOf(options.address)
  const validators = await dateOf(session, path)
  if (isSameDate(validators, options.earlier)) {
    options.log(`${shown(url.href)} is what it was: last modified ${validators?.lastModified}`)
    return UNCHANGED
  }
  const announced = await sizeOf(session, path)
  if (announced !== undefined) await assertRoom(options.folder, announced, 'the download')

  const extension = pathExtension(path)
  const target = join(options.folder, cacheName(extension))
  const hash = createHash('md5')
  let bytes = 0
  const bytesTotal = announced === undefined ? {} : { bytesTotal: announced }
  const tell = every(() => options.tell({ stage: 'download', bytes, ...bytesTotal }))
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      tell.now()
      done(null, chunk)
    },
  })
  const data = await session.open(`RETR ${path}`)
  try {
    await pipeline(data, counted, createWriteStream(target), { signal: options.signal })
  } catch (error) {
    options.signal.throwIfAborted()
    const known = diskError(error, 'the download')
    if (known instanceof SourceError) throw known
    throw new SourceError('download-incomplete', `${bytes} bytes came from ${shown(url.href)}`, {
      cause: error,
    })
  }
  await session.answer([226, 250])
  tell.last()
  if (announced !== undefined && announced !== bytes) {
    throw new SourceError('download-incomplete', `${bytes} bytes came, ${announced} were announced`)
  }
  if (bytes === 0) throw new SourceError('download-not-data', `nothing at all came from ${shown(url.href)}`)
  options.log(`downloaded ${sizeText(bytes)} from ${shown(url.href)}`)
  return { path: target, bytes, fingerprint: hash.digest('hex'), extension, isEsri: false, validators }
}

async function logIn(session: FtpSession, url: URL): Promise<void> {
  await session.answer([220])
  const user = plain(url.username) || 'anonymous'
  const code = await session.ask(`USER ${user}`, [230, 331])
  if (code === 331) await session.ask(`PASS ${plain(url.password) || 'anonymous@'}`, [230, 202])
}

/** Not every server has MDTM and SIZE; RFC 3659 came late. */
async function dateOf(session: FtpSession, path: string): Promise<Validators | undefined> {
  const code = await session.ask(`MDTM ${path}`, [213, 500, 501, 502, 504, 550])
  return code === 213 ? ftpValidators(session.words()) : undefined
}

async function sizeOf(session: FtpSession, path: string): Promise<number | undefined> {
  const code = await session.ask(`SIZE ${path}`, [213, 500, 501, 502, 504, 550])
  const size = Number(session.words())
  return code === 213 && Number.isSafeInteger(size) ? size : undefined
}

/** As it is written; the parser of URLs would encode what the server knows by its plain name. */
function pathOf(address: string): string {
  return oneLine(/^[a-z]+:\/\/[^/]*([^?#]*)/i.exec(address)?.[1] || '/')
}

function plain(part: string): string {
  return oneLine(decodeURIComponent(part))
}

/** A line break would be a second command. */
function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new SourceError('download-failed', 'the address has a line break in it')
  return text
}
