/**
 * The conformance suite as the tests use it: its cases, and a web server that plays its routes.
 *
 * Everything is read from `../shared/conformance` beside this project; nothing of it is copied here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'

/** Beside the project. */
export const SUITE = resolve('../shared/conformance')

/** Absent where the project stands alone; tests that need it are skipped then. */
export const hasSuite = existsSync(join(SUITE, 'manifest.json'))

export interface Case {
  readonly name: string
  readonly kind: 'process' | 'conform'
  /** Paths inside the suite. */
  readonly source: string
  readonly input?: string
  readonly layer: string
  readonly layersource: string
  readonly golden: string
  /** Whether the picture and the map are made. */
  readonly render_preview?: boolean
  readonly render_pmtiles?: boolean
  readonly setup?: readonly { readonly copy: string; readonly to: string }[]
  readonly expect: {
    readonly count?: number
    readonly state?: readonly StateExpectation[]
    readonly values?: readonly ValueExpectation[]
    readonly output_contains?: readonly string[]
  }
}

export interface StateExpectation {
  readonly key: string
  readonly op: 'null' | 'notNull' | 'truthy' | 'falsy' | 'equals' | 'is'
  readonly value?: unknown
}

export interface ValueExpectation {
  readonly feature: number
  readonly path: readonly (string | number)[]
  readonly equals?: unknown
  readonly approx?: number
  readonly tolerance?: number
  readonly truthy?: boolean
}

/** Every case of `manifest.json`; none where the suite is absent. */
export function manifestCases(): readonly Case[] {
  return hasSuite ? (readJson('manifest.json') as { cases: Case[] }).cases : []
}

/** A JSON file of the suite. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(SUITE, path), 'utf8'))
}

interface Route {
  readonly protocol: string
  readonly host: string
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly status: number
  readonly file?: string
  readonly body_text?: string
  readonly content_type?: string
}

export interface Routes {
  /** The address here at which `http://host/path` is played. */
  readonly at: (url: string) => string
  /** Requests that no route answers. */
  readonly unanswered: readonly string[]
  close(): Promise<void>
}

/** Serve `routes.json`: every host under a path of its own. FTP files are served by HTTP too. */
export async function playRoutes(): Promise<Routes> {
  const { routes } = readJson('routes.json') as { routes: Route[] }
  const unanswered: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://suite')
    const asked = new URLSearchParams([...url.searchParams, ...(await formOf(request))])
    const route = routes.find((one) => answers(one, url.pathname, asked))
    if (route === undefined) unanswered.push(`${request.method} ${request.url} ${asked}`)
    const body =
      route?.file === undefined ? (route?.body_text ?? '') : await readFile(join(SUITE, route.file))
    const headers = { 'content-type': route?.content_type ?? 'application/octet-stream' }
    response.writeHead(route?.status ?? 404, headers).end(body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    at: (url) => url.replace(/^(?:https?|ftp):\/\/(?:[^/@]*@)?/, `${base}/`),
    unanswered,
    close: () => closed(server),
  }
}

function answers(route: Route, path: string, asked: URLSearchParams): boolean {
  if (path !== `/${route.host}${route.path}`) return false
  return Object.entries(route.params ?? {}).every(
    ([name, value]) => asked.has(name) && (value === '*' || asked.get(name) === value),
  )
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += chunk
  return new URLSearchParams(text)
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
