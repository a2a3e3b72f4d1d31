import { afterAll, beforeAll, beforeEach, describe, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { CONTRACT } from './contract.ts'
import { clear } from './world.ts'

describe('the contract of the queue on Bun', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.drop())
  beforeEach(() => clear(db.sql))

  for (const [sentence, check] of CONTRACT) test(sentence, () => check(db.sql))
})
