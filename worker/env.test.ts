import { describe, expect, test } from 'bun:test'
import { inspect } from 'node:util'
import { ConfigError, readConfig } from './env.ts'

const GOOD = {
  DATABASE_URL: 'postgres://machine:hunter2@db:5432/machine',
  WEBHOOK_SECRETS: 'new-secret, old-secret',
  GITHUB_TOKEN: 'ghp_token',
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
        'GITHUB_API_URL is not an address; expected one that begins with http:// or https://; ' +
        'GAG_GITHUB_STATUS is "maybe"; expected yes or no',
    )
  })

  test('never says a database address that is wrong', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db' }, [])).toThrow(
      'DATABASE_URL is not an address; expected one that begins with postgres:// or postgresql://',
    )
  })

  test('refuses a beat that is no shorter than the lease', () => {
    expect(() => readConfig({ LEASE_SECONDS: '10', BEAT_SECONDS: '10' }, [])).toThrow(
      'BEAT_SECONDS is 10; expected less than LEASE_SECONDS, 10',
    )
  })

  test('gives a configuration that shows no secret when it is printed', () => {
    const config = readConfig(GOOD, ['DATABASE_URL'])

    for (const shown of [JSON.stringify(config), inspect(config), `${Bun.inspect(config)}`]) {
      expect(shown).not.toContain('hunter2')
      expect(shown).not.toContain('new-secret')
      expect(shown).not.toContain('ghp_token')
    }
    expect(config.githubToken).toBe('ghp_token')
  })
})
