import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { ConfigError, parseDotEnv, processEnv, readConfig } from './env.ts'
import { inTemp } from './system/temp.ts'

const GOOD = {
  DATABASE_URL: 'postgres://machine:hunter2@db:5432/machine',
  WEBHOOK_SECRETS: 'new-secret, old-secret',
  GITHUB_TOKEN: 'ghp_token',
}

/** As it may get into a log. */
function printed(value: object): string[] {
  return [JSON.stringify(value), inspect(value, { depth: 9 }), Bun.inspect(value), format('%o', value)]
}

describe('readConfig', () => {
  test('has a default for everything that no command needs', () => {
    const config = readConfig({}, [])

    expect(config).toMatchObject({
      githubApiUrl: 'https://api.github.com',
      machineBaseUrl: 'http://localhost:8000',
      githubStatusContext: 'openaddresses/hooked',
      leaseSeconds: 300,
      beatSeconds: 60,
      runTimeoutHours: 12,
      runReuseDays: 10,
      gagGithubStatus: false,
    })
  })

  test('takes several secrets, and addresses without their last slash', () => {
    const config = readConfig({ ...GOOD, MACHINE_BASE_URL: 'https://batch.example/' }, ['DATABASE_URL'])

    expect(config.webhookSecrets).toEqual(['new-secret', 'old-secret'])
    expect(config.machineBaseUrl).toBe('https://batch.example')
  })

  test('names all that is missing or wrong, in one error, with the value where it is no secret', () => {
    const read = () =>
      readConfig({ LEASE_SECONDS: 'soon', GAG_GITHUB_STATUS: 'maybe', GITHUB_API_URL: 'github' }, [
        'DATABASE_URL',
      ])

    expect(read).toThrow(ConfigError)
    expect(read).toThrow(
      'DATABASE_URL is not set; LEASE_SECONDS is "soon"; expected a number, at least 1; ' +
        'GITHUB_API_URL is "github"; expected http://… or https://…; ' +
        'GAG_GITHUB_STATUS is "maybe"; expected yes or no',
    )
  })

  test('never says a database address that is wrong', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db' }, [])).toThrow(
      'DATABASE_URL is no such address; expected postgres://… or postgresql://…',
    )
  })

  test('refuses a beat that is no shorter than the lease', () => {
    expect(() => readConfig({ LEASE_SECONDS: '10', BEAT_SECONDS: '10' }, [])).toThrow(
      'BEAT_SECONDS is 10; expected less than LEASE_SECONDS, 10',
    )
  })

  test('gives a configuration that shows no secret when it is printed', () => {
    const config = readConfig(GOOD, ['DATABASE_URL'])

    const copy = { ...config, databaseUrl: 'postgres://machine:hunter2@localhost/machine' }

    for (const shown of [config, copy, { nested: { config } }].flatMap(printed)) {
      expect(shown).not.toContain('hunter2')
      expect(shown).not.toContain('new-secret')
      expect(shown).not.toContain('ghp_token')
      expect(shown).toContain('leaseSeconds')
    }
    expect(config.githubToken).toBe('ghp_token')
  })
})

describe('parseDotEnv', () => {
  const cases: [name: string, text: string, value: string][] = [
    ['a plain value', 'A=b', 'b'],
    ['blanks around it', ' A = b  ', 'b'],
    ['an empty value', 'A=', ''],
    ['an empty value before a comment', 'A= # not set', ''],
    ['a comment behind it', 'A=b # why', 'b'],
    ['a value with a hash in it', 'A=b#c', 'b#c'],
    ['double quotes', 'A="b # c "', 'b # c '],
    ['single quotes', "A='b'", 'b'],
    ['a shell word before it', 'export A=b', 'b'],
    ['the line ends of Windows', 'A=b\r\nB=c\r\n', 'b'],
    ['an equals sign in it', 'A=b=c', 'b=c'],
    ['a dollar sign, which stays one', 'A="b$HOME"', 'b$HOME'],
    ['a later line of the same name', 'A=a\nA=b', 'b'],
  ]
  for (const [name, text, value] of cases) {
    test(`reads ${name}`, () => {
      expect(parseDotEnv(text)['A']).toBe(value)
    })
  }

  test('passes over comments and whatever else is no setting', () => {
    expect(parseDotEnv('# A=b\n\nnonsense\n1=2\n')).toEqual({})
  })
})

describe('processEnv', () => {
  test('reads .env, and the environment wins', async () => {
    await inTemp('env', async (folder) => {
      const file = join(folder, '.env')
      await writeFile(file, 'PATH=/nowhere\nMACHINE_ONLY_HERE=yes\n')

      expect(processEnv(file)['MACHINE_ONLY_HERE']).toBe('yes')
      expect(processEnv(file)['PATH']).not.toBe('/nowhere')
    })
  })

  test('does without .env, but not with one that it cannot read', async () => {
    await inTemp('env', async (folder) => {
      expect(processEnv(join(folder, '.env'))['PATH']).toBeDefined()
      expect(() => processEnv(folder)).toThrow(ConfigError)
    })
  })
})

describe('.env.example', () => {
  const example = readFileSync(`${import.meta.dir}/../.env.example`, 'utf8')

  test('shows the defaults', () => {
    const shown = parseDotEnv(example)
    const config = readConfig({ DATABASE_URL: shown['DATABASE_URL'] }, ['DATABASE_URL'])

    expect(JSON.stringify(readConfig(shown, ['DATABASE_URL']))).toBe(JSON.stringify(config))
  })

  test('explains every variable that is read, here and at the edge', () => {
    for (const file of ['../worker/env.ts', '../edge/env.ts']) {
      const source = readFileSync(`${import.meta.dir}/${file}`, 'utf8')
      const names = [...source.matchAll(/'([A-Z]+_[A-Z0-9_]+|PORT|HOST)'/g)].map(([, name]) => name)

      expect(names.length).toBeGreaterThan(5)
      expect(names.filter((name) => !new RegExp(`^${name}=`, 'm').test(example))).toEqual([])
    }
  })
})
