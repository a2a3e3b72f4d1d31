/** The quality of a run's rows, on its page: what its rules found, and how full each attribute is. */
import { attributesOf, isLayerName } from '../../shared/layer.ts'
import type { AttributeQuality, Quality, QualityFinding, Severity } from '../../shared/quality/finding.ts'
import { grouped, percent } from '../../shared/text.ts'

/** A sign and a word for how much a finding weighs; the colours are those of states. */
const WEIGHTS: Readonly<Record<Severity, readonly [sign: string, word: string, tone: string]>> = {
  error: ['✗', 'error', 'failed'],
  warning: ['!', 'warning', 'waiting'],
  info: ['·', 'info', 'waiting'],
}

export interface QualityProps {
  readonly quality: Quality | null | undefined
  readonly layer: string
}

/** What was counted; nothing where an older Machine counted nothing. */
export function QualityPart({ quality, layer }: QualityProps) {
  if (!quality) return null
  const { findings, attributes, rows } = quality
  return (
    <section>
      <h2>Quality</h2>
      {findings.length === 0 ? (
        <p class="quiet">No rule found anything in {grouped(rows)} rows.</p>
      ) : (
        <ul class="list findings">
          {findings.map((finding) => (
            <FindingItem finding={finding} />
          ))}
        </ul>
      )}
      <Attributes attributes={inOrder(layer, attributes)} rows={rows} />
    </section>
  )
}

function FindingItem({ finding }: { readonly finding: QualityFinding }) {
  const { code, severity, attribute, sentence, count, of, share, limit, examples } = finding
  const [sign, word, tone] = WEIGHTS[severity]
  return (
    <li>
      <span class={`state ${tone}`}>
        <span aria-hidden="true">{sign}</span> {word}
      </span>{' '}
      <span class="numbers">
        {grouped(count)} of {grouped(of)}
      </span>{' '}
      {sentence}
      {attribute !== null && (
        <>
          {' '}
          of <bdi>{attribute}</bdi>
        </>
      )}{' '}
      <span class="quiet">
        {percent(share)}
        {limit !== null && `, limit ${percent(limit)}`}, <code>{code}</code>
      </span>
      {examples.length > 0 && (
        <details>
          <summary>Such as</summary>
          <ul>
            {examples.map((example) => (
              <li>
                <bdi>{example}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

type Attribute = readonly [name: string, AttributeQuality]

/** In the order of the layer: JSON in Postgres has one of its own. */
function inOrder(layer: string, attributes: Quality['attributes']): Attribute[] {
  const order = isLayerName(layer) ? attributesOf(layer) : []
  return Object.entries(attributes).sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
}

interface AttributesProps {
  readonly attributes: readonly Attribute[]
  readonly rows: number
}

function Attributes({ attributes, rows }: AttributesProps) {
  if (attributes.length === 0) return null
  return (
    <section class="wide" tabindex={0} aria-label="Attributes">
      <table>
        <thead>
          <tr>
            <th scope="col">Attribute</th>
            <th scope="col">Filled</th>
            <th scope="col">Different values, about</th>
            <th scope="col">Most frequent</th>
          </tr>
        </thead>
        <tbody>
          {attributes.map(([name, { filled, distinct, top }]) => (
            <tr>
              <th scope="row">{name}</th>
              <td>{percent(rows === 0 ? 0 : filled / rows)}</td>
              <td>{grouped(distinct)}</td>
              <td>
                {top !== null && (
                  <>
                    <bdi>{top.value}</bdi> <span class="quiet">in {grouped(top.rows)}</span>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
