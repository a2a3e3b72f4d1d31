/** `npm start` as a newcomer has it: one command, one verdict, nothing left behind, and the same database next time. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFree } from '../worker/system/postgres_server.ts'
import { start } from '../worker/system/spawn.ts'
import { processesWith, until } from './crew.ts'

setDefaultTimeout(180_000)

const ROOT = join(import.meta.dirname, '..')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-start-'))
  // Postgres runs as somebody else where we are root; in a closed folder it would keep its data away from here.
  await chmod(folder, 0o755)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('npm start', () => {
  test('--once plays a push, reports each data source, and leaves nothing running', async () => {
    const { code, lines } = await play('--once', '--port', '0', '--drip', '300000')

    expect(code).toBe(0)
    expect(
      lines.filter((line) => /^\S+ (addresses|parcels|buildings)\/\w+ .*(good|failed)$/.test(line)),
    ).toHaveLength(8)
    expect(lines).toContain('Everything ended as it should: what is red here is red on purpose.')
    expect(processesWith(folder)).toEqual([])
  })

  test('told to stop in the middle of a run stops within seconds, and goes on with the same database', async () => {
    const lines: string[] = []
    const first = begin(lines, '--port', '0', '--drip', '2000')
    await until('a download', 60_000, () => lines.some((line) => line.includes('→')))
    const toldAt = performance.now()
    first.kill('SIGINT')
    await first.ended

    expect(performance.now() - toldAt).toBeLessThan(15_000)
    expect(processesWith(folder)).toEqual([])

    const { code } = await play('--once', '--port', '0', '--drip', '0')
    expect(code).toBe(0)
    // The interrupted job's tasks were given back, and other hands ended them, well: the examples are where they were.
    const log = await readFile(join(folder, 'machine.log'), 'utf8')
    expect(log).toMatch(/gave back run[\s\S]*attempt [2-9]/)
    expect(log).not.toContain('download-failed')
  })

  test('on a port that is taken says so in one line', async () => {
    const { server, port } = await takePort()

    const { code, lines } = await play('--once', '--port', `${port}`)
    server?.close()

    expect(code).toBe(1)
    expect(lines.at(-1)).toContain(`port ${port} is taken`)
    expect(processesWith(folder)).toEqual([])
  })

  test('takes another port where nobody asked for one and 8000 is taken, and says so', async () => {
    const { server } = await takePort(8000)

    const { code, lines } = await play('--once', '--drip', '0')
    server?.close()

    expect(code).toBe(0)
    const [, other] = /port 8000 is taken, using (\d+) instead/.exec(lines.join('\n')) ?? []
    expect(lines.join('\n')).toContain(`http://localhost:${other}/jobs/`)
  })

  test('twice on one folder refuses the second', async () => {
    const lines: string[] = []
    const first = begin(lines, '--port', '0', '--drip', '2000')
    await until('the first', 60_000, () => lines.some((line) => line.includes('on its way')))

    const second = await play('--once', '--port', '0')
    first.kill('SIGINT')
    await first.ended

    expect(second.code).toBe(1)
    expect(second.lines.at(-1)).toContain('another machine runs on')
  })

  test('after a kill -9 ends what was left behind, and starts', async () => {
    const lines: string[] = []
    const first = begin(lines, '--port', '0', '--drip', '2000')
    await until('the first', 60_000, () => lines.some((line) => line.includes('on its way')))
    for (const pid of processesWith('play.ts', folder)) process.kill(pid, 'SIGKILL')
    await first.ended

    const { code, lines: next } = await play('--once', '--port', '0', '--drip', '0')

    expect(code).toBe(0)
    expect(processesWith(folder)).toEqual([])
    expect(next.join('\n')).toMatch(/ended the Postgres of an earlier start \(process \d+\)/)
    // The edge ended by itself: its port is free.
    const [, port] = /localhost:(\d+)/.exec(lines.join('\n')) ?? []
    expect(await isFree(Number(port))).toBe(true)
    // What was interrupted went on in the same database: its leases were found lost, and its tasks taken again.
    const log = await readFile(join(folder, 'machine.log'), 'utf8')
    expect(log).toMatch(/dequeue swept \d+ lost leases?[\s\S]*attempt [2-9]/)
    expect(log).not.toContain('download-failed')
  })
})

function begin(lines: string[], ...args: string[]) {
  const onLine = (line: string) => void lines.push(line)
  return start('node', ['bin/start.mjs', '--folder', folder, ...args], {
    cwd: ROOT,
    // What is lost is found within seconds.
    env: { LEASE_SECONDS: '3', BEAT_SECONDS: '0.5', SWEEP_SECONDS: '0.5' },
    onLine,
    onErrorLine: onLine,
  })
}

async function play(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const lines: string[] = []
  const { code } = await begin(lines, ...args).ended
  return { code, lines }
}

/** Listen on a port; without a server where somebody does already. */
async function takePort(wanted = 0): Promise<{ server: Server | undefined; port: number }> {
  const server = createServer()
  const isMine = await new Promise<boolean>((done) => {
    server.once('error', () => done(false)).listen(wanted, '0.0.0.0', () => done(true))
  })
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? wanted) : wanted
  return { server: isMine ? server : undefined, port }
}
