/**
 * The metadata of an EC2 instance, as far as it says that the instance is to go: a Spot interruption, two minutes
 * ahead, or a lifecycle state of its auto scaling group.
 *
 * Version 2 of the service: a token first. Elsewhere than on EC2 nobody answers at its address, so it is asked only
 * where the firmware says Amazon, or where an address is given.
 *
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
 */
import { readFileSync } from 'node:fs'

/** Where every instance finds it. */
const USUAL_URL = 'http://169.254.169.254'

/** It is on the same computer, so to speak. */
const ANSWER_MS_MAX = 2_000

const TOKEN_SECONDS = 21_600

/** States in which an instance works, or is about to. */
const STAYS = ['InService', 'Pending', 'Pending:Wait', 'Pending:Proceed', 'Standby', '']

export interface Ec2Metadata {
  /** Why this computer is to go; undefined while it stays. */
  notice(): Promise<string | undefined>
}

/** Where to ask: the address that is given, the usual one on EC2; undefined elsewhere. */
export function metadataUrl(given: string | undefined): string | undefined {
  return given ?? (isEc2() ? USUAL_URL : undefined)
}

/** The service at an address. */
export function ec2Metadata(baseUrl: string): Ec2Metadata {
  let token: { readonly text: string; readonly until: number } | undefined

  async function get(path: string): Promise<string | undefined> {
    if (token === undefined || performance.now() > token.until) token = await newToken(baseUrl)
    const response = await fetch(`${baseUrl}/latest/meta-data/${path}`, {
      headers: { 'X-aws-ec2-metadata-token': token.text },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const text = await response.text()
    if (response.status === 401) token = undefined
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`${response.status} from ${baseUrl}/latest/meta-data/${path}`)
    return text.trim()
  }

  return {
    async notice() {
      const spot = await get('spot/instance-action')
      if (spot !== undefined) return `Spot: ${spotText(spot)}`
      const state = (await get('autoscaling/target-lifecycle-state')) ?? ''
      return STAYS.includes(state) ? undefined : `auto scaling: the instance is to be ${state}`
    },
  }
}

async function newToken(baseUrl: string): Promise<{ text: string; until: number }> {
  const response = await fetch(`${baseUrl}/latest/api/token`, {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': `${TOKEN_SECONDS}` },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  })
  if (!response.ok) throw new Error(`${response.status} from ${baseUrl}/latest/api/token`)
  // Half its life, so that it is never found out to be too old.
  return { text: await response.text(), until: performance.now() + TOKEN_SECONDS * 500 }
}

/** `{"action": "terminate", "time": "2026-11-25T10:12:00Z"}` as words. */
function spotText(json: string): string {
  try {
    const { action, time } = JSON.parse(json) as { action?: unknown; time?: unknown }
    return `the instance is to ${action} at ${time}`
  } catch {
    return json
  }
}

function isEc2(): boolean {
  try {
    return readFileSync('/sys/devices/virtual/dmi/id/sys_vendor', 'utf8').startsWith('Amazon EC2')
  } catch {
    return false
  }
}
