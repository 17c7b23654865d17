/** The limits per host and subnet and the rates of arriving links bound what a stranger can do, before anything is spent on it. */
import { rangeText, type Ip } from '../domain/ip.ts'
import type { Access } from './access.ts'
import { takeToken, type Bucket, type BucketPolicy } from './token-bucket.ts'

/** Bounds on links that arrive. `Infinity` or undefined: no such bound. */
export interface ArrivalPolicy {
  /** The most live inbound links of one host: an IPv4 address, or an IPv6 /56, which is what one customer is given (RFC 6177). */
  readonly perHost: number
  /** The most live inbound links of one IPv6 /48. */
  readonly perSubnet: number
  /** How often one host may come. */
  readonly hostRate: BucketPolicy | undefined
  /** How often all hosts together may come. */
  readonly totalRate: BucketPolicy | undefined
}

/** A range of addresses that a limit counts by. */
export interface HostRange {
  /** `'192.0.2.1/32'`: the key it is counted by, and what a refusal says. */
  readonly range: string
  readonly kind: 'host' | 'subnet'
}

/** The ranges that links from an address count in: its host first. */
export function hostRanges(ip: Ip): readonly HostRange[] {
  if (ip.family === 4) return [{ range: rangeText(ip, 32), kind: 'host' }]
  return [
    { range: rangeText(ip, 56), kind: 'host' },
    { range: rangeText(ip, 48), kind: 'subnet' },
  ]
}

/** What an arriving link is judged by, as of the moment it arrives. */
export interface ArrivalView {
  readonly at: number
  readonly access: Access
  /** `exempt`: from a range that no limit or rate per host counts; `unknown`: its address is no IP. */
  readonly origin: 'host' | 'exempt' | 'unknown'
  /** Whether it never left this host, so that the rate of all does not count it. */
  readonly isLoopback: boolean
  /** The ranges it is in, with the live inbound links there. */
  readonly ranges: readonly (HostRange & { readonly live: number })[]
  readonly hostBucket: Bucket | undefined
  readonly totalBucket: Bucket | undefined
}

/** What is done with an arriving link, with the numbers that say why, and the buckets afterwards where they changed. */
export type Arrival = { readonly hostBucket?: Bucket; readonly totalBucket?: Bucket } & (
  | { readonly kind: 'pass' }
  | { readonly kind: 'refuse'; readonly reason: 'denied' }
  | { readonly kind: 'refuse'; readonly reason: 'host-rate' | 'total-rate'; readonly retryAfterMs: number }
  | {
      readonly kind: 'refuse'
      readonly reason: 'host-limit' | 'subnet-limit'
      readonly range: string
      readonly limit: number
      readonly current: number
    }
)

/** Decides on an arriving link. One host that floods us spends its own tokens only, never those that all hosts share. */
export function decideArrival(view: ArrivalView, policy: ArrivalPolicy): Arrival {
  if (view.access === 'denied') return { kind: 'refuse', reason: 'denied' }
  if (view.access === 'allowed' || view.origin === 'unknown') return { kind: 'pass' }
  const { hostRate, totalRate } = policy
  const host = view.origin !== 'host' || hostRate === undefined ? undefined : takeToken(view.hostBucket, view.at, hostRate)
  const spent = host === undefined ? {} : { hostBucket: host.bucket }
  if (host !== undefined && host.retryAfterMs > 0) {
    return { kind: 'refuse', reason: 'host-rate', retryAfterMs: host.retryAfterMs, ...spent }
  }
  const full = crowdedRange(view, policy)
  if (full !== undefined) return { kind: 'refuse', ...full, ...spent }
  if (view.isLoopback || totalRate === undefined) return { kind: 'pass', ...spent }
  const total = takeToken(view.totalBucket, view.at, totalRate)
  if (total.retryAfterMs > 0) return { kind: 'refuse', reason: 'total-rate', retryAfterMs: total.retryAfterMs, totalBucket: total.bucket }
  return { kind: 'pass', ...spent, totalBucket: total.bucket }
}

/** The first range that has as many live inbound links as it may; undefined: none has. */
export function crowdedRange(
  { access, origin, ranges }: Pick<ArrivalView, 'access' | 'origin' | 'ranges'>,
  { perHost, perSubnet }: ArrivalPolicy,
): { reason: 'host-limit' | 'subnet-limit'; range: string; limit: number; current: number } | undefined {
  if (access === 'allowed' || origin !== 'host') return undefined
  for (const { kind, range, live } of ranges) {
    const limit = kind === 'host' ? perHost : perSubnet
    if (live >= limit) return { reason: `${kind}-limit`, range, limit, current: live }
  }
  return undefined
}
