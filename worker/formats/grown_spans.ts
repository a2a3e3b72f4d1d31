/** Numbers of a batch that grows, such as the spans of its cells; their room doubles when it is full. */
export function grownSpans(spans: Int32Array, needed: number): Int32Array {
  if (needed <= spans.length) return spans
  const grown = new Int32Array(Math.max(2 * spans.length, needed))
  grown.set(spans)
  return grown
}
