/** What a test shows has every part of it filled. */
import type { Transition } from '../../machines/domain/transition.ts'
import type { Glance } from '../../src/cli/live-table.ts'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'

export const AT = new Date(2025, 0, 17, 14, 3, 7).getTime()

export const METRICS: NetworkMetrics = {
  at: AT,
  messagesPerSecond: 173.4,
  connections: 9,
  avgLatency: 0.42,
  memoryUsage: 75_392_614,
  byStatus: { Connecting: 1, Connected: 9, Disconnected: 7, Failed: 2 },
  dialing: 1,
  pooled: 4,
  closing: 1,
  limit: 16,
  bytesPerSecond: { in: 24_166, out: 812 },
  latency: { p50: 0.4, p95: 1.1, p99: 12.34, max: 141, count: 3, buckets: [] },
  dials: { started: 29, succeeded: 24, failed: 4 },
  inbound: { accepted: 24, rejected: 2 },
  pool: { size: 4, capacity: 16, hits: 16, misses: 29, expired: 1, evicted: 9, utilization: 0.25, hitRatio: 16 / 45 },
  totals: { messages: { in: 120, out: 80 }, bytes: { in: 40_960, out: 9_000 } },
}

export const POOLED: Transition = {
  seq: 1,
  at: AT,
  peerId: 'amber-1',
  from: 'Connected',
  to: 'Disconnected',
  fromState: 'Connected',
  toState: 'Disconnected.pooled',
  reason: 'disconnect',
}

export const FAILED: Transition = {
  seq: 2,
  at: AT,
  peerId: 'birch-3',
  from: 'Connecting',
  to: 'Failed',
  fromState: 'Connecting.dialing',
  toState: 'Failed',
  reason: 'dial-failed',
  failure: {
    code: 'ERR_DIAL_FAILED',
    message: "could not connect to 'birch-3' at tcp://127.0.0.1:4711: connect ECONNREFUSED 127.0.0.1:4711; is it running and reachable?",
    at: AT,
    attempts: 1,
  },
}

export const GLANCE: Glance = {
  title: 'a title',
  aside: '00:08',
  metrics: METRICS,
  most: 16,
  refused: 5,
  facts: [['Processes', ['6 of 6 running', '1 killed']]],
  peers: [],
  failures: [{ transition: FAILED, name: 'birch-3' }],
  recent: [FAILED, POOLED].map((transition) => ({ transition, name: transition.peerId })),
}
