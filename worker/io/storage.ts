/**
 * Storage: where the files of runs are kept for the world, behind one small interface.
 *
 * A bucket of S3 when one is named, a folder of this computer otherwise; both are held to the same
 * contract by `storage.test.ts`. Files go in whole and come out as a stream; a key is written by one
 * run only, so nothing here locks.
 */
import type { Readable } from 'node:stream'
import { folderStorage } from './folder_storage.ts'
import { s3Storage } from './s3.ts'

/** What is told to those who download a file. */
export interface PutOptions {
  /** Content type, such as `application/geo+json`. */
  readonly type: string
  /** Defaults to a year and never asked again for `runs/…`, and to nothing elsewhere. */
  readonly cacheControl?: string
  /** Content encoding, such as `gzip`, when the file is to be unpacked on its way. */
  readonly encoding?: string
}

/** A file that is kept now. */
export interface Stored {
  readonly key: string
  readonly bytes: number
  /** MD5 of the content, in hex, computed here from the bytes that were sent. */
  readonly md5: string
  /** SHA-256, likewise. */
  readonly sha256: string
  readonly url: string
}

/** A file that was kept before. */
export interface Found {
  readonly bytes: number
  /** Its content; read it to the end or `destroy()` it, or a connection stays open. */
  readonly body: Readable
}

export interface Storage {
  /**
   * Keep a file under a key; an older one of that key is replaced, at once and as a whole.
   *
   * @param key  such as `runs/12/out.geojson.gz`: no leading `/`, no part that begins with a dot
   * @param file  path of the file on this computer
   */
  put(key: string, file: string, options: PutOptions): Promise<Stored>
  /**
   * Keep what comes, of a size that nobody knows yet, without a copy on the disk of this computer.
   *
   * It appears under its key when all of it has come; when `body` fails, nothing does.
   */
  putStream(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Stored>
  /** Read a file back; undefined when there is none of that key. */
  get(key: string): Promise<Found | undefined>
  /** Where the world finds a key. */
  url(key: string): string
}

/** The part of the configuration that says where files go. */
export interface StorageChoice {
  readonly awsS3Bucket?: string | undefined
  readonly awsS3PublicUrl?: string | undefined
  readonly awsEndpointUrlS3?: string | undefined
  readonly awsRegion: string
  readonly storageDir: string
  readonly machineBaseUrl: string
}

/** The storage that the configuration names: S3 when there is a bucket, else the folder. */
export function openStorage(choice: StorageChoice): Storage {
  if (choice.awsS3Bucket === undefined) {
    return folderStorage({ folder: choice.storageDir, publicUrl: choice.machineBaseUrl })
  }
  return s3Storage({
    bucket: choice.awsS3Bucket,
    region: choice.awsRegion,
    endpoint: choice.awsEndpointUrlS3,
    publicUrl: choice.awsS3PublicUrl,
  })
}
