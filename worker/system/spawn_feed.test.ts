/** Programs that are fed through their standard input. */
import { describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../test/crew.ts'
import { commandOf } from './running.ts'
import { selfCommand, start } from './spawn.ts'

describe('a program that is fed', () => {
  test('reads what it is given, to the end', async () => {
    const lines: string[] = []
    const { input, ended } = start('cat', [], { feed: true, onLine: (line) => lines.push(line) })
    input?.end('one\ntwo\n')

    expect((await ended).code).toBe(0)
    expect(lines).toEqual(['one', 'two'])
  })

  test('is not installed when it is not', async () => {
    const { ended } = start('there-is-no-such-program', [], { feed: true })

    expect(await ended).toMatchObject({ code: 127, stderr: expect.stringContaining('not found') })
  })

  test('is killed when whoever feeds it is, and does not take what it got for all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'machine-feed-'))
    const script = join(folder, 'feeder.ts')
    await writeFile(
      script,
      `import { start } from ${JSON.stringify(join(import.meta.dirname, 'spawn.ts'))}
       const fed = start('sh', ['-c', 'cat; sleep 600'], { feed: true })
       fed.input.write('half')
       console.log(fed.pid)
       setInterval(() => {}, 1000)`,
    )
    const [command, ...words] = selfCommand(script)
    let pid = 0
    const feeder = start(command, words, { onLine: (line) => (pid = Number(line)) })
    try {
      await until('the fed program', 20_000, () => pid > 0)
      expect(await commandOf(pid)).toContain('sleep 600')

      feeder.kill('SIGKILL')
      await feeder.ended

      await until('its end', 20_000, async () => (await commandOf(pid)) === '')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
