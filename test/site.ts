/** The site over a real database, asked as a browser or as GitHub would ask it. */
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app, type Doors } from '../edge/app.ts'
import { DATA_TYPES, folder, SITE_TYPES } from '../edge/folder.ts'
import { withVendored } from '../edge/vendored.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'

/** The newer secret first, as while it is being changed. */
export const SECRETS = ['the new secret', 'the old secret'] as const

export const BASE_URL = 'https://machine.example'

/** A delivery as it may come: everything can be left out or be wrong. */
export interface Knock {
  readonly event?: string
  readonly id?: string
  readonly payload?: unknown
  /** Instead of the payload as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>
  readonly secret?: string
  /** Over what is sent otherwise; an empty one is left out. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Site {
  readonly sql: Sql
  readonly url: string
  /** Where files of runs are. */
  readonly folder: string
  /** Ask for an address, such as `/jobs/`. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** The same page as text, and as facts. */
  html(path: string): Promise<string>
  json(path: string): Promise<unknown>
  /** POST to the hook. */
  knock(knock: Knock): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>
  close(): Promise<void>
}

/** A site of its own, with a database of its own. */
export async function testSite(over: Partial<Doors> = {}): Promise<Site> {
  const database = await testDatabase()
  const files = await mkdtemp(join(tmpdir(), 'machine-test-site-'))
  return { ...siteOver(database, files, over), close: () => close(database, files) }
}

/** A database of another one's, with what stands before it. */
export function siteOver(
  database: Pick<TestDatabase, 'sql' | 'url'>,
  files: string,
  over: Partial<Doors> = {},
): Omit<Site, 'close'> {
  const site = app({
    sql: database.sql,
    secrets: SECRETS,
    rejectNewJobs: false,
    baseUrl: BASE_URL,
    file: folder(files, { cacheControl: 'public, max-age=31536000, immutable', types: DATA_TYPES }),
    asset: withVendored(ownFolder('../edge/static'), ownFolder('../node_modules')),
    ...over,
  })
  const ask = async (path: string, init?: RequestInit) => site.fetch(new Request(`${BASE_URL}${path}`, init))
  return {
    sql: database.sql,
    url: database.url,
    folder: files,
    ask,
    html: async (path) => (await ask(path, { headers: { Accept: 'text/html' } })).text(),
    json: async (path) => (await ask(path, { headers: { Accept: 'application/json' } })).json(),
    async knock(knock) {
      const response = await ask('/hook', requestOf(knock))
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

function ownFolder(path: string) {
  const cacheControl = 'public, max-age=300'
  return folder(join(import.meta.dirname, path), { cacheControl, types: SITE_TYPES })
}

/** A pool that nobody else uses; close it yourself. */
export function ownPool(url: string, name: string): Sql {
  return connect(url, { max: 6, name })
}

/** A delivery as GitHub sends it. */
export function requestOf({ event = 'push', id = randomUUID(), payload, ...rest }: Knock): RequestInit {
  const body = rest.body ?? JSON.stringify(payload)
  const signed = body instanceof ReadableStream ? '' : body
  const headers = {
    'content-type': 'application/json',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-hub-signature-256': sign(signed, rest.secret ?? SECRETS[0]),
    ...rest.headers,
  }
  const sent = Object.entries(headers).filter(([, value]) => value !== '')
  return { method: 'POST', headers: Object.fromEntries(sent), body }
}

/** As GitHub signs. */
export function sign(body: string | Uint8Array, secret: string, algorithm = 'sha256'): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`
}

async function close(database: TestDatabase, files: string): Promise<void> {
  await database.drop()
  await rm(files, { recursive: true, force: true })
}

/** What a page says to who reads it: without tags, without what is hidden from readers. */
export function textOf(html: string): string {
  return html
    .replace(/<head>[\s\S]*?<\/head>/, ' ')
    .replaceAll(/<(\w+)[^>]* hidden(?:="")?>[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replaceAll(/<wbr\/?>/g, '')
    .replaceAll(/<\/?(?:bdi|code|a|span|time|strong)\b[^>]*>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
