/**
 * The bucket is there, and the world can read it: made once, and looked at again at each start.
 *
 *     bun infra/compose/make_bucket.ts
 *
 * The address and the keys come from the usual variables of the AWS SDK. That the world can read is not a
 * setting of the bucket but of the store (infra/compose/store.sh), so it is tried with a small file.
 */
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { processEnv, readConfig } from '../../worker/env.ts'

/** Tells whoever finds the bucket what it is. */
const FILE = { Key: 'index.txt', Body: 'Files of Machine: runs/<run id>/…\n', ContentType: 'text/plain' }

/** Answers of a bucket that is there already. */
const THERE = ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists']

const { awsS3Bucket, awsEndpointUrlS3, awsRegion } = readConfig(processEnv(), ['AWS_S3_BUCKET'])
const bucket = { Bucket: awsS3Bucket ?? '' }
const endpoint = awsEndpointUrlS3 ?? 'https://s3.amazonaws.com'
const s3 = new S3Client({ region: awsRegion, endpoint, forcePathStyle: true })

const made = await s3.send(new CreateBucketCommand(bucket)).then(
  () => 'made',
  (error: Error) => {
    if (THERE.includes(error.name)) return 'was there'
    throw error
  },
)
await s3.send(new PutObjectCommand({ ...bucket, ...FILE }))

const url = `${endpoint}/${bucket.Bucket}/${FILE.Key}`
const read = await fetch(url)
if (!read.ok || (await read.text()) !== FILE.Body) {
  console.error(`bucket ${bucket.Bucket} ${made}, but the world cannot read it: ${read.status} from ${url}`)
  process.exit(1)
}
console.log(`bucket ${bucket.Bucket} ${made}; the world can read it`)
process.exit(0)
