import { describe, expect, test } from 'bun:test'
import { type Command, newCommands, readCommands } from './command.ts'

const RETEST: Command = { name: 'retest', sources: [] }

describe('a comment says', () => {
  const cases: [body: string, commands: Command[]][] = [
    ['/retest', [RETEST]],
    ['/RETEST', [RETEST]],
    ['/machine retest', [RETEST]],
    ['/Machine /retest', [RETEST]],
    ['  /retest  ', [RETEST]],
    ['Thanks!\r\n/retest\r\nand bye', [RETEST]],
    ['/retest us/ca/berkeley', [{ name: 'retest', sources: ['sources/us/ca/berkeley.json'] }]],
    [
      '/retest sources/us/ca/berkeley.json, `us/ny.json` us/ny',
      [{ name: 'retest', sources: ['sources/us/ca/berkeley.json', 'sources/us/ny.json'] }],
    ],
    ['/cancel', [{ name: 'cancel' }]],
    ['/ok-to-test', [{ name: 'ok-to-test' }]],
    ['/accept us/ca/berkeley', [{ name: 'accept', sources: ['sources/us/ca/berkeley.json'] }]],
    ['/accept', [{ name: 'accept', sources: [] }]],
    ['/help', [{ name: 'help' }]],
    ['/machine', [{ name: 'help' }]],
    ['/machine help', [{ name: 'help' }]],
    ['/machine dance', [{ name: 'unknown', word: 'dance' }]],
    ['/ok-to-test\n/retest', [{ name: 'ok-to-test' }, RETEST]],
    ['Re-run this, please', [RETEST]],
    ['rerun this please', [RETEST]],
    ['re-run this please!', [RETEST]],
    ['RERUN THIS, PLEASE.', [RETEST]],
    ['Hello\n\nRe-run this please, it was the server', [RETEST]],
    ['rerun this pleased', []],
    ['please rerun this', []],
    ['I would say: re-run this, please', []],
    ['', []],
    ['retest', []],
    ['a /retest in a sentence', []],
    ['/retesting', []],
    ['/lgtm', []],
    ['/machinery retest', []],
    ['> /retest', []],
    ['    /retest', []],
    ['```\n/retest\n```', []],
    ['~~~\n/retest\n~~~\n/cancel', [{ name: 'cancel' }]],
    ['````\n```\n/retest\n````\n/help', [{ name: 'help' }]],
    ['//retest', []],
    ['https://x.example/retest', []],
    ['/retest\u0000', []],
  ]
  for (const [body, commands] of cases) {
    test(JSON.stringify(body), () => {
      expect(readCommands(body)).toEqual(commands)
    })
  }
})

test('no more than twenty commands, and a hundred sources, are read', () => {
  const sources = Array.from({ length: 300 }, (_, i) => `us/${i}`).join(' ')

  expect(readCommands('/cancel\n'.repeat(100))).toHaveLength(20)
  expect(readCommands(`/retest ${sources}`)).toMatchObject([{ sources: { length: 100 } }])
})

test('an edited comment asks for what it did not ask for before', () => {
  expect(newCommands('/retest\n/cancel', '/retest')).toEqual([{ name: 'cancel' }])
  expect(newCommands('/retest', 'Thanks')).toEqual([RETEST])
  expect(newCommands('/retest ', '/retest')).toEqual([])
  expect(newCommands('/retest\n/retest', '/retest')).toEqual([RETEST])
})
