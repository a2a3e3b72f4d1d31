/**
 * The edge as a program, for any runtime: what is exported here by default is what Bun, Node and Deno serve.
 *
 * Deno starts it by `deno serve -A --port 8000 edge/main.ts`, Bun by edge/bun.ts, Node by edge/node.ts.
 */
import { connect } from '../shared/db/sql.ts'
import { app } from './app.ts'
import { endWhenTold } from './ending.ts'
import { configOrExit } from './env.ts'
import { DATA_TYPES, elsewhere, folder, SITE_TYPES } from './folder.ts'
import { withVendored } from './vendored.ts'

/** Pages ask for little, and a hook must not wait for them. */
const CONNECTIONS = 6

/** Runs never change what they left. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const config = configOrExit()
const site = app({
  sql: connect(config.databaseUrl, { max: CONNECTIONS, name: 'machine edge' }),
  secrets: config.webhookSecrets,
  rejectNewJobs: config.rejectNewJobs,
  repositories: config.repositories,
  baseUrl: config.baseUrl,
  file:
    'folder' in config.files
      ? folder(config.files.folder, { cacheControl: FOR_EVER, types: DATA_TYPES })
      : elsewhere(config.files.url),
  asset: withVendored(ownFolder('./static'), ownFolder('../node_modules')),
})

/** Files of the site itself, by a path from here. */
function ownFolder(path: string) {
  const cacheControl = 'public, max-age=300'
  return folder(decodeURIComponent(new URL(path, import.meta.url).pathname), {
    cacheControl,
    types: SITE_TYPES,
  })
}

// Deno stops listening by itself, and then waits for every open page, however long somebody watches it.
if ('Deno' in globalThis) endWhenTold(() => new Promise(() => {}))

export default {
  fetch: site.fetch,
  port: config.port,
  hostname: config.host,
  /** Live pages keep their connection; they say something every few seconds. */
  idleTimeout: 60,
}
