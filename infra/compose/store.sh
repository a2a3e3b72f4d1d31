#!/bin/sh
# Starts SeaweedFS as one server that speaks S3 and keeps everything below /data.
#
# Who may do what is told by a file, made here of the environment so that no key stands in the project: one
# identity of ours may do all, and the world may read the objects of one bucket, but not list it.
set -eu

cat >/tmp/s3.json <<JSON
{
  "identities": [
    {
      "name": "machine",
      "credentials": [{ "accessKey": "$STORE_ACCESS_KEY", "secretKey": "$STORE_SECRET_KEY" }],
      "actions": ["Admin", "Read", "List", "Tagging", "Write"]
    },
    { "name": "anonymous", "actions": ["Read:$STORE_BUCKET"] }
  ]
}
JSON

# The image's own start gives /data to its user. Volumes grow as needed: preallocated, the first file would
# take seven gigabytes of disk.
exec /entrypoint.sh server \
  -ip=store -ip.bind=0.0.0.0 \
  -master.volumePreallocate=false -volume.preStopSeconds=1 \
  -s3 -s3.port=8333 -s3.config=/tmp/s3.json
