/** The story of a job for its page: what came from GitHub, what was made of it, what was said, and what GitHub answered. */
import type { ISql } from './sql.ts'
import { listPosts, type Post } from './told.ts'

/** An event that a job is about. */
export interface HeardEvent {
  readonly at: Date
  readonly event: string
  /** One sentence each; null where there is none. */
  readonly understood: string | null
  readonly decided: string | null
}

/** The story, each half in order. */
export interface Story {
  readonly heard: readonly HeardEvent[]
  readonly posts: readonly Post[]
}

/** All events and posts of a job. */
export async function readStory(sql: ISql, jobId: string): Promise<Story> {
  const heard = await sql<HeardEvent[]>`
    select received_at as at, event, understood, decided from deliveries where job_id = ${jobId} order by received_at`
  const replies = await sql<Post[]>`
    select coalesce(said_at, dropped_at, wanted_at) as at, 'reply' as channel, content as said, null as body,
      case when said_at is not null then 'taken' else coalesce(last_error, 'waits') end as answer,
      said_at is not null as "isTaken"
    from replies where job_id = ${jobId} order by id`
  const posts = [...(await listPosts(sql, jobId)), ...replies]
  return { heard, posts: posts.sort((a, b) => a.at.getTime() - b.at.getTime()) }
}
