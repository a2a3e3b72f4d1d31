/**
 * What every way in begins with: the dependencies are there (Bun among them), and the program runs on Bun.
 *
 * Plain JavaScript without a dependency: it has to run in a fresh clone, on nothing but Node.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Install what package-lock.json says, unless that has been done since it last changed. */
export function ensureDependencies() {
  const [major] = process.versions.node.split('.').map(Number)
  if (major < 20) fail(`Machine needs Node 20 or newer; this is ${process.version}`)

  const lock = join(ROOT, 'package-lock.json')
  const mark = join(ROOT, 'node_modules/.package-lock.json')
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs - 1000 && existsSync(bun())) return
  if (isLink(join(ROOT, 'node_modules'))) {
    // npm ci empties what it finds: behind a link that would be the folder of somebody else.
    if (existsSync(bun())) return
    fail(`${join(ROOT, 'node_modules')} is a link to a folder without the dependencies: run npm ci there`)
  }
  process.stderr.write('Installing dependencies (once; about half a minute) …\n')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) fail('the dependencies could not be installed: see above')
}

/**
 * Run a program of this project to its end, on its own terms: it hears the signals that we hear.
 *
 * @returns its exit code
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${command}: ${error.message}`))
    child.once('exit', (code, signal) => resolve(signal === null ? code : 128 + constants.signals[signal]))
  })
}

/** The Bun of this project. */
export function bun() {
  return join(ROOT, 'node_modules/.bin/bun')
}

/** A program that came with a dependency. */
export function program(name) {
  return join(ROOT, 'node_modules/.bin', name)
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function fail(message) {
  process.stderr.write(`machine: ${message}\n`)
  process.exit(1)
}
