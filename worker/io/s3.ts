/**
 * Storage in a bucket of S3, or of a server that speaks like it.
 *
 * Small files go in one request and large ones in parts, of which a failed upload leaves none behind.
 * What is kept is asked for once more, and its size and checksum compared, since "200 OK" has been said of less.
 * Credentials are found by the SDK itself (environment, then the role of the instance).
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { contentOf, type Digests, digesting } from './digests.ts'
import { cacheControlOf, checkKey, urlOf } from './key.ts'
import type { PutOptions, Storage, Stored } from './storage.ts'

/**
 * Files up to this size go in one request; larger ones in parts of it. S3 wants 5 MiB at least. What comes
 * as a stream is held to 80 GB by it, five times the largest collection.
 */
const PART_BYTES = 8 * 1024 * 1024

/** S3 takes no more parts than this for one file, so the parts of very large files are larger. */
const PARTS_MAX = 10_000

/** So many parts are in memory and on their way at once. */
const PARTS_AT_ONCE = 4

/** Tries of one request, with the SDK's growing pauses between them. */
const TRIES = 4

const CONNECT_MS = 5_000

/** A connection on which nothing moves is given up. */
const SILENCE_MS = 30_000

/** One request, which carries 8 MiB at most (but for files over 80 GiB), may take this long. */
const REQUEST_MS = 180_000

export interface S3Choice {
  readonly bucket: string
  readonly region: string
  /** Another server than Amazon's, such as `http://localhost:8333`; buckets are then part of the path. */
  readonly endpoint?: string | undefined
  /** Where the world reads the bucket, without a slash at its end; Amazon's address by default. */
  readonly publicUrl?: string | undefined
  /** Given by tests; found by the SDK otherwise. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly silenceMs?: number
  readonly tries?: number
}

/** Keep files in a bucket. */
export function s3Storage({ bucket, ...choice }: S3Choice): Storage {
  const client = connect(choice)
  const publicUrl = choice.publicUrl ?? `${choice.endpoint ?? 'https://s3.amazonaws.com'}/${bucket}`

  async function keep(key: string, content: Content, options: PutOptions): Promise<Stored> {
    checkKey(key)
    try {
      const { sent, etag } = await upload(
        client,
        { ...headers(key, options), Bucket: bucket, Key: key },
        content,
      )
      const kept = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
      if (kept.ContentLength !== sent.bytes)
        throw new Error(`sent ${sent.bytes} bytes, kept ${kept.ContentLength}`)
      if (isOther(kept, etag)) throw new Error(`sent content ${etag}, kept ${kept.ETag}`)
      return { key, ...sent, url: urlOf(publicUrl, key) }
    } catch (error) {
      throw failure(`put ${key} into bucket ${bucket}`, error)
    }
  }

  return {
    async put(key, file, options) {
      checkKey(key)
      const { size } = await stat(file).catch((error: unknown) => {
        throw failure(`put ${key} into bucket ${bucket}`, error)
      })
      const partBytes = Math.max(PART_BYTES, Math.ceil(size / PARTS_MAX))
      return keep(key, { body: contentOf(file), size, partBytes }, options)
    },

    putStream: (key, body, options) => keep(key, { body, partBytes: PART_BYTES }, options),

    async get(key) {
      checkKey(key)
      try {
        const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        if (found.ContentLength === undefined || !(found.Body instanceof Readable)) {
          throw new Error('the answer has no content')
        }
        return { bytes: found.ContentLength, body: found.Body }
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined
        throw failure(`get ${key} from bucket ${bucket}`, error)
      }
    },

    url: (key) => {
      checkKey(key)
      return urlOf(publicUrl, key)
    },
  }
}

function connect({ region, endpoint, credentials, silenceMs, tries }: Omit<S3Choice, 'bucket'>): S3Client {
  return new S3Client({
    region,
    maxAttempts: tries ?? TRIES,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: silenceMs ?? SILENCE_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
  })
}

function headers(key: string, { type, cacheControl, encoding }: PutOptions) {
  const cache = cacheControl ?? cacheControlOf(key)
  return {
    ContentType: type,
    ...(cache === undefined ? {} : { CacheControl: cache }),
    ...(encoding === undefined ? {} : { ContentEncoding: encoding }),
  }
}

/** What is sent, and in parts of which size. */
interface Content {
  readonly body: AsyncIterable<Uint8Array>
  /** Absent while nobody knows. */
  readonly size?: number
  readonly partBytes: number
}

async function upload(
  client: S3Client,
  params: { Bucket: string; Key: string },
  { body: content, size, partBytes }: Content,
): Promise<{ readonly sent: Digests; readonly etag: string }> {
  const digested = digesting(content, partBytes)
  const body = Readable.from(digested.body, { objectMode: false })
  try {
    const sending = new Upload({
      client,
      params: { ...params, Body: body, ...(size === undefined ? {} : { ContentLength: size }) },
      partSize: partBytes,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    })
    await sending.done()
  } finally {
    body.destroy()
  }
  return { sent: digested.digests(), etag: digested.etag() }
}

/** Whether the checksum of what is kept is another. Keys of a customer, or of KMS, leave none that can be compared. */
function isOther({ ETag = '', ServerSideEncryption, SSECustomerAlgorithm }: Kept, etag: string): boolean {
  const said = /^"?([0-9a-f]{32}(?:-\d+)?)"?$/.exec(ETag)?.[1]
  if (said === undefined || ServerSideEncryption?.startsWith('aws:kms') || SSECustomerAlgorithm) return false
  return said !== etag
}

type Kept = Pick<HeadObjectCommandOutput, 'ETag' | 'ServerSideEncryption' | 'SSECustomerAlgorithm'>

/** One sentence: what was tried, a colon, what the server or the network said. */
function failure(tried: string, error: unknown): Error {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new Error(`${tried}: ${said}`, { cause: error })
}
