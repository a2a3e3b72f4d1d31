/**
 * The files of a commit in one call: GitHub's tarball, read as it comes.
 *
 * A repository of thousands of files would be thousands of calls otherwise. Every try has a limit on silence, not on the
 * whole: a slow line may take its time.
 *
 * Source: https://docs.github.com/en/rest/repos/contents#download-a-repository-archive-tar
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import manifest from '../../package.json' with { type: 'json' }
import type { RepositoryName } from '../../shared/event.ts'
import { GitHubError, type GitHubOptions, GitHubWait } from './github_call.ts'

/** Nothing came for this long: it never will. */
const SILENCE_MS_MAX = 30_000

/** Pauses before the second and the third try. */
const PAUSES_MS = [1_000, 4_000]

/** A source has a few kilobytes; a task carries it whole. */
const FILE_BYTES_MAX = 5_000_000

/** When GitHub says to wait, and does not say how long. */
const WAIT_SECONDS = 60

/** The wanted files of a commit: path → bytes; undefined for a file that is larger than any source. */
export type Files = Map<string, Uint8Array | undefined>

/** Reads the files of a commit. */
export interface Archive {
  /**
   * @param isWanted  says which paths are kept
   * @param tell  hears how many bytes have come
   * @throws {GitHubWait} when there were too many calls
   * @throws {GitHubError} when GitHub fails, is away, or sends another commit
   */
  read(
    repository: RepositoryName,
    sha: string,
    options: { readonly isWanted: (path: string) => boolean; readonly tell?: (bytes: number) => void },
  ): Promise<Files>
}

/** GitHub's archives, for whoever a token belongs to. */
export function githubArchive({ token, apiUrl, fetch = globalThis.fetch, callMs }: GitHubOptions): Archive {
  const silenceMs = callMs ?? SILENCE_MS_MAX
  return {
    async read({ owner, name }, sha, { isWanted, tell = () => {} }) {
      const url = `${apiUrl}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/tarball/${sha}`
      const headers = {
        'user-agent': `openaddresses-machine/${manifest.version}`,
        accept: 'application/vnd.github+json',
        ...(token === undefined ? {} : { authorization: `token ${token}` }),
      }
      for (let attempt = 0; ; attempt += 1) {
        const watch = watchSilence(silenceMs)
        try {
          const answer = await fetch(url, { headers, signal: watch.signal })
          if (!answer.ok || answer.body === null) throw await refusal(answer, url)
          return await readTar(counted(answer.body, watch.heard, tell), sha, isWanted)
        } catch (error) {
          const said = explained(watch.signal.aborted ? watch.signal.reason : error, url)
          const wait = PAUSES_MS[attempt]
          if (wait === undefined || !mayHelp(said)) throw said
          await pause(wait)
        } finally {
          watch.end()
        }
      }
    },
  }
}

/** Every entry is under one folder, whose name ends with the commit. */
async function readTar(
  body: ReadableStream<Uint8Array>,
  sha: string,
  isWanted: (path: string) => boolean,
): Promise<Files> {
  const files: Files = new Map()
  // Both ends are bytes; the types of DOM and of Bun differ in what may lie behind them.
  const unpacked = body.pipeThrough(new DecompressionStream('gzip') as never) as ReadableStream<Uint8Array>
  const entries = unpacked.pipeThrough(createTarDecoder({ strict: true }) as never)
  for await (const { header, body } of entries as unknown as AsyncIterable<ParsedTarEntry>) {
    // Git writes which commit it is.
    const commit = header.pax?.['comment']
    if (commit !== undefined && commit !== sha) throw new GitHubError(`asked for ${sha}, got ${commit}`, 200)
    const path = header.name.slice(header.name.indexOf('/') + 1)
    if (header.type !== 'file' || !isWanted(path)) await body.cancel()
    else if (header.size > FILE_BYTES_MAX) {
      files.set(path, undefined)
      await body.cancel()
    } else files.set(path, new Uint8Array(await new Response(body).arrayBuffer()))
  }
  return files
}

function counted(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
  tell: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        heard()
        bytes += chunk.byteLength
        tell(bytes)
        controller.enqueue(chunk)
      },
    }),
  )
}

/** A signal that aborts when nothing was heard for a while. */
function watchSilence(ms: number) {
  const controller = new AbortController()
  const give = () => controller.abort(new Error(`nothing came for ${ms} ms`))
  let timer = setTimeout(give, ms)
  return {
    signal: controller.signal,
    heard(): void {
      clearTimeout(timer)
      timer = setTimeout(give, ms)
    },
    end: () => clearTimeout(timer),
  }
}

async function refusal(answer: Response, url: string): Promise<GitHubError> {
  await answer.body?.cancel()
  const message = `GET ${url}: ${answer.status} ${answer.statusText}`
  const isLimit =
    answer.status === 429 || (answer.status === 403 && answer.headers.get('x-ratelimit-remaining') === '0')
  if (!isLimit) return new GitHubError(message, answer.status)
  return new GitHubWait(message, answer.status, {
    seconds: Number(answer.headers.get('retry-after')) || WAIT_SECONDS,
  })
}

function explained(error: unknown, url: string): GitHubError {
  if (error instanceof GitHubError) return error
  const said = error instanceof Error ? error.message : String(error)
  return new GitHubError(`GET ${url}: ${said}`, undefined, { cause: error })
}

/** A server's own failure, or a line that broke. */
function mayHelp({ status }: GitHubError): boolean {
  return status === undefined || status >= 500
}
