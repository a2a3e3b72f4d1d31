/**
 * What is answered when something failed: a passing trouble of the database is 503, and may be asked again;
 * everything else is ours, and goes to the log without a word of it to the asker.
 */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { answer } from './pages/answer.ts'
import { MessageView } from './pages/missing.tsx'

/** Whoever asks gets an answer within this long; GitHub waits ten seconds. */
export const PATIENCE_MS = 5_000

/** Ask again after this long. */
const RETRY_SECONDS = 5

/** Codes of Node, of the driver and of Postgres for a database that is away, full, or ending. */
const AWAY =
  /^(?:CONNECT_TIMEOUT|CONNECTION_\w+|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|25006|53\w{3}|57P0\d|57014)$/

/** Codes of Postgres for a schema, table, column or function that is not there. */
const OLD = /^(?:3F000|42P01|42703|42883)$/

/** What a wait that was too long ends with. */
export function tooSlow(): HTTPException {
  return new HTTPException(503, { message: `no answer within ${PATIENCE_MS / 1000} s` })
}

/** Answer an error. */
export function failed(c: Context, error: Error): Response | Promise<Response> {
  console.error(`${c.req.method} ${c.req.path}: ${error.message || error.name}`)
  const { title, sentence, status } = explain(error)
  if (status === 503) c.header('Retry-After', `${RETRY_SECONDS}`)
  return answer(c, {
    facts: { error: sentence },
    view: () => <MessageView title={title} sentence={sentence} />,
    status,
  })
}

interface Explained {
  readonly title: string
  readonly sentence: string
  readonly status: 500 | 503
}

function explain(error: Error): Explained {
  const code = `${(error as { code?: unknown }).code}`
  if (error instanceof HTTPException || AWAY.test(code)) {
    const sentence = 'The database cannot be reached just now; try again soon.'
    return { title: 'Not just now', sentence, status: 503 }
  }
  if (OLD.test(code)) {
    const sentence = 'The database is not as new as this program; its owner has to migrate it.'
    return { title: 'Not yet', sentence, status: 503 }
  }
  return { title: 'That went wrong', sentence: 'Something failed here; it is in our log.', status: 500 }
}
