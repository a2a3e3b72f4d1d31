/** Deaths of real processes, told apart. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { diedOf } from './died_of.ts'
import { watchProgram } from './system/limits.ts'
import { start } from './system/spawn.ts'
import { kernelKills } from './system/usage.ts'

setDefaultTimeout(60_000)

const NO_LIMITS = { memoryMb: 0, stallSeconds: 60, timeoutSeconds: 60 } as const

/** The problem that a program dies of. */
async function deathOf(
  [command, ...args]: readonly [string, ...string[]],
  limits: Partial<typeof NO_LIMITS | Record<keyof typeof NO_LIMITS, number>> = {},
) {
  const program = start(command, args)
  const watch = watchProgram(program, { ...NO_LIMITS, ...limits })
  const end = await program.ended.finally(() => watch.end())
  const { broken } = watch.end()
  return diedOf({ end, broken, kernelKilled: false, result: undefined, usage: undefined, folder: '' })
}

const deaths: [name: string, command: readonly [string, ...string[]], code: string, detail: RegExp][] = [
  [
    'ends with a code',
    ['sh', '-c', 'echo oh dear >&2; exit 3'],
    'internal',
    /^process-one ended with code 3: oh dear$/,
  ],
  ['is killed', ['sh', '-c', 'kill -KILL $$'], 'killed', /^process-one was ended by SIGKILL$/],
  ['crashes', ['sh', '-c', 'kill -SEGV $$'], 'killed', /^process-one was ended by SIGSEGV$/],
  [
    'is killed inside of another program',
    ['sh', '-c', '(kill -KILL $BASHPID 2>/dev/null || sh -c "kill -9 \\$\\$"); exit 137'],
    'killed',
    /SIGKILL$/,
  ],
  [
    'finds the disk full',
    ['sh', '-c', 'cat /dev/zero | head -c 9 > /dev/full'],
    'disk-full',
    /No space left on device/i,
  ],
  [
    'finds the disk full, in JavaScript',
    ['node', '-e', 'require("fs").writeFileSync("/dev/full", "x")'],
    'disk-full',
    /Node|ENOSPC|v\d/,
  ],
  [
    'finds no memory, in JavaScript',
    ['node', '--max-old-space-size=16', '-e', 'const all = []; for (;;) all.push(new Array(1e5).fill({}))'],
    'out-of-memory',
    /./,
  ],
]

describe('a child that', () => {
  for (const [name, command, code, detail] of deaths) {
    test(name, async () => {
      const problem = await deathOf(command)

      expect(problem.code).toBe(code as typeof problem.code)
      expect(problem.detail).toMatch(detail)
    })
  }

  test('takes more memory than it may, in a program that it has started, is ended with that', async () => {
    const hungry = 'a = bytearray(200_000_000)\nimport time; time.sleep(60)'
    const began = performance.now()

    const problem = await deathOf(['sh', '-c', `python3 -c '${hungry}'; true`], { memoryMb: 100 })

    expect(problem.code).toBe('out-of-memory')
    expect(problem.detail).toMatch(/^it took 2\d\d MB, and it may take 100 MB$/)
    expect(performance.now() - began).toBeLessThan(30_000)
  })

  test('stands still is ended; one that computes is not', async () => {
    expect(await deathOf(['sleep', '60'], { stallSeconds: 1 })).toEqual({
      code: 'stalled',
      detail: 'no progress for 1 s',
    })
    const busy = await deathOf(
      ['node', '-e', 'for (const end = Date.now() + 3e3; Date.now() < end; );process.exit(9)'],
      {
        stallSeconds: 1,
      },
    )
    expect(busy.detail).toBe('process-one ended with code 9')
  })

  test('takes too long is ended, however busy it is', async () => {
    expect(await deathOf(['node', '-e', 'for (;;);'], { timeoutSeconds: 1 })).toEqual({
      code: 'timed-out',
      detail: 'no result after 1 s',
    })
  })
})

test('the kernel says how often it has ended something for want of memory', () => {
  expect(kernelKills()).toBeGreaterThanOrEqual(0)
})
