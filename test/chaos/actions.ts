/** What chaos does: a table of deeds, each of which breaks something and mends it again. */
import { setTimeout as pause } from 'node:timers/promises'
import { oneOf } from './chance.ts'
import { LEASE_SECONDS, type Post, type Stage } from './stage.ts'

/** What a deed has at hand. */
export interface Scene {
  readonly stage: Stage
  readonly random: () => number
  /** Deeds to a worker after which its lease may be lost; written down before they are done. */
  harm(post: Post): void
}

export interface Deed {
  /** How many of ten rolls are this one's. */
  readonly weight: number
  /** Gives what was done, for the log. */
  run(scene: Scene): Promise<string>
}

const BEYOND_LEASE_MS = (LEASE_SECONDS + 2) * 1000

/** Everything that can go wrong here, by name. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  'SIGKILL of a process': {
    weight: 4,
    async run(scene) {
      const post = oneOf(scene.stage.posts, scene.random())
      scene.harm(post)
      const { pid } = post.program
      post.program.kill('SIGKILL')
      await post.program.ended
      post.program = scene.stage.hire(post)
      return `${post.role} ${pid}`
    },
  },

  'SIGSTOP beyond the lease': {
    weight: 2,
    async run(scene) {
      const post = oneOf(scene.stage.posts, scene.random())
      scene.harm(post)
      post.program.kill('SIGSTOP')
      await pause(BEYOND_LEASE_MS)
      post.program.kill('SIGCONT')
      return `${post.role} ${post.program.pid}`
    },
  },

  'SIGSTOP of workers beyond the lease': {
    weight: 1,
    async run(scene) {
      // One stays, and takes what the others have.
      const stopped = scene.stage.posts.filter(({ role }) => role === 'work').slice(1)
      for (const post of stopped) {
        scene.harm(post)
        post.program.kill('SIGSTOP')
      }
      await pause(BEYOND_LEASE_MS)
      for (const { program } of stopped) program.kill('SIGCONT')
      return stopped.map(({ program }) => program.pid).join(', ')
    },
  },

  'network cut to Postgres': {
    weight: 1,
    async run(scene) {
      for (const post of scene.stage.posts) if (post.isOnLine) scene.harm(post)
      const isSilent = scene.random() < 0.5
      if (isSilent) scene.stage.databaseLine.silence()
      else await scene.stage.databaseLine.cut()
      await pause(BEYOND_LEASE_MS)
      if (isSilent) await scene.stage.databaseLine.cut()
      await scene.stage.databaseLine.mend()
      return isSilent ? 'silent, then cut' : 'cut'
    },
  },

  'immediate restart of Postgres': {
    weight: 1,
    async run({ stage, random }) {
      const ms = 500 + random() * BEYOND_LEASE_MS
      await stage.outage(() => pause(ms))
      return `away for ${Math.round(ms)} ms`
    },
  },

  'S3 away': {
    weight: 1,
    async run({ stage, random }) {
      const ms = 500 + random() * 3_000
      await stage.s3Line.cut()
      await pause(ms)
      await stage.s3Line.mend()
      return `for ${Math.round(ms)} ms`
    },
  },

  'GitHub failing': {
    weight: 1,
    async run({ stage, random }) {
      const how = oneOf([{ status: 502 }, { cut: true }, { status: 503, done: true }], random())
      const endIt = stage.github.misbehave({ ...how, times: 50 })
      await pause(2_000)
      endIt()
      return JSON.stringify(how)
    },
  },

  'result delivered twice': {
    weight: 2,
    async run({ stage }) {
      const rows = await stage.sql`
        select queue.put('done', jsonb_build_object('run_id', r.id, 'task_id', r.task_id,
          'result', machine.failure('internal', 'chaos hands in a result once more')), _max_failures => 10)
        from (select id, task_id from runs
              where task_id is not null and (status is not null or abandoned_at is not null)
              order by id desc limit 3) as r`
      return `${rows.length} runs that are over`
    },
  },
}
