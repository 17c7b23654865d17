/** The metrics of a manager are plain data, whose every gauge is a count of its peers. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'

/** What a manager measures. Plain data: it can be logged, sent, and merged with {@link mergeMetrics}. @since 0.1.0 */
export interface NetworkMetrics {
  /** When, in milliseconds since the epoch. */
  readonly at: number
  /** Messages sent and received per second, over the samples of the last `windowMs`. */
  readonly messagesPerSecond: number
  /** Peers that are Connected. */
  readonly connections: number
  /** Mean of the round trips measured in the window, in milliseconds; null: none. */
  readonly avgLatency: number | null
  /** Bytes resident of this process (the JS heap in a browser); 0 where not to be had. */
  readonly memoryUsage: number
  /** Whether `memoryUsage` is an earlier one: it could not be read when the last sample was taken, for want of file descriptors say. */
  readonly memoryUsageStale?: true
  /** Peers by their status. */
  readonly byStatus: Readonly<Record<ConnectionStatus, number>>
  /** Peers that are Connecting, each in a slot. */
  readonly dialing: number
  /** Links that wait in the pool. */
  readonly pooled: number
  /** Links that are being closed. */
  readonly closing: number
  /** `maxConnections`. */
  readonly limit: number
  readonly bytesPerSecond: { readonly in: number; readonly out: number }
  /** Percentiles of the round trips in the window, in milliseconds; null: none. */
  readonly latency: LatencySummary | null
  /** One a connect that had to dial, however many addresses it tried. */
  readonly dials: { readonly started: number; readonly succeeded: number; readonly failed: number }
  /** Links that others opened to us. */
  readonly inbound: { readonly accepted: number; readonly rejected: number }
  readonly pool: PoolMetrics
  /** All traffic since the start. Messages of links that the app itself owns count as sent. */
  readonly totals: TrafficTotals
}

/** Traffic since the start: counters that only grow. @since 0.2.0 */
export interface TrafficTotals {
  readonly messages: { readonly in: number; readonly out: number }
  readonly bytes: { readonly in: number; readonly out: number }
}

/** The round trips of one window. @since 0.1.0 */
export interface LatencySummary {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  /** How many were measured. */
  readonly count: number
  /** The log-linear buckets that are not empty, as `[index, count]`: what makes two summaries merge exactly. */
  readonly buckets: readonly (readonly [index: number, count: number])[]
}

/** How well the pool serves. @since 0.1.0 */
export interface PoolMetrics {
  /** Links that wait now. */
  readonly size: number
  /** The most that may wait: `min(maxIdle, limit)`. */
  readonly capacity: number
  /** Connects served by a pooled link. */
  readonly hits: number
  /** Connects that had to dial. */
  readonly misses: number
  /** Pooled links closed because nobody reused them in time. */
  readonly expired: number
  /** Pooled links that yielded to something else. */
  readonly evicted: number
  /** `size / capacity`, 0 to 1. */
  readonly utilization: number
  /** `hits / (hits + misses)`; null before the first. */
  readonly hitRatio: number | null
}
