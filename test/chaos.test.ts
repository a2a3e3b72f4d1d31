/** Chaos, for a short while: whatever dies, nothing is lost, doubled or left pending. `npm run chaos` does it for as long as you like. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { chaos, table } from './chaos/chaos.ts'

setDefaultTimeout(240_000)

const SEED = 20_261_125

test(`what is accepted settles once through kills, cuts and crashes (seed ${SEED})`, async () => {
  const report = await chaos({
    minutes: 0.3,
    seed: SEED,
    deeds: [
      'SIGKILL of a process',
      'SIGSTOP beyond the lease',
      'immediate restart of Postgres',
      'result delivered twice',
      'S3 away',
      'GitHub failing',
    ],
  })
  console.log(table(report))

  expect(report.accepted).toBeGreaterThan(2)
  expect(report.counts['immediate restart of Postgres']).toBeGreaterThan(0)
  expect(report.findings.filter(({ expected, found }) => expected !== found)).toEqual([])
})
