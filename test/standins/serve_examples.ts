/**
 * The world that the examples need, on one port: GitHub with a repository of the sources, the servers
 * that have their data, and a feature server.
 *
 *     bun test/standins/serve_examples.ts --port 0 --drip 80000
 *
 * It prints one line of JSON with the addresses, and ends on SIGTERM or Ctrl-C. `POST /push-play` with
 * `{"hook": "http://…/hook", "secret": "…"}` (or the same as a query) delivers the push of the examples.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type EsriWorld, playEsri } from './esri.ts'
import type { EsriLayer } from './esri_layer.ts'
import { type GitHubWorld, playGitHub } from './github.ts'
import type { Repository } from './github_hub.ts'
import { pushPayload } from './github_payloads.ts'
import { type Delivered, sendWebhook } from './github_webhook.ts'
import {
  type Asked,
  listen,
  mount,
  readJson,
  type Respond,
  type Server,
  type ServerOptions,
} from './server.ts'
import { playWeb, type Web } from './web.ts'

/** Sources in examples/sources name this host, which is nobody's; the stand-in puts its own address there. */
export const DATA_HOST = 'http://data.example'

/** Where each stand-in is mounted; GitHub where GitHub Enterprise has its API. */
const DOORS = { github: '/api/v3', data: '/data', esri: '/arcgis/rest/services', push: '/push-play' } as const

/** Fast enough for the impatient, slow enough to be watched: the smallest file takes a second, the largest eight. */
const DRIP_BYTES_PER_SECOND = 80_000

/** The county's feature server shows a few hundred at once, so that there are several pages. */
const PINE_RIDGE = '/Pine_Ridge/Address_Points/FeatureServer/0'
const PINE_RIDGE_PAGE = 500

const README = `# Sources of the examples

Invented places, to play a push through Machine.
`

export interface ExamplesOptions extends ServerOptions {
  /** Every download comes at this speed; 0 for full speed. */
  readonly dripBytesPerSecond?: number
  /** Signs the push where the one who asks for it names no secret. */
  readonly secret?: string
  /** The only token that the stand-in GitHub accepts. */
  readonly token?: string
  /** The examples; those of this project without it. */
  readonly folder?: string
}

/** Where everything is. */
export interface Addresses {
  readonly url: string
  /** Base address of the GitHub API. */
  readonly github: string
  readonly owner: string
  readonly repository: string
  readonly data: string
  readonly esri: string
  /** POST here to have the push delivered. */
  readonly push: string
  /** The commits before and after the push. */
  readonly before: string
  readonly after: string
}

export interface Examples extends Server {
  readonly addresses: Addresses
  readonly github: GitHubWorld
  readonly web: Pick<Web, 'behaves' | 'misbehave' | 'behave' | 'calls'>
  readonly esri: EsriWorld
  readonly repository: Repository
  /** Deliver the push that brought the sources, signed, to a hook. */
  pushPlay(given: { hook: string; secret: string }): Promise<Delivered>
}

/** Start all of it. */
export async function serveExamples(options: ExamplesOptions = {}): Promise<Examples> {
  const { dripBytesPerSecond = 0, secret = '', token } = options
  const folder = options.folder ?? resolve(import.meta.dirname, '../../examples')
  const manners = { dripBytesPerSecond }
  const github = playGitHub(token === undefined ? {} : { token })
  const web = playWeb({ folder: join(folder, 'data'), manners })
  const esri = playEsri({ layers: { [PINE_RIDGE]: await pineRidge(folder) }, manners })

  let addresses: Addresses | undefined
  const server = await listen(
    mount([
      [DOORS.github, github.respond],
      [DOORS.data, web.respond],
      [DOORS.esri, esri.respond],
      [DOORS.push, (asked) => answerPush(asked, { secret, pushPlay })],
      ['', () => (addresses === undefined ? { status: 503 } : { json: addresses })],
    ]),
    options,
  )
  try {
    github.hub.url = `${server.url}${DOORS.github}`
    const repository = await github.repository()
    const before = await github.commit(repository, { files: { 'README.md': README }, message: 'Begin' })
    const after = await github.commit(repository, {
      files: await sources(folder, server.url),
      message: 'Add six sources',
    })
    const at = (door: keyof typeof DOORS) => `${server.url}${DOORS[door]}`
    addresses = {
      url: server.url,
      github: at('github'),
      owner: repository.owner,
      repository: repository.name,
      data: at('data'),
      esri: at('esri'),
      push: at('push'),
      before,
      after,
    }
    return { ...server, addresses, github, web, esri, repository, pushPlay, close }
  } catch (error) {
    await close()
    throw error
  }

  async function pushPlay({ hook, secret }: { hook: string; secret: string }): Promise<Delivered> {
    const [repository] = github.hub.repositories.values()
    if (addresses === undefined || repository === undefined)
      throw new Error('push: the examples are not ready')
    const { before, after } = addresses
    const payload = await pushPayload(github.hub, repository, { ref: 'refs/heads/main', before, after })
    return await sendWebhook(hook, secret, { event: 'push', payload })
  }

  async function close(): Promise<void> {
    await server.close()
    await github.forget()
  }
}

/** The sources by path, with this server's address in them. */
async function sources(folder: string, url: string): Promise<Record<string, string>> {
  const entries = await readdir(join(folder, 'sources'), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, string]> => {
      const text = await readFile(path, 'utf8')
      return [relative(folder, path), text.replaceAll(DATA_HOST, url)]
    }),
  )
  return Object.fromEntries(files)
}

async function pineRidge(folder: string): Promise<EsriLayer> {
  const text = await readFile(join(folder, 'data/us/mn/pine_ridge_addresses.json'), 'utf8')
  const set = JSON.parse(text) as Pick<EsriLayer, 'fields' | 'features'>
  return { ...set, name: 'Address_Points', maxRecordCount: PINE_RIDGE_PAGE }
}

async function answerPush(
  asked: Asked,
  { secret, pushPlay }: { secret: string; pushPlay: Examples['pushPlay'] },
): Promise<Awaited<ReturnType<Respond>>> {
  if (asked.method !== 'POST') return { status: 405, headers: { allow: 'POST' }, body: 'POST to push\n' }
  const given = { ...Object.fromEntries(asked.query), ...(readJson(asked) as object | undefined) } as {
    hook?: string
    secret?: string
  }
  if (given.hook === undefined) return { status: 400, body: 'Say where: {"hook": "http://…/hook"}\n' }
  try {
    return { json: await pushPlay({ hook: given.hook, secret: given.secret ?? secret }) }
  } catch (error) {
    return { status: 502, body: `${given.hook}: ${error}\n` }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'base-url': { type: 'string' },
      drip: { type: 'string', default: `${DRIP_BYTES_PER_SECOND}` },
      secret: { type: 'string' },
      token: { type: 'string' },
    },
  })
  const examples = await serveExamples({
    port: Number(values.port),
    host: values.host,
    dripBytesPerSecond: Number(values.drip),
    ...(values['base-url'] === undefined ? {} : { baseUrl: values['base-url'] }),
    ...(values.secret === undefined ? {} : { secret: values.secret }),
    ...(values.token === undefined ? {} : { token: values.token }),
  })
  console.log(JSON.stringify(examples.addresses))
  const end = () => void examples.close().then(() => process.exit(0))
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
