import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Confinement, confinement, confinementText, type Words } from './confine.ts'
import { run, start } from './spawn.ts'

let root: string
let folder: string
let confined: Confinement

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'confine-'))
  folder = join(root, 'run')
  await mkdir(folder)
  await mkdir(join(root, 'storage'))
  await writeFile(join(root, 'storage/yesterday.csv'), 'LON,LAT\n')
  await writeFile(join(root, '.env'), 'GITHUB_TOKEN=geheim\n')
  confined = await confinement({ hidden: [join(root, '.env'), join(root, 'storage')] })
})

afterAll(() => rm(root, { recursive: true }))

function sh(script: string): Promise<string> {
  const [command, ...args] = confined.wrap(['sh', '-c', script] as Words, folder)
  return run(command, args, { cwd: folder })
}

const isLinux = process.platform === 'linux'
const hasBubble = await run('bwrap', ['--ro-bind', '/', '/', '--unshare-pid', 'true']).then(
  () => true,
  () => false,
)
if (!hasBubble) console.log('skipped: confinement by bubblewrap, as it does not run here')

describe.skipIf(!isLinux)('a confined program', () => {
  test('runs, and says what holds it', async () => {
    expect(await sh('echo here')).toBe('here')
    expect(confinementText(confined)).toContain('no new privileges')
  })

  test('can gain no privileges', async () => {
    expect(await sh('grep NoNewPrivs /proc/self/status')).toMatch(/1$/)
  })

  test('has the limits that the kernel holds', async () => {
    expect(await sh('ulimit -c; ulimit -n')).toBe('0\n8192')
  })

  test('ends with its own exit code', async () => {
    await expect(sh('exit 7')).rejects.toThrow('ended with code 7')
  })
})

describe.skipIf(!hasBubble)('a program in a bubble', () => {
  test('writes into the folder of its run, and nowhere else', async () => {
    await sh('echo x > a.txt')
    expect(await sh('cat a.txt')).toBe('x')
    await expect(sh(`echo x > ${root}/b.txt`)).rejects.toThrow('Read-only file system')
    await expect(sh('echo x > /etc/b.txt')).rejects.toThrow('Read-only file system')
  })

  test('sees neither secrets nor what others have stored', async () => {
    expect(await sh(`cat ${root}/.env; ls -A ${root}/storage`)).toBe('')
  })

  test('has no capability', async () => {
    expect(await sh('grep CapEff /proc/self/status')).toMatch(/\t0+$/)
  })

  test('sees its own processes only, and cannot read the environment of ours', async () => {
    await expect(sh(`cat /proc/${process.pid}/environ`)).rejects.toThrow('No such file')
  })

  test('hears a polite signal, and has time to end', async () => {
    const script = 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.1; done'
    const lines: string[] = []
    const [command, ...args] = confined.wrap(['sh', '-c', script], folder)
    const ready = Promise.withResolvers<void>()
    const program = start(command, args, {
      cwd: folder,
      onLine(line) {
        lines.push(line)
        ready.resolve()
      },
    })
    await ready.promise

    await program.stop()

    expect(lines).toEqual(['ready', 'bye'])
  })

  test('is gone at once when it is killed', async () => {
    const [command, ...args] = confined.wrap(['sleep', '60'], folder)
    const program = start(command, args, { cwd: folder })
    program.kill('SIGKILL')
    expect((await program.ended).signal).toBe('SIGKILL')
  })
})
