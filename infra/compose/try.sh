#!/usr/bin/env bash
# Runs the composition for real where there is no Docker engine and nothing can be pulled: podman, a Debian made by
# debootstrap under the upstream's name, and stand-ins for the two images that are not ours (local/). As root, on Debian 12.
#
#   infra/compose/try.sh            builds, plays a push with two workers, fetches a file, stops a worker, ends all
#
# Takes about six minutes the first time. It leaves the images, and nothing that runs.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '\n== %s\n' "$*"; }

say "programs"
packages=(podman podman-compose runc containernetworking-plugins golang-github-containernetworking-plugin-dnsname iptables debootstrap)
dpkg -s "${packages[@]}" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; }
export CONTAINERS_CONF=$PWD/.machine/containers.conf
mkdir -p .machine
printf '[containers]\ndefault_ulimits=["nofile=10000:10000","nproc=10000:10000"]\n[engine]\ncgroup_manager="cgroupfs"\nruntime="runc"\n' > "$CONTAINERS_CONF"

say "Debian 13"
if ! podman image exists localhost/debian:trixie-slim; then
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -n 1)
  root=$(mktemp -d)
  debootstrap --variant=minbase trixie "$root" "$mirror" >/dev/null
  tar -C "$root" -c . | podman import - localhost/debian:trixie-slim >/dev/null
  rm -rf "$root"
fi

say "images"
# The builds need the registries of this computer, and whom it trusts.
build=(podman build --quiet --network host -v /etc/ssl/certs/ca-certificates.crt:/trusted.crt:ro
  --env NODE_EXTRA_CA_CERTS=/trusted.crt --env npm_config_cafile=/trusted.crt --build-arg DEBIAN=localhost/debian:trixie-slim)
image() { sed -n "s/^ *image: *\(.*$1.*\)/\1/p" compose.yaml | head -n 1; }
"${build[@]}" -t "localhost/$(image postgis)" -f infra/compose/local/Dockerfile.postgres infra/compose/local
"${build[@]}" -t "localhost/$(image seaweedfs)" -f infra/compose/local/Dockerfile.store infra/compose/local
"${build[@]}" --target machine -t localhost/machine .
"${build[@]}" --target worker -t localhost/machine-worker .
"${build[@]}" --target edge -t localhost/machine-edge .
"${build[@]}" --target play -t localhost/machine-play .

# The same composition; only the names lead to what was built here.
composition=.machine/compose.yaml
sed -E "s#^( *image: *)#\1localhost/#; /^ *build:/d; s#\./infra#$PWD/infra#" compose.yaml > "$composition"
compose() { podman-compose -p machine-try -f "$composition" "$@"; }
trap 'compose down --volumes >/dev/null 2>&1 || true' EXIT
compose down --volumes >/dev/null 2>&1 || true

say "up"
compose up -d >/dev/null 2>&1
podman wait machine-try_migrate_1 machine-try_bucket_1 >/dev/null
code=$(podman wait machine-try_play_1)
podman logs machine-try_play_1 2>&1 | tail -n 14
[ "$code" = 0 ]

say "health"
podman exec machine-try_control_1 bun infra/compose/health.ts expand dequeue report
podman exec machine-try_worker_1 bun infra/compose/health.ts work
podman exec machine-try_edge_1 deno eval "Deno.exit((await fetch('http://127.0.0.1:8000/ready')).ok ? 0 : 1)"

say "a file, by the way a browser goes"
curl -fsSL -o /dev/null -w '%{url_effective}: %{size_download} bytes\n' http://localhost:8000/runs/3/out.geojson.gz

# podman-compose of Debian 12 has no --scale that keeps what runs: the second worker is started as it would be.
say "one more worker; the first is stopped at work, and gives its task back"
mapfile -t environment < <(podman inspect machine-try_worker_1 --format '{{range .Config.Env}}{{println "-e" .}}{{end}}' | sed '/^$/d' | tr ' ' '\n')
podman run -d --name machine-try_worker_2 --network machine-try_default --read-only --cap-drop ALL --tmpfs /tmp \
  "${environment[@]}" localhost/machine-worker work >/dev/null
trap 'podman rm -f machine-try_worker_2 >/dev/null 2>&1 || true; compose down --volumes >/dev/null 2>&1 || true' EXIT
podman start machine-try_play_1 >/dev/null
sleep 7
podman stop -t 60 machine-try_worker_1 >/dev/null 2>&1
podman logs machine-try_worker_1 2>&1 | tail -n 1 | tee /dev/stderr | grep -q 'gave back'
[ "$(podman inspect machine-try_worker_1 --format '{{.State.ExitCode}}')" = 0 ]
[ "$(podman wait machine-try_play_1)" = 0 ]
podman logs machine-try_worker_2 2>&1 | grep 'attempt 2'

say "all as it should be"
