/** A set of address ranges (CIDR): whether an address is in one costs the same however many there are. */
import { bitsOf, prefixOf, type Cidr, type Ip } from './ip.ts'

/** A set of ranges: the first bits of each, by family and by how many bits there are. */
export type CidrSet = readonly CidrGroup[]

/** The ranges of one family and one length. */
interface CidrGroup {
  readonly family: Ip['family']
  readonly prefix: number
  readonly values: ReadonlySet<bigint>
}

/** Loopback: what never left this host. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Private and link-local ranges (RFC 1918, RFC 3927, RFC 4193, RFC 4291): where gateways and clusters live. */
export const PRIVATE: readonly string[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10']

/** Puts ranges together. There are at most 162 groups, whatever is put in. */
export function cidrSet(ranges: Iterable<Cidr>): CidrSet {
  const groups = new Map<string, { family: Ip['family']; prefix: number; values: Set<bigint> }>()
  for (const { ip, prefix } of ranges) {
    const key = `${ip.family}/${prefix}`
    const group = groups.get(key) ?? { family: ip.family, prefix, values: new Set() }
    group.values.add(prefixOf(ip, prefix))
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Whether an address is in one of the ranges. A range of one family holds no address of the other. */
export function hasIp(set: CidrSet, ip: Ip): boolean {
  return set.some(({ family, prefix, values }) => family === ip.family && prefix <= bitsOf(family) && values.has(prefixOf(ip, prefix)))
}
