/** Metrics are a pure fold of what happened, so that a log of it gives them again, cut anywhere. */
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import type { FoldInput } from './fold-input.ts'
import type { NetworkMetrics, TrafficTotals } from './network-metrics.ts'
import { countHappening, happeningOf, NO_EVENTS, type EventCounts, type CountedMove } from './event-counts.ts'
import { addTotals, countSample, NO_TRAFFIC } from './traffic-totals.ts'
import { emptyWindow, slideWindow, type TrafficWindow } from './traffic-window.ts'

/** The window that rates and latency are of, where none is given, in milliseconds. */
const DEFAULT_WINDOW_MS = 10_000

/** What is said of `memoryUsage` where it is not as of the last sample. */
const STALE_MEMORY = { memoryUsageStale: true } as const

/** Peers by state. */
interface PeerGauges {
  readonly connecting: number
  readonly connected: number
  readonly disconnected: number
  readonly failed: number
  readonly pooled: number
  readonly closing: number
}

/**
 * Where a fold stands: plain immutable data that survives JSON (but for limits that are infinite). A move copies the few
 * numbers that it changes, whatever the number of peers. Read it with {@link readMetrics}; its fields may change.
 *
 * @since 0.1.0
 */
export interface MetricsState {
  readonly at: number
  readonly peers: PeerGauges
  readonly events: EventCounts
  readonly limit: number
  readonly capacity: number
  readonly traffic: TrafficWindow
  readonly totals: TrafficTotals
}

/** Where a fold begins. @since 0.1.0 */
export interface FoldStart {
  /** When, in milliseconds since the epoch: rates are over the time since, until a whole window has passed. */
  readonly at: number
  /** `maxConnections`. @default Infinity: not known */
  readonly limit?: number
  /** The most links that may wait in the pool. @default Infinity: as many as fit under `limit` */
  readonly maxIdle?: number
  /** What rates and latency are of: the samples of the last so many milliseconds, at least 1. @default 10_000 */
  readonly windowMs?: number
}

/**
 * The state before anything has happened: no peer, nothing counted.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 */
export function initialMetrics({ at, limit = Infinity, maxIdle = Infinity, windowMs = DEFAULT_WINDOW_MS }: FoldStart): MetricsState {
  assertDuration('at', at, 0)
  if (limit !== Infinity) assertInteger('limit', limit, 1)
  if (maxIdle !== Infinity) assertInteger('maxIdle', maxIdle, 0)
  assertDuration('windowMs', windowMs, 1)
  return {
    at,
    peers: { connecting: 0, connected: 0, disconnected: 0, failed: 0, pooled: 0, closing: 0 },
    events: NO_EVENTS,
    limit,
    capacity: Math.min(maxIdle, limit),
    traffic: emptyWindow(at, windowMs),
    totals: NO_TRAFFIC,
  }
}

/** The same state, begun at another time: for a stream that learns the time from its first input. */
export function beginAt(state: MetricsState, at: number): MetricsState {
  return { ...state, at, traffic: { ...state.traffic, since: at } }
}

/** The state after one more thing has happened. Pure; O(1) for a move, O(samples in the window) for a sample. @since 0.1.0 */
export function reduceMetrics(state: MetricsState, input: FoldInput): MetricsState {
  if (!('kind' in input)) return reduceMoves(state, input, 1, input.at)
  const { at, peers, events, limit, capacity, traffic, totals } = state
  switch (input.kind) {
    case 'sample':
      return {
        at: input.at > at ? input.at : at,
        peers,
        events,
        limit,
        capacity,
        traffic: slideWindow(traffic, input),
        totals: countSample(totals, input),
      }
    case 'inbound': {
      const what = input.accepted ? 'inboundAccepted' : 'inboundRejected'
      return { at, peers, events: countHappening(events, what), limit, capacity, traffic, totals }
    }
    case 'limits':
      return { at, peers, events, limit: input.limit, capacity: Math.min(input.maxIdle, input.limit), traffic, totals }
  }
}

/** The state after a move has happened `times` over, the last of them at `last`: all that differs between them is when. */
export function reduceMoves(state: MetricsState, move: CountedMove, times: number, last: number): MetricsState {
  const { at, peers, events, limit, capacity, traffic, totals } = state
  const what = happeningOf(move)
  return {
    at: last > at ? last : at,
    peers: movePeers(peers, move, times),
    events: what === null ? events : countHappening(events, what, times),
    limit,
    capacity,
    traffic,
    totals,
  }
}

/**
 * What the state amounts to: gauges and counters as of now, rates, latency and memory as of the last sample. O(1).
 *
 * @param at when it is read, in milliseconds since the epoch; @default when the last thing happened
 * @param since what was counted since the last sample; @default nothing that is known
 * @since 0.1.0
 */
export function readMetrics(state: MetricsState, at: number = state.at, since: TrafficTotals = NO_TRAFFIC): NetworkMetrics {
  return readParts(state, partsOf(state), at, since)
}

/** The parts of the metrics that a state alone decides: while it is the same, one reading after the other shares them. */
export type MetricsParts = Pick<NetworkMetrics, 'byStatus' | 'bytesPerSecond' | 'dials' | 'inbound' | 'pool'>

/** The parts of the metrics that this state decides. */
export function partsOf({ peers, events, capacity, traffic }: MetricsState): MetricsParts {
  const { poolHits: hits, poolMisses: misses } = events
  return {
    byStatus: {
      Connecting: peers.connecting,
      Connected: peers.connected,
      Disconnected: peers.disconnected,
      Failed: peers.failed,
    },
    bytesPerSecond: { in: traffic.bytesInPerSecond, out: traffic.bytesOutPerSecond },
    dials: { started: events.dialsStarted, succeeded: events.dialsSucceeded, failed: events.dialsFailed },
    inbound: { accepted: events.inboundAccepted, rejected: events.inboundRejected },
    pool: {
      size: peers.pooled,
      capacity,
      hits,
      misses,
      expired: events.poolExpired,
      evicted: events.poolEvicted,
      utilization: utilization(peers.pooled, capacity),
      hitRatio: hitRatio(hits, misses),
    },
  }
}

/** The metrics of a state, with its parts. */
export function readParts(
  { peers, limit, traffic, totals }: MetricsState,
  parts: MetricsParts,
  at: number,
  since: TrafficTotals,
): NetworkMetrics {
  // No spread within: V8 forgets the shapes between at a collection, and makes the object five times as slowly ever after.
  const metrics = {
    at,
    messagesPerSecond: traffic.messagesPerSecond,
    connections: peers.connected,
    avgLatency: traffic.avgLatency,
    memoryUsage: traffic.memoryUsage,
    byStatus: parts.byStatus,
    dialing: peers.connecting,
    pooled: peers.pooled,
    closing: peers.closing,
    limit,
    bytesPerSecond: parts.bytesPerSecond,
    latency: traffic.latency,
    dials: parts.dials,
    inbound: parts.inbound,
    pool: parts.pool,
    totals: since === NO_TRAFFIC ? totals : addTotals(totals, since),
  }
  return traffic.isMemoryStale ? { ...metrics, ...STALE_MEMORY } : metrics
}

/** How full a pool is, 0 to 1: a pool that was just made smaller is full, not more than full. */
export function utilization(size: number, capacity: number): number {
  return size <= 0 ? 0 : size / Math.max(size, capacity)
}

/** The share of connects that needed no dial; null: there were none. */
export function hitRatio(hits: number, misses: number): number | null {
  return hits + misses === 0 ? null : hits / (hits + misses)
}

function movePeers(peers: PeerGauges, { from, to, fromState, toState }: CountedMove, times: number): PeerGauges {
  if (fromState === toState) return peers
  return {
    connecting: peers.connecting + (to === 'Connecting' ? times : 0) - (from === 'Connecting' ? times : 0),
    connected: peers.connected + (to === 'Connected' ? times : 0) - (from === 'Connected' ? times : 0),
    disconnected: peers.disconnected + (to === 'Disconnected' ? times : 0) - (from === 'Disconnected' ? times : 0),
    failed: peers.failed + (to === 'Failed' ? times : 0) - (from === 'Failed' ? times : 0),
    pooled: peers.pooled + (toState === 'Disconnected.pooled' ? times : 0) - (fromState === 'Disconnected.pooled' ? times : 0),
    closing: peers.closing + (toState === 'Disconnected.closing' ? times : 0) - (fromState === 'Disconnected.closing' ? times : 0),
  }
}
