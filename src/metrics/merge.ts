/** The metrics of two shards merge to the metrics of both. */
import { hitRatio, utilization } from './fold.ts'
import type { NetworkMetrics } from './network-metrics.ts'
import { addTotals, NO_TRAFFIC } from './traffic-totals.ts'
import { summarizeLatencies } from './traffic-window.ts'

/**
 * Merges the metrics of managers that each hold peers of their own, at one instant or near it; also what came by JSON.
 *
 * Gauges, counters, limits and rates add up; so does `memoryUsage`, since shards are processes (managers of one process
 * would count it twice), and it is stale where one of them is. Latency merges exactly, by its buckets; the ratios are made anew from what they are ratios of;
 * `at` is the latest. Associative and commutative, so that any tree of collectors gives the same.
 *
 * @throws RangeError when there is nothing to merge
 * @since 0.1.0
 * @example
 * const ofAll = mergeMetrics(manager.metrics, otherManager.metrics)
 */
export function mergeMetrics(...metrics: readonly NetworkMetrics[]): NetworkMetrics {
  if (metrics.length === 0) throw new RangeError('mergeMetrics needs the metrics of at least one manager, got none')
  const sum = (value: (m: NetworkMetrics) => number): number => {
    let total = 0
    for (const m of metrics) total += value(m)
    return total
  }
  // avgLatency is given for what `latency` counts, so their product is the sum of those round trips again.
  const trips = summarizeLatencies(
    metrics.flatMap(({ latency, avgLatency }) => (latency && avgLatency !== null ? [{ ...latency, sum: avgLatency * latency.count }] : [])),
  )
  const size = sum((m) => m.pool.size)
  const capacity = sum(capacityOf)
  const hits = sum((m) => m.pool.hits)
  const misses = sum((m) => m.pool.misses)
  return {
    at: metrics.reduce((latest, m) => Math.max(latest, m.at), -Infinity),
    messagesPerSecond: sum((m) => m.messagesPerSecond),
    connections: sum((m) => m.connections),
    avgLatency: trips && trips.sum / trips.count,
    memoryUsage: sum((m) => m.memoryUsage),
    ...(metrics.some((m) => m.memoryUsageStale === true) ? ({ memoryUsageStale: true } as const) : undefined),
    byStatus: {
      Connecting: sum((m) => m.byStatus.Connecting),
      Connected: sum((m) => m.byStatus.Connected),
      Disconnected: sum((m) => m.byStatus.Disconnected),
      Failed: sum((m) => m.byStatus.Failed),
    },
    dialing: sum((m) => m.dialing),
    pooled: sum((m) => m.pooled),
    closing: sum((m) => m.closing),
    limit: sum(limitOf),
    bytesPerSecond: { in: sum((m) => m.bytesPerSecond.in), out: sum((m) => m.bytesPerSecond.out) },
    latency: trips && trips.summary,
    dials: {
      started: sum((m) => m.dials.started),
      succeeded: sum((m) => m.dials.succeeded),
      failed: sum((m) => m.dials.failed),
    },
    inbound: { accepted: sum((m) => m.inbound.accepted), rejected: sum((m) => m.inbound.rejected) },
    pool: {
      size,
      capacity,
      hits,
      misses,
      expired: sum((m) => m.pool.expired),
      evicted: sum((m) => m.pool.evicted),
      utilization: utilization(size, capacity),
      hitRatio: hitRatio(hits, misses),
    },
    // What an earlier version tells has none.
    totals: metrics.reduce((all, { totals = NO_TRAFFIC }: Partial<NetworkMetrics>) => addTotals(all, totals), NO_TRAFFIC),
  }
}

/** JSON writes an infinite limit as null. */
function limitOf({ limit }: NetworkMetrics): number {
  return limit ?? Infinity
}

/** Likewise; and where a pool does not tell its capacity, its utilization or else its limit does. */
function capacityOf(metrics: NetworkMetrics): number {
  const { capacity, size, utilization: share } = metrics.pool as { capacity?: number | null; size: number; utilization: number }
  return capacity ?? (size > 0 ? size / share : limitOf(metrics))
}
