/**
 * The guard: which addresses a stranger's source may make this machine visit.
 *
 * A name is resolved here, once for each connection, and the connection goes to the very addresses
 * that were looked at: a name that changes its mind in between (DNS rebinding) gains nothing.
 *
 * Source: IANA's registries of special-purpose IPv4 and IPv6 addresses.
 */
import { lookup as lookUp } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { SourceError } from '../../shared/problem.ts'

export interface Address {
  readonly address: string
  /** 4 or 6 */
  readonly family: number
}

/** Where the fence stands. */
export interface Fence {
  /** Every address may be visited, this machine's own and its files among them. */
  readonly allowPrivate: boolean
  /** These may be visited although they are private: `localhost:8080`, `data.internal`. */
  readonly allowHosts?: readonly string[]
  /** Stands in for DNS. */
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>
}

/** Networks that are not the public internet. Clouds answer with credentials at 169.254.169.254. */
const PRIVATE: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

/** IPv6 prefixes with an IPv4 address inside: at which byte it stands. */
const CARRIERS: readonly [prefix: string, at: number][] = [
  ['00000000000000000000ffff', 12],
  ['000000000000000000000000', 12],
  ['0064ff9b0000000000000000', 12],
  ['2002', 2],
]

const BLOCKED = new BlockList()
for (const [network, prefix] of PRIVATE) BLOCKED.addSubnet(network, prefix, family(network))

/** Whether an IP address lies outside the public internet. What is no IP address counts as private. */
export function isPrivate(address: string): boolean {
  const bare = address.split('%')[0] ?? ''
  if (isIP(bare) === 0) return true
  if (BLOCKED.check(bare, family(bare))) return true

  const inside = isIP(bare) === 6 ? carried(bare) : undefined
  return inside !== undefined && BLOCKED.check(inside, 'ipv4')
}

/**
 * Resolve the host of a URL.
 *
 * @returns at least one address; all of them may be visited
 * @throws {SourceError} `download-forbidden-address` when one of them may not
 */
export async function visitable(url: URL, fence: Fence): Promise<readonly Address[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await resolve(hostname, fence)
  const isAllowed =
    fence.allowPrivate || [url.host, url.hostname].some((host) => fence.allowHosts?.includes(host))
  const forbidden = isAllowed ? undefined : addresses.find(({ address }) => isPrivate(address))
  if (forbidden === undefined) return addresses

  const where = forbidden.address === hostname ? hostname : `${hostname} (${forbidden.address})`
  throw new SourceError('download-forbidden-address', `${where} is not on the public internet`)
}

/** A `lookup` for node:net that knows only these addresses. */
export function pinnedTo(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) return callback(null, [...addresses])
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family ?? 4)
  }
}

async function resolve(hostname: string, fence: Fence): Promise<readonly Address[]> {
  if (isIP(hostname) !== 0) return [{ address: hostname, family: isIP(hostname) }]
  try {
    const addresses = await (fence.resolve?.(hostname) ?? lookUp(hostname, { all: true }))
    if (addresses.length > 0) return addresses
  } catch (error) {
    throw new SourceError('download-failed', `the host ${hostname} cannot be found`, { cause: error })
  }
  throw new SourceError('download-failed', `the host ${hostname} has no address`)
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** The IPv4 address that an IPv6 address stands for, where it does. */
function carried(address: string): string | undefined {
  const hex = hexOf(address)
  const carrier = CARRIERS.find(([prefix]) => hex.startsWith(prefix))
  if (carrier === undefined) return undefined
  const [, at] = carrier
  return [0, 1, 2, 3]
    .map((byte) => Number.parseInt(hex.slice((at + byte) * 2, (at + byte) * 2 + 2), 16))
    .join('.')
}

/** All 16 bytes of an IPv6 address, in hex. The URL parser is asked to write it in its canonical form. */
function hexOf(address: string): string {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join('')
}
