/**
 * Signatures: whether a delivery comes from who knows a secret.
 *
 * Source: docs.github.com, "Validating webhook deliveries".
 */

const PREFIX = 'sha256='

/**
 * Whether a signature is the HMAC-SHA-256 of the body under one of the secrets.
 *
 * @param signature  X-Hub-Signature-256: `sha256=` and 64 hex digits
 */
export async function isSigned(
  body: Uint8Array<ArrayBuffer>,
  signature: string | undefined,
  secrets: readonly string[],
): Promise<boolean> {
  const bytes = readSignature(signature)
  if (bytes === undefined) return false
  const checks = secrets.map(async (secret) => {
    const text = new TextEncoder().encode(secret)
    const key = await crypto.subtle.importKey('raw', text, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'verify',
    ])
    // verify() compares in constant time; === would tell an attacker how far they got.
    return crypto.subtle.verify('HMAC', key, bytes, body)
  })
  // All are waited for: which secret it was is nobody's business either.
  return (await Promise.all(checks)).includes(true)
}

function readSignature(signature: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (signature === undefined || !signature.startsWith(PREFIX)) return undefined
  const hex = signature.slice(PREFIX.length)
  if (!/^[0-9a-f]{64}$/i.test(hex)) return undefined
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
