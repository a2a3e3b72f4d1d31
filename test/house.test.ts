/**
 * The rules of the house (ARCHITECTURE.md, "Invariants"), read off the files themselves.
 *
 * A rule that a tool can check is checked by the tool; what stands here, no tool knows.
 */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { NEWEST_MIGRATION } from '../shared/db/migrations.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** Which room may import from which; a room that is not here may not exist. `*` is every room of the house. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  shared: ['shared', 'shared/conform', 'shared/geometry', 'shared/quality'],
  'shared/conform': ['shared', 'shared/geometry'],
  'shared/geometry': ['shared'],
  'shared/quality': ['shared'],
  'shared/db': ['shared'],
  edge: ['shared', 'shared/db', 'edge/pages'],
  'edge/pages': ['edge', 'shared', 'shared/db', 'shared/quality'],
  worker: [
    'shared',
    'shared/conform',
    'shared/geometry',
    'shared/quality',
    'shared/db',
    'worker/diff',
    'worker/download',
    'worker/formats',
    'worker/engine',
    'worker/outputs',
    'worker/render',
    'worker/products',
    'worker/io',
    'worker/system',
  ],
  'worker/download': ['shared', 'shared/conform', 'shared/geometry', 'worker/system'],
  'worker/formats': ['shared', 'shared/conform', 'shared/geometry', 'worker/system'],
  'worker/engine': ['shared', 'shared/conform', 'shared/geometry', 'worker/formats', 'worker/system'],
  'worker/outputs': ['shared', 'shared/conform', 'shared/geometry', 'worker/system'],
  'worker/products': ['shared', 'shared/geometry', 'worker/outputs', 'worker/io', 'worker/system'],
  'worker/render': ['shared', 'shared/geometry', 'worker/system'],
  'worker/diff': ['shared', 'shared/quality', 'worker/system'],
  'worker/io': ['shared', 'worker/system'],
  'worker/system': ['shared'],
  examples: ['*'],
  test: ['*'],
  'test/chaos': ['*'],
  'test/conformance': ['*'],
  'test/deno': ['*'],
  'test/events': ['*'],
  'test/hostile': ['*'],
  'test/matrix': ['*'],
  'test/queue': ['*'],
  'test/standins': ['shared', 'worker/system'],
  bench: ['*'],
  'infra/compose': ['*'],
  docs: ['*'],
}

/** Files that tests share although they are none; they may use what tests may. */
const TEST_SUPPORT =
  /(\.test\.tsx?|_standin\.ts|_cases\.ts|_order\.ts|arbitrary_\w+\.ts|read_all\.ts|write_\w+\.ts)$/

interface SourceFile {
  /** Such as `worker/formats/csv.ts`. */
  readonly path: string
  readonly room: string
  readonly text: string
  readonly isTest: boolean
}

const FILES: readonly SourceFile[] = listFiles(/\.tsx?$/)

describe('a room', () => {
  test('stands in the table', () => {
    const unknown = FILES.map(({ room }) => room).filter((room) => !(room in ROOMS))

    expect([...new Set(unknown)]).toEqual([])
  })

  test('imports only from rooms that it may know', () => {
    const wrong = FILES.filter(({ isTest }) => !isTest).flatMap((file) =>
      importedRooms(file)
        .filter((room) => room !== file.room && !mayImport(file.room, room))
        .map((room) => `${file.path} imports from ${room}`),
    )

    expect(wrong).toEqual([])
  })
})

describe('edge and shared', () => {
  /** The one file of each that reaches through to the runtime, and says so. */
  const THROUGH = ['edge/env.ts', 'edge/folder.ts', 'edge/node.ts', 'edge/bun.ts', 'edge/ending.ts']

  test('use Web Standards only', () => {
    const wrong = ours(['edge', 'shared'])
      .filter(({ path }) => !THROUGH.includes(path))
      .filter(({ text }) => /from 'node:|from 'bun|\bBun\.|\bDeno\.|\bprocess\./.test(code(text)))

    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

describe('the nouns', () => {
  test('never wait, fetch, read a clock or roll a die', () => {
    const wrong = ours(['shared'])
      .filter(({ room }) => room !== 'shared/db')
      .filter(({ text }) =>
        /\bawait\b|\bfetch\(|Date\.now|new Date\(\)|Math\.random|performance\./.test(code(text)),
      )

    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

describe('SQL', () => {
  test('stands in shared/db, in migrate, and in tests', () => {
    const wrong = FILES.filter(
      ({ isTest, room, path }) => !isTest && room !== 'shared/db' && path !== 'worker/migrate.ts',
    )
      .filter(({ room }) => !room.startsWith('test'))
      .filter(({ text }) => /\b(?:sql|tx)`/.test(code(text)))

    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test('of a view opens by saying what it is, who reads it, and what a row looks like', () => {
    const bare = listFiles(/^sql\/views\/.*\.sql$/).filter(
      ({ path, text }) =>
        !text.startsWith(`-- ${path.split('/').at(-1)?.replace('.sql', '')}: `) ||
        !/Read by/.test(text) ||
        !/-\+-|\| /.test(text),
    )

    expect(bare.map(({ path }) => path)).toEqual([])
  })

  test('of the newest migration is the one that /ready asks for', () => {
    const names = readdirSync(join(ROOT, 'sql/migrations')).sort()

    expect(names.at(-1)).toBe(`${NEWEST_MIGRATION}.sql`)
  })
})

describe('the world outside', () => {
  test('is fetched from in io, download and render only', () => {
    const wrong = ours(['edge', 'shared', 'worker', 'examples'])
      .filter(({ room }) => !['worker/io', 'worker/download', 'worker/render'].includes(room))
      .filter(({ text }) => /(?<![.\w])fetch\(/.test(code(text)))

    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test('sets us through the two env.ts only', () => {
    const wrong = ours(['edge', 'shared', 'worker', 'examples'])
      .filter(({ path }) => !['worker/env.ts', 'edge/env.ts', 'worker/system/spawn.ts'].includes(path))
      .filter(({ text }) => /process\.env/.test(code(text)))

    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test('is given to programs by spawn.ts only', () => {
    const wrong = ours(['edge', 'shared', 'worker', 'examples'])
      .filter(({ path }) => path !== 'worker/system/spawn.ts')
      .filter(({ text }) => /from 'node:child_process'|Bun\.spawn/.test(code(text)))

    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

describe('a file', () => {
  test('has no more than 300 lines', () => {
    const long = FILES.map(({ path, text }) => [path, text.trimEnd().split('\n').length] as const).filter(
      ([, lines]) => lines > 300,
    )

    expect(long).toEqual([])
  })

  test('opens by saying what it is', () => {
    const bare = FILES.filter(({ isTest, text }) => !isTest && !text.startsWith('/**'))

    expect(bare.map(({ path }) => path)).toEqual([])
  })

  test('names no default export but where a runtime asks for one', () => {
    const wrong = FILES.filter(({ text, path }) => /^export default/m.test(text) && path !== 'edge/main.ts')

    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  test('of shared has a comment on each export; a file with one may say it at its top', () => {
    const many = ours(['shared']).filter(({ text }) => (text.match(/^export /gm) ?? []).length > 1)
    const bare = many.flatMap(({ path, text }) =>
      [...text.matchAll(/^(.*)\n^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)]
        .filter(([, before]) => !/\*\/\s*$/.test(before ?? ''))
        .map(([, , name]) => `${path}: ${name}`),
    )

    expect(bare).toEqual([])
  })

  test('is not called after a thing that does everything', () => {
    const vague = FILES.filter(({ path }) =>
      /(?:^|[/_.])(?:utils?|helpers?|common|manager|service|handler|info|misc)(?:[_.]|$)/.test(path),
    )

    expect(vague.map(({ path }) => path)).toEqual([])
  })
})

describe('every attribute function', () => {
  test('that sources call has a file and a row in the table', () => {
    const table = readFileSync(join(ROOT, 'shared/conform/functions.ts'), 'utf8')
    const names = [
      'join',
      'format',
      'regexp',
      'prefixed_number',
      'postfixed_street',
      'postfixed_unit',
      'remove_prefix',
      'remove_postfix',
      'first_non_empty',
      'constant',
      'map',
      'mph_to_kph',
      'chain',
    ]

    const files = readdirSync(join(ROOT, 'shared/conform'))
    expect(names.filter((name) => !files.includes(`${name}.ts`))).toEqual([])
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(table))).toEqual([])
  })
})

function listFiles(pattern: RegExp): SourceFile[] {
  const floors = ['edge', 'shared', 'worker', 'test', 'examples', 'bench', 'docs', 'infra', 'sql']
  return floors
    .flatMap((floor) => walk(join(ROOT, floor)))
    .map((path) => relative(ROOT, path))
    .filter((path) => pattern.test(path))
    .map((path) => ({
      path,
      room: dirname(path),
      text: readFileSync(join(ROOT, path), 'utf8'),
      isTest: TEST_SUPPORT.test(path) || path.startsWith('test/'),
    }))
}

function walk(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'data' || entry.name === 'node_modules') return []
    return entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]
  })
}

/** Files of some floors that are not tests. */
function ours(floors: readonly string[]): SourceFile[] {
  return FILES.filter(({ path, isTest }) => !isTest && floors.some((floor) => path.startsWith(`${floor}/`)))
}

function importedRooms({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/from '(\.[^']+)'/g)]
    .map(([, to]) => relative(ROOT, resolve(ROOT, dirname(path), to ?? '')))
    .filter((to) => to !== 'package.json')
    .map(dirname)
}

function mayImport(room: string, other: string): boolean {
  const known = ROOMS[room] ?? []
  return known.includes('*') || known.includes(other)
}

/** Without comments: what a file says of a thing is not its use. */
function code(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
