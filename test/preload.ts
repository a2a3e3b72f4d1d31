/** What every test run needs: the shared Postgres ends with it. */
import { afterAll } from 'bun:test'
import { stopTestPostgres } from './postgres.ts'

afterAll(stopTestPostgres)
