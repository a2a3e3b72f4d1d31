/**
 * `docs/quality.md`, its tables made of the rules and of the limits of the verdict: `npx bun docs/write_quality.ts` writes
 * it, a test keeps it true.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rule } from '../shared/quality/rule.ts'
import { RULES } from '../shared/quality/rules.ts'
import { percent } from '../shared/text.ts'
import { VERDICT_RULES } from '../shared/verdict.ts'

/** The whole page. */
export function qualityMarkdown(): string {
  return [INTRODUCTION, rulesTable(), OWN_LIMITS, verdictTable(), HOLDS, IDENTITY, MEASURED]
    .join('\n\n')
    .concat('\n')
}

const INTRODUCTION = `# Quality, verdicts, identity

Made by \`npx bun docs/write_quality.ts\`; a test keeps the tables true.

## What is counted

Every row that a run writes is looked at once, as bytes, while it is written. Counts are exact for any number of rows, in
memory that does not grow: two things are estimates, and say so ("about"): different values of an attribute (HyperLogLog,
within 2 percent) and the rows of its most frequent value (surely so many, perhaps a few more).

What was found stands in the state of the run (\`quality\`: of each rule code, severity, count, share, limit and up to three
rows; of each attribute how many rows have it, different values, the most frequent one), in its log and on its page. A share
above the first limit is a warning; above the second an error, which holds the run. Anything less is an info.

Outlines are those of the packages us-atlas (states, for sources with a \`US Census\` geoid) and country-coder (countries);
some 10 km beyond them are forgiven.`

function rulesTable(): string {
  const rows = RULES.map((rule) =>
    cells([`\`${rule.code}\``, rule.sentence, limit(rule, 'warning'), limit(rule, 'error'), rule.reason]),
  )
  return [
    '| code | what is counted | warning above | error above | why |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const OWN_LIMITS = `### Limits of a source

A data source may say \`"quality": {"no-street": 1, "rows-fell": 0.5}\`: the share above which it is held, from 0 to 1. 1
holds for nothing. Codes are those of the table above and of the next one. What means nothing is told in the log.

## What is compared

A good result is compared with the last accepted run of the same data source: the newest good one of the default branch. It
is held when one of these is so, or a rule above is an error that was not accepted before or is worse by 5 percent of the rows.
A first run has nothing to compare with, and says so.`

function verdictTable(): string {
  const { rowsFellMax, attributeFellMax, attributeKeptMin, boundsSharedMin } = VERDICT_RULES
  const rows: [code: string, what: string, limit: number, why: string][] = [
    [
      'rows-fell',
      'rows that are gone, of those before; `HOLD_ROWS_FELL` sets it for all sources',
      rowsFellMax,
      'Publishers seldom take away a tenth of what they have; partial downloads lost 99 percent and counted (machine issue 772, openaddresses issue 5597).',
    ],
    [
      'attribute-fell',
      'rows that lack number, street, pid or name now, and had it before, of all rows',
      attributeFellMax,
      'The rest of the row is of little use without it; as for rows.',
    ],
    [
      'attribute-lost',
      'rows that lack any attribute now, of those that had it, if one in a hundred had it',
      1 - attributeKeptMin,
      'A column was renamed, or a pattern matches no more. Attributes come and go in parts when a publisher works on them.',
    ],
    [
      'bounds-moved',
      'what of the two boxes together is in one only; of the middle 99 percent of the rows where both runs have it, at least 1 km wide',
      1 - boundsSharedMin,
      'One stray row moves a box, and not the middle; half of a county elsewhere is another county, or another srs.',
    ],
  ]
  const lines = rows.map(([code, what, limit, why]) => cells([`\`${code}\``, what, percent(limit), why]))
  return ['| code | what is compared | held above | why |', '|---|---|---|---|', ...lines].join('\n')
}

const HOLDS = `### Holds

A held run ends as failed, with the problem \`regression-held\` or \`quality-limit\` and the numbers in its sentence, so that nothing
that takes good runs takes it: what was good before stays current, and reuse never copies it. Its files stay, for people to
look at. Its page shows both runs field by field; the check of its job is red.

\`\`\`sh
machine accept us/ca/berkeley --list
machine accept us/ca/berkeley --who anna --why 'the county was split'
\`\`\`

Accepting makes it good: its data is current, its job is judged again, GitHub hears of it, and \`reports.audit\` says who and
why. \`reports.held\` lists what waits. A later run that is fine makes earlier holds superfluous; they cannot be accepted any more.`

const IDENTITY = `## Who is who

The reference's \`hash\` is made of the downloaded file, and so is another for every row when one byte of it changes. The
content id is made of the row alone: 16 hex digits of what it says, a hyphen, 16 of where it is
([shared/content_id.ts](../shared/content_id.ts)). Case and blanks do not count, nor a publisher's own \`id\` column; places
count to five decimals of a degree, 1.1 m. It survives re-zipping, re-ordering and re-running. It is no cryptographic hash.

\`machine diff-runs BEFORE NOW OUT\` compares two files of rows by it, as every worker does for a good run and the last accepted
one; the page has the counts, \`diff.ndjson.gz\` the rows. *Moved*: the same attributes at another place. *Edited*: other
attributes at the same place. Rows count as often as they are there.`

const MEASURED = `## Measured

2026-11-25, 2 cores of an AMD EPYC virtual machine shared with other work, Bun 1.4.5 and Node 20.20.2; CPU seconds of
the process, and for the diff seconds of the clock and the most memory that it had.

| what | Bun | Node |
|---|---|---|
| 500,000 rows of CSV in degrees to \`out.geojson.gz\`, without quality (medians of 4) | 3.34 | 4.94 |
| the same with quality | 3.78 | 5.44 |
| difference | 13 % | 10 % |
| quality alone, a row | 0.6 to 0.7 µs | 0.8 to 0.9 µs |
| diff of two versions of 1,000,000 rows, 3.5 % of them changed (\`npx bun bench/diff.ts\`) | 1.8 s, 204 MB | 3.1 s, 201 MB |
| the same of 10,000,000 rows | 15.6 s, 259 MB | 21.9 s, 237 MB |

CSV in degrees is the cheapest conform there is: a projected source, a shapefile or GeoJSON costs half as much again or more, and
quality the same. A run of a million rows to \`out.geojson.gz\` takes 7 to 8 seconds (bench/README.md): its diff
takes a third of that.`

function limit(rule: Rule, severity: 'warning' | 'error'): string {
  const share = rule.limits[severity]
  return share === undefined ? '–' : share === 0 ? 'any' : percent(share)
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}

if (import.meta.main) await writeFile(join(import.meta.dirname, 'quality.md'), qualityMarkdown())
