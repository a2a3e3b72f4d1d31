/** What every test run needs: the shared Postgres ends with it, and the conformance suite's score is told. */
import { afterAll } from 'bun:test'
import { printScores } from './conformance/score.ts'
import { stopTestPostgres } from './postgres.ts'

afterAll(async () => {
  await stopTestPostgres()
  printScores()
})
