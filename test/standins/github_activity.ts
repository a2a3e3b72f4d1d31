/** What happened in a repository lately, for who did not hear of it: its comments, over all pull requests. */
import { commentShape } from './github_comments.ts'
import { type Hub, paged, repositoryRoute } from './github_hub.ts'
import type { Route } from './router.ts'

/** The routes of this file. */
export function activityRoutes(hub: Hub): Route[] {
  return [
    repositoryRoute(hub, [
      'GET',
      '/issues/comments',
      (repository, asked) => {
        const since = asked.query.get('since') ?? ''
        const found = (hub.comments.get(repository) ?? [])
          .filter(
            ({ updated_at }) =>
              since === '' || Date.parse(updated_at) >= Math.floor(Date.parse(since) / 1000) * 1000,
          )
          .toSorted((one, other) => one.updated_at.localeCompare(other.updated_at))
        const { page, ...rest } = paged(hub, asked, found)
        return {
          ...rest,
          json: (page as typeof found).map((comment) => commentShape(hub, repository, comment)),
        }
      },
    ]),
  ]
}
