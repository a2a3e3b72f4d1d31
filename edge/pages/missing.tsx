/** What is shown instead of a page: one sentence that names the value, and a way back. */
import type { Context } from 'hono'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'

/** What is not there. */
export function missing(c: Context, sentence: string): Response | Promise<Response> {
  return answer(c, {
    facts: { error: sentence },
    view: () => <MessageView title="Not here" sentence={sentence} />,
    status: 404,
  })
}

/** What cannot be asked like that. */
export function notLikeThat(c: Context, sentence: string): Response | Promise<Response> {
  return answer(c, {
    facts: { error: sentence },
    view: () => <MessageView title="Not like that" sentence={sentence} />,
    status: 400,
  })
}

/** A page of one sentence. */
export function MessageView({ title, sentence }: { readonly title: string; readonly sentence: string }) {
  return (
    <Layout title={title}>
      <div class="message">
        <h1>{title}</h1>
        <p class="lead">{sentence}</p>
        <p>
          <a href="/jobs/">All jobs</a>
        </p>
      </div>
    </Layout>
  )
}
