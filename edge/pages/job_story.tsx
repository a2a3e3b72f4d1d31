/** What was heard from GitHub about a job, what was decided, what was said to GitHub, and what it answered. */
import type { Story } from '../../shared/db/story.ts'
import { Ago } from './words.tsx'

/** The story of a job; nothing where there is none. */
export function JobStory({ heard, posts, now }: Story & { readonly now: Date }) {
  if (heard.length + posts.length === 0) return null
  return (
    <section aria-label="GitHub">
      {heard.length > 0 && <h2>Heard from GitHub</h2>}
      <ol>
        {heard.map(({ at, event, understood, decided }) => (
          <li>
            <bdi>{understood ?? event}</bdi>
            {decided !== null && (
              <>
                : <bdi>{decided}</bdi>
              </>
            )}{' '}
            <span class="quiet">
              <Ago at={at} now={now} />
            </span>
          </li>
        ))}
      </ol>
      {posts.length > 0 && <h2>Said to GitHub</h2>}
      <ol>
        {posts.map(({ at, channel, said, body, answer }) => (
          <li>
            {channel}: <bdi>{said}</bdi>{' '}
            <span class="quiet">
              {answer} · <Ago at={at} now={now} />
            </span>
            {body !== null && (
              <details>
                <summary>What it says</summary>
                <pre tabindex={0}>{body}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
