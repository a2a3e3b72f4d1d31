/** Addresses of a stand-in as a table: method, pattern, and who answers. */
import type { Answer, Asked, Respond } from './server.ts'

/** Parts of the path by name, decoded. */
export type Parts = Readonly<Record<string, string>>

/** `:name` stands for one part of the path, `*name` for the rest of it. */
export type Route = readonly [
  method: string,
  pattern: string,
  answer: (asked: Asked, parts: Parts) => Answer | Promise<Answer>,
]

/** The first route that fits answers; `otherwise` where none does. */
export function route(routes: readonly Route[], otherwise: Respond): Respond {
  const table = routes.map(([method, pattern, answer]) => ({ method, answer, ...compiled(pattern) }))
  return (asked) => {
    for (const { method, expression, names, answer } of table) {
      if (method !== asked.method && !(method === 'GET' && asked.method === 'HEAD')) continue
      const match = expression.exec(asked.path)
      if (match === null) continue
      const parts = names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')])
      return answer(asked, Object.fromEntries(parts))
    }
    return otherwise(asked)
  }
}

function compiled(pattern: string): { expression: RegExp; names: string[] } {
  const names: string[] = []
  const source = pattern.replace(/[.]/g, '\\.').replace(/([:*])(\w+)/g, (_, kind: string, name: string) => {
    names.push(name)
    return kind === ':' ? '([^/]+)' : '(.*)'
  })
  return { expression: new RegExp(`^${source}$`), names }
}
