/** The metadata service of an EC2 instance, version 2: a token by PUT, then what the instance is to do. */
import { type Asked, listen, type Server } from './server.ts'

export interface Ec2MetadataWorld extends Server {
  /** Say that Spot takes the instance back; null takes it back. */
  spot(action: { readonly action: string; readonly time: string } | null): void
  /** The state that its auto scaling group wants it in. */
  lifecycle(state: string): void
}

const TOKEN = 'a-token-of-the-instance'

/** Start a metadata service of its own; the instance stays until something else is said. */
export async function startEc2Metadata(): Promise<Ec2MetadataWorld> {
  let action: object | null = null
  let state = 'InService'

  function respond({ method, path, headers }: Asked) {
    if (method === 'PUT' && path === '/latest/api/token') {
      const hasLife = headers['x-aws-ec2-metadata-token-ttl-seconds'] !== undefined
      return hasLife ? { body: TOKEN } : { status: 400 }
    }
    if (headers['x-aws-ec2-metadata-token'] !== TOKEN) return { status: 401 }
    if (path === '/latest/meta-data/spot/instance-action')
      return action === null ? { status: 404 } : { json: action }
    if (path === '/latest/meta-data/autoscaling/target-lifecycle-state') return { body: state }
    return { status: 404 }
  }

  const server = await listen(respond)
  return {
    ...server,
    spot(next) {
      action = next
    },
    lifecycle(next) {
      state = next
    },
  }
}
