/**
 * Signatures: whether a delivery comes from who knows a secret.
 *
 * Source: docs.github.com, "Validating webhook deliveries".
 */

/** The bytes of X-Hub-Signature-256, `sha256=` and 64 hex digits; undefined when it is something else. */
export function readSignature(header: string): Uint8Array<ArrayBuffer> | undefined {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header)?.[1]
  return hex === undefined
    ? undefined
    : Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** Whether a signature is the HMAC-SHA-256 of the body under one of the secrets. */
export async function isSigned(
  body: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  secrets: readonly string[],
): Promise<boolean> {
  const checks = secrets.map(async (secret) => {
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    )
    // verify() compares in constant time; === would tell an attacker how far they got.
    return crypto.subtle.verify('HMAC', key, signature, body)
  })
  // All are waited for: which secret it was is nobody's business either.
  return (await Promise.all(checks)).includes(true)
}
