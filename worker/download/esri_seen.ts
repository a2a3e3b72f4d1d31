/**
 * Which object ids were seen already.
 *
 * Ids are mostly whole numbers close together: one bit each, in blocks, so that ten million rows take some
 * megabytes. The rest is kept as text.
 */

export interface Seen {
  /** @returns whether it is new */
  add(id: string): boolean
}

const BLOCK_BITS = 4_096
const WHOLE = /^(?:0|[1-9]\d{0,14})$/

/** An empty memory. */
export function seen(): Seen {
  const blocks = new Map<number, Uint32Array>()
  const texts = new Set<string>()

  function addNumber(id: number): boolean {
    const key = Math.floor(id / BLOCK_BITS)
    const block = blocks.get(key) ?? new Uint32Array(BLOCK_BITS / 32)
    blocks.set(key, block)
    const bit = id % BLOCK_BITS
    const word = block[bit >>> 5]!
    const mask = 1 << (bit & 31)
    block[bit >>> 5] = word | mask
    return (word & mask) === 0
  }

  function addText(id: string): boolean {
    if (texts.has(id)) return false
    texts.add(id)
    return true
  }

  return { add: (id) => (WHOLE.test(id) ? addNumber(Number(id)) : addText(id)) }
}
