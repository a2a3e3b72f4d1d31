/** What process-one says of the quality of rows: in the state, in both index files, and in the log. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openTrial, type Trial, trialSource } from '../test/trial.ts'

let trial: Trial

beforeEach(async () => {
  trial = await openTrial()
})

afterEach(() => trial.close())

const ROWS = ['lon,lat,num,name', '-122.25,37.5,0,Oak St', '37.5,-122.25,12,Oak St', '-122.25,37.5,0,Oak St']

describe('process-one', () => {
  test('counts the quality of what it writes', async () => {
    const data = await trial.serve('a.csv', `${ROWS.join('\n')}\n`)
    const own = { 'number-zero': 1, 'no-streets': 0.5 }

    const { state, ok } = await trial.run(trialSource({ data, quality: own }))

    expect(ok).toBe(true)
    expect(state.quality).toMatchObject({
      rows: 3,
      placed: 3,
      limits: { 'number-zero': 1 },
      attributes: { number: { filled: 3, distinct: 2 }, street: { filled: 3, distinct: 1 } },
    })
    expect(state.quality?.findings.map(({ code, severity, count }) => [code, severity, count])).toEqual([
      ['off-globe', 'error', 1],
      ['swapped-axes', 'error', 1],
      ['empty-column', 'warning', 3],
      ['number-zero', 'warning', 2],
      ['outside-coverage', 'warning', 1],
      ['duplicates', 'warning', 1],
    ])
    const log = await trial.log()
    expect(log).toContain('warning: "quality" has no rule "no-streets"; it is passed over\n')
    expect(log).toContain(
      'error: swapped-axes: 1 of 3 rows lie inside the coverage only when lon and lat are swapped',
    )
    expect(log).toContain(
      '(33.3 %, limit 10 %); such as row 2: number "12", street "Oak St", at 37.5, -122.25\n',
    )
    const [keys, values] = JSON.parse(await readFile(join(trial.folder, 'index.json'), 'utf8'))
    expect(values[keys.indexOf('quality')]).toEqual(JSON.parse(JSON.stringify(state.quality)))
    expect(await readFile(join(trial.folder, 'index.txt'), 'utf8')).toContain('""code"":""swapped-axes""')
    expect(await readdir(trial.folder)).not.toContain('quality.part')
  })

  test('counts it too where all rows are wrong, so that whoever has to mend the source reads it', async () => {
    const data = await trial.serve(
      'a.csv',
      'lon,lat,num,name\n-13636000,5700000,1,Oak St\n-13636100,5700100,2,Elm St\n',
    )

    const { state, problem } = await trial.run(trialSource({ data }))

    expect(problem?.code).toBe('srs-wrong')
    expect(state.quality?.findings.map(({ code }) => code)).toEqual([
      'off-globe',
      'outside-coverage',
      'wrong-srs',
      'empty-column',
    ])
  })
})
