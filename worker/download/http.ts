/**
 * Downloads over http and https: one GET, straight to the disk, hashed on its way.
 *
 * A transfer that breaks is taken up where it broke when the server can do that and vouches that
 * the file is still the same; otherwise it starts again. Data that is known from an earlier download
 * is not fetched when the server says that it has not changed. What arrives is measured against what was
 * announced, and looked at: a page of HTML is not data, whatever its status says.
 */
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import { cacheName, type Downloaded, type DownloadOptions } from './cache.ts'
import { assertRoom, diskError, sizeText } from './disk.ts'
import { extensionOf } from './extension.ts'
import { every } from './progress.ts'
import { type Answer, request } from './request.ts'
import { shown, statusError } from './request_errors.ts'
import { PATIENCE, Refusal, withRetries } from './retry.ts'
import { HEAD_BYTES, kindOf } from './sniff.ts'
import { conditions, httpValidators, isUnchanged, UNCHANGED } from './validators.ts'

/** A file on its way. */
interface Transfer {
  readonly file: FileHandle
  hash: Hash
  bytes: number
  /** The first bytes, to look at. */
  head: Buffer
  /** ETag or date by which the server knows the very same file again; undefined where it cannot go on. */
  validator: string | undefined
}

/** Download a file. */
export async function downloadHttp(url: string, options: DownloadOptions): Promise<Downloaded> {
  const patience = { ...PATIENCE, ...options.patience }
  const part = join(options.folder, 'cache.part')
  const file = await open(part, 'w')
  try {
    const transfer: Transfer = {
      file,
      hash: createHash('md5'),
      bytes: 0,
      head: Buffer.alloc(0),
      validator: undefined,
    }
    const answer = await withRetries(() => fetchOnce(url, transfer, options), { ...options, patience })
    await file.close()
    if (answer === UNCHANGED) {
      await rm(part)
      return UNCHANGED
    }

    const extension = extensionOf({
      url: answer.url,
      contentType: answer.headers['content-type'],
      contentDisposition: answer.headers['content-disposition'],
      head: transfer.head,
    })
    const path = join(options.folder, cacheName(extension))
    await rename(part, path)
    options.log(`downloaded ${sizeText(transfer.bytes)} from ${shown(url)}`)
    const { bytes, hash } = transfer
    const validators = httpValidators(answer.headers)
    return { path, bytes, fingerprint: hash.digest('hex'), extension, isEsri: false, validators }
  } finally {
    await file.close()
  }
}

async function fetchOnce(
  url: string,
  transfer: Transfer,
  options: DownloadOptions,
): Promise<Answer | typeof UNCHANGED> {
  const { validator, bytes } = transfer
  const { earlier = {} } = options
  const asked =
    validator === undefined || bytes === 0
      ? conditions(earlier)
      : { Range: `bytes=${bytes}-`, 'If-Range': validator }
  const answer = await request(url, {
    fence: options,
    patience: { ...PATIENCE, ...options.patience },
    signal: options.signal,
    log: options.log,
    headers: { ...options.headers, ...asked },
  })
  if (isUnchanged(answer.status, answer.headers, earlier)) {
    answer.drop()
    options.log(`${shown(url)} is what it was: the server says so by ${answer.status}`)
    return UNCHANGED
  }
  const error = statusError(answer.status, answer.headers, answer.url)
  if (error !== undefined) {
    answer.drop()
    // A range that cannot be served: from the beginning, then.
    transfer.validator = undefined
    throw error
  }
  await begin(transfer, answer)
  await receive(transfer, answer, options)
  judge(transfer, answer)
  return answer
}

/** Go on behind what is there, or forget it. */
async function begin(transfer: Transfer, { status, headers }: Answer): Promise<void> {
  if (status === 206 && transfer.bytes > 0) {
    if (headers['content-range']?.startsWith(`bytes ${transfer.bytes}-`)) return
    transfer.validator = undefined
    throw new SourceError('download-failed', `asked to go on, the server sent ${headers['content-range']}`)
  }
  await transfer.file.truncate(0)
  Object.assign(transfer, { hash: createHash('md5'), bytes: 0, head: Buffer.alloc(0) })
  const etag = headers.etag?.startsWith('W/') ? undefined : headers.etag
  const canResume = headers['accept-ranges'] === 'bytes' && headers['content-encoding'] === undefined
  transfer.validator = canResume ? (etag ?? headers['last-modified']) : undefined
}

async function receive(transfer: Transfer, answer: Answer, options: DownloadOptions): Promise<void> {
  const before = transfer.bytes
  const announced = lengthOf(answer)
  const bytesTotal = announced === undefined ? {} : { bytesTotal: before + announced }
  if (announced !== undefined) await assertRoom(options.folder, announced, 'the download')
  const tell = every((): void => options.tell({ stage: 'download', bytes: transfer.bytes, ...bytesTotal }))
  try {
    for await (const chunk of answer.body) {
      if (transfer.head.length < HEAD_BYTES) {
        transfer.head = Buffer.concat([transfer.head, chunk.subarray(0, HEAD_BYTES - transfer.head.length)])
      }
      await transfer.file.write(chunk, 0, chunk.length, transfer.bytes).catch((error: unknown) => {
        throw diskError(error, 'the download')
      })
      transfer.hash.update(chunk)
      transfer.bytes += chunk.length
      tell.now()
    }
  } catch (error) {
    throw brokenOff(error, transfer.bytes - before, announced)
  }
  tell.last()
  if (announced !== undefined && transfer.bytes - before !== announced) {
    throw brokenOff(undefined, transfer.bytes - before, announced)
  }
}

/** A connection that is lost within the body. */
function brokenOff(error: unknown, bytes: number, announced: number | undefined): unknown {
  if (error !== undefined && !(error instanceof SourceError && error.problem.code === 'download-failed'))
    return error
  const of =
    announced === undefined ? 'the server closed the connection' : `${announced} bytes were announced`
  return new SourceError('download-incomplete', `${bytes} bytes came, ${of}`, { cause: error })
}

function lengthOf({ headers }: Answer): number | undefined {
  const length = Number(headers['content-length'])
  const isPlain = [undefined, 'identity'].includes(headers['content-encoding'])
  return isPlain && headers['content-length'] !== undefined && Number.isSafeInteger(length)
    ? length
    : undefined
}

/** Whether this can be data at all; no format of ours looks like a page. */
function judge(transfer: Transfer, answer: Answer): void {
  const where = shown(answer.url.href)
  if (transfer.bytes === 0) throw new SourceError('download-not-data', `nothing at all came from ${where}`)
  if (kindOf(transfer.head) !== 'html') return
  const page = transfer.head.toString('utf8')
  const title = /<title[^>]*>([^<]{1,200})/i.exec(page)?.[1]?.trim()
  const cause = new Refusal('a page of HTML', false)
  throw new SourceError(
    'download-not-data',
    `a page of HTML${title ? ` with the title "${title}"` : ''} came from ${where}`,
    { cause },
  )
}
