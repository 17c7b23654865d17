/** The access rules, allow and deny: a peer that is denied stays out, whatever else is said of it. */
import { cidrSet, hasIp, type CidrSet } from '../domain/cidr-set.ts'
import { parseCidr, parseIp, type Cidr, type Ip } from '../domain/ip.ts'
import type { PeerId } from '../domain/peer-id.ts'

/** Peers by name, and by where they are. */
export interface AccessList {
  readonly peers: ReadonlySet<PeerId>
  readonly addresses: CidrSet
}

/** Who is allowed, and who is denied. */
export interface AccessRules {
  readonly allow: AccessList
  readonly deny: AccessList
}

/** What the rules say of somebody: `allowed` passes the soft limits, and nothing else. */
export type Access = 'denied' | 'allowed' | 'neutral'

/** An entry that was meant as an address: taken for a peer id, it would silently match nobody. */
const LOOKS_LIKE_IP = /^(?:\d+(?:\.\d+)+|[\da-f:.]*:[\da-f.]*:[\da-f:.]*(?:%[^/]*)?)(?:\/.*)?$/i

/**
 * Reads entries: an IP address or a CIDR is an address, anything else a peer id.
 *
 * @returns the list, or the first entry that is neither: an address with a mistake in it
 */
export function readAccessList(entries: readonly string[]): AccessList | string {
  const peers = new Set<PeerId>()
  const ranges: Cidr[] = []
  for (const entry of entries) {
    const range = parseCidr(entry)
    if (range !== undefined) ranges.push(range)
    else if (entry === '' || LOOKS_LIKE_IP.test(entry)) return entry
    else peers.add(entry)
  }
  return { peers, addresses: cidrSet(ranges) }
}

/** Whether a list names anybody: where it does not, nobody need be looked up in it. */
export function namesAnybody({ peers, addresses }: AccessList): boolean {
  return peers.size > 0 || addresses.length > 0
}

/** What the rules say of a peer at an address. Deny wins. */
export function accessOf({ allow, deny }: AccessRules, peerId: PeerId | undefined, ip: Ip | undefined): Access {
  if (matches(deny, peerId, ip)) return 'denied'
  return matches(allow, peerId, ip) ? 'allowed' : 'neutral'
}

const LOOPBACK_IPS = [parseIp('127.0.0.1'), parseIp('::1')]

/** What the rules say of dialling a peer at an address: where it is the unspecified one (`0.0.0.0`, `::`), the system connects to this machine itself. */
export function dialAccessOf(rules: AccessRules, peerId: PeerId | undefined, ip: Ip | undefined): Access {
  const access = accessOf(rules, peerId, ip)
  if (ip?.value !== 0n || access === 'denied') return access
  return LOOPBACK_IPS.some((loopback) => accessOf(rules, peerId, loopback) === 'denied') ? 'denied' : access
}

function matches({ peers, addresses }: AccessList, peerId: PeerId | undefined, ip: Ip | undefined): boolean {
  return (peerId !== undefined && peers.has(peerId)) || (ip !== undefined && hasIp(addresses, ip))
}
