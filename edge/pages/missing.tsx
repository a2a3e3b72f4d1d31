/** What is shown instead of a page: one sentence, and a way back. */
import { Layout } from './layout.tsx'

export function MissingView({ sentence }: { readonly sentence: string }) {
  return (
    <Layout title="Not here">
      <h1>Not here</h1>
      <p class="lead">{sentence}</p>
      <p>
        <a href="/jobs/">All jobs</a>
      </p>
    </Layout>
  )
}
