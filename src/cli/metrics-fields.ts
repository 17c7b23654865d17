/** The metrics are told in fields, each with its unit or its noun, so that none needs a legend. */
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { PeerView } from '../runtime/actors/peer-view.ts'
import { bytes, milliseconds, rate, share } from './quantities.ts'

/** What moves. */
export function trafficOf({ messagesPerSecond, bytesPerSecond }: NetworkMetrics): readonly string[] {
  return [`${rate(messagesPerSecond)} messages/s`, `in ${bytes(bytesPerSecond.in)}/s`, `out ${bytes(bytesPerSecond.out)}/s`]
}

/** How long round trips take. */
export function latencyOf({ avgLatency, latency }: NetworkMetrics): readonly string[] {
  if (latency === null) return ['none measured yet']
  return [
    `avg ${milliseconds(avgLatency)}`,
    `p95 ${milliseconds(latency.p95)}`,
    `p99 ${milliseconds(latency.p99)}`,
    `max ${milliseconds(latency.max)}`,
  ]
}

/** How well the pool serves. */
export function poolOf({ pool }: NetworkMetrics): readonly string[] {
  const { size, hits, misses, expired, evicted, hitRatio } = pool
  return [`${size} idle`, `${hits} hits`, `${misses} misses`, `${share(hitRatio)} reused`, `${expired} expired`, `${evicted} evicted`]
}

/** What became of the connects that had to dial, and of those that could not. */
export function dialsOf({ dials }: NetworkMetrics, refused: number): readonly string[] {
  const { started, succeeded, failed } = dials
  return [`${started} started`, `${succeeded} succeeded`, `${failed} failed`, `${refused} refused at the limit`]
}

/** What became of the links that others opened to us. */
export function inboundOf({ inbound }: NetworkMetrics): readonly string[] {
  return [`${inbound.accepted} accepted`, `${inbound.rejected} rejected`]
}

/** How the peers that are Connected are reached: the schemes of their addresses, in alphabetical order. */
export function transportsOf(peers: Iterable<Pick<PeerView, 'status' | 'remoteAddress'>>): readonly string[] {
  const counts = new Map<string, number>()
  for (const { status, remoteAddress = '' } of peers) {
    const [, scheme] = /^([\w+.-]+):/.exec(remoteAddress) ?? []
    if (status === 'Connected' && scheme !== undefined) counts.set(scheme, (counts.get(scheme) ?? 0) + 1)
  }
  if (counts.size === 0) return ['none in use']
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([scheme, count]) => `${count} over ${scheme}`)
}
