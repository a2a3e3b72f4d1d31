import { describe, expect, test } from 'bun:test'
import { isSourceBy, readRepositories, RULES, rulesOf } from './repositories.ts'

describe('the configuration of repositories', () => {
  test('is optional: then all are ours, by the usual rules', () => {
    const repositories = readRepositories(' ')

    expect(repositories).toBeUndefined()
    expect(rulesOf(repositories, { owner: 'any', name: 'body' })).toEqual(RULES)
  })

  test('names the only ones that are ours, in whatever case, each with its rules over the usual ones', () => {
    const repositories = readRepositories(
      '{"OpenAddresses/openaddresses": {"trust": "open", "pullJobsPerHour": 0}}',
    )

    expect(rulesOf(repositories, { owner: 'openaddresses', name: 'OpenAddresses' })).toEqual({
      trust: 'open',
      paths: ['sources/**/*.json'],
      authorJobsPerHour: 60,
      pullJobsPerHour: 0,
      silent: false,
    })
    expect(rulesOf(repositories, { owner: 'eve', name: 'openaddresses' })).toBeUndefined()
    expect(
      rulesOf(
        repositories,
        { owner: 'new', name: 'name' },
        { owner: 'openaddresses', name: 'openaddresses' },
      ),
    ).toBeDefined()
  })

  const wrong: [text: string, message: string][] = [
    ['{', 'this is not JSON'],
    ['[]', 'expected an object with a repository in it, got a list'],
    ['{}', 'expected an object with a repository in it, got an object'],
    ['{"x": {}}', '"x" is not owner/name'],
    ['{"a/b": 1}', '"a/b" must be an object, not number'],
    ['{"a/b": {"trust": "all"}}', '"trust" of "a/b" must be open, members or approval'],
    ['{"a/b": {"paths": []}}', '"paths" of "a/b" must be a list of paths with * and **'],
    ['{"a/b": {"pullJobsPerHour": -1}}', '"pullJobsPerHour" of "a/b" must be a whole number, 0 for no limit'],
    ['{"a/b": {"silent": "yes"}}', '"silent" of "a/b" must be true or false'],
    ['{"a/b": {"__proto__x": 1}}', '"a/b" has no rule "__proto__x"; there are trust, paths'],
    ['{"a/b": {"constructor": 1}}', '"a/b" has no rule "constructor"'],
  ]
  for (const [text, message] of wrong) {
    test(`says what is wrong with ${text}`, () => {
      expect(() => readRepositories(text)).toThrow(message)
    })
  }
})

describe('a path is a source by', () => {
  const cases: [glob: string, path: string, is: boolean][] = [
    ['sources/**/*.json', 'sources/a.json', true],
    ['sources/**/*.json', 'sources/us/ca/a.json', true],
    ['sources/**/*.json', 'sources/a.JSON', false],
    ['sources/**/*.json', 'x/sources/a.json', false],
    ['sources/**/*.json', 'sources/a.json.bak', false],
    ['sources/**/*.json', 'sources/a\nb.json', true],
    ['sources/*.json', 'sources/us/a.json', false],
    ['data/x-*.json', 'data/x-1.json', true],
    ['data/x-*.json', 'data/y-1.json', false],
    ['a+b/(c).json', 'a+b/(c).json', true],
    ['a.b', 'axb', false],
    ['**', 'anything/at/all', true],
  ]
  for (const [glob, path, is] of cases) {
    test(`${glob}: ${JSON.stringify(path)} ${is ? 'is' : 'is not'}`, () => {
      expect(isSourceBy({ paths: [glob] }, path)).toBe(is)
    })
  }
})
