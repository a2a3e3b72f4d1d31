/**
 * `npm run chaos -- --minutes 5`: break things at random for so long, and show that nothing was lost, doubled or left pending.
 *
 * Ends with 1 where something does not hold. `--seed` plays the same deeds again; `--without fence` (or index, guard) takes
 * a guarantee out, and must fail.
 */
import { parseArgs } from 'node:util'
import { chaos, isWell, table } from './chaos.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '20261125' },
    without: { type: 'string' },
    deeds: { type: 'string' },
    rest: { type: 'string', default: '600' },
  },
})
const [minutes, seed, restSeconds] = [Number(values.minutes), Number(values.seed), Number(values.rest)]
if (!(minutes > 0 && minutes <= 120) || !Number.isInteger(seed) || !(restSeconds >= 0)) {
  console.error('chaos: --minutes is from 0 to 120, --seed a whole number, --rest seconds')
  process.exit(2)
}
const told = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => told.abort())
const report = await chaos({
  minutes,
  seed,
  restSeconds,
  without: values.without,
  deeds: values.deeds?.split(','),
  log: (line) => console.error(line),
  signal: told.signal,
})
console.log(`seed ${seed}; ${table(report)}`)
process.exit(isWell(report) ? 0 : 1)
