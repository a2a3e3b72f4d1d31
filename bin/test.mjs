/**
 * `npm test`: every test; arguments choose some, as `bun test` does.
 *
 * All of them run in two lanes side by side, as many wait for processes and clocks more than they compute. The first
 * lane is seen as it runs, the second when it has ended.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bun, ensureDependencies, ROOT, run } from './launch.mjs'

// Bun does not heed a timeout in bunfig.toml, and its own five seconds are short for a cold Postgres on a busy computer.
const TIMEOUT_MS = 60_000

const LANES = 2

ensureDependencies()
const chosen = process.argv.slice(2)
process.exit(await (chosen.length === 0 && availableParallelism() >= LANES ? testInLanes() : test(chosen)))

/** Run tests where they are seen. Gives the exit code. */
function test(args, options = {}) {
  return run(bun(), ['test', `--timeout=${TIMEOUT_MS}`, ...args], options)
}

async function testInLanes() {
  const folder = mkdtempSync(join(tmpdir(), 'machine-test-'))
  try {
    const lanes = Array.from({ length: LANES }, (_, i) => ({
      args: [`--shard=${i + 1}/${LANES}`],
      env: { ...process.env, MACHINE_TEST_SCORES: join(folder, `${i}.json`) },
    }))
    const [first, ...others] = lanes
    const heard = others.map(testUnseen)
    const codes = [await test(first.args, { env: first.env })]
    for (const { said, code } of await Promise.all(heard)) {
      process.stdout.write(said)
      codes.push(code)
    }
    // Not 0 when a file of the conformance suite was not run to its end.
    codes.push(
      await run(bun(), [
        'test/conformance/score_lines.ts',
        ...lanes.map(({ env }) => env.MACHINE_TEST_SCORES),
      ]),
    )
    const verdict = codes.every((code) => code === 0) ? 'passed' : 'FAILED'
    process.stdout.write(`\n${LANES} lanes: ${verdict} (exit codes ${codes.join(', ')})\n`)
    return codes.find((code) => code !== 0) ?? 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Run tests and keep what they say for later. */
function testUnseen({ args, env }) {
  const child = spawn(bun(), ['test', `--timeout=${TIMEOUT_MS}`, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const said = []
  child.stdout.on('data', (piece) => said.push(piece))
  child.stderr.on('data', (piece) => said.push(piece))
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ said: Buffer.concat(said), code: code ?? 1 }))
  })
}
