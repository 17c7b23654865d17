/** Each chart of the metrics says what its lines are, how they are written, and why one would look. */
import type { NetworkMetrics } from '../../../metrics/network-metrics.ts'
import { bytes, duration, short } from '../state/numbers.ts'

/** One line of a chart. */
interface Line {
  readonly name: string
  /** The custom property with its colour. */
  readonly colour: string
  readonly dash?: readonly number[]
  readonly of: (metrics: NetworkMetrics) => number | null
}

/** One chart. */
export interface Plot {
  readonly id: string
  readonly title: string
  readonly lines: readonly Line[]
  readonly write: (value: number) => string
}

/** The charts, the most asked for first. */
export const PLOTS: readonly Plot[] = [
  {
    id: 'status',
    title: 'Peers by status',
    write: short,
    lines: [
      { name: 'Connected', colour: 'connected', of: ({ byStatus }) => byStatus.Connected },
      { name: 'Connecting', colour: 'connecting', dash: [6, 3], of: ({ byStatus }) => byStatus.Connecting },
      { name: 'Disconnected', colour: 'disconnected', dash: [2, 3], of: ({ byStatus }) => byStatus.Disconnected },
      { name: 'Failed', colour: 'failed', dash: [9, 3, 2, 3], of: ({ byStatus }) => byStatus.Failed },
    ],
  },
  {
    id: 'rate',
    title: 'Messages a second',
    write: short,
    lines: [{ name: 'sent and received', colour: 'accent', of: ({ messagesPerSecond }) => messagesPerSecond }],
  },
  {
    id: 'latency',
    title: 'Round trip',
    write: (value) => duration(value),
    lines: [
      { name: 'p50', colour: 'accent', of: ({ latency }) => latency?.p50 ?? null },
      { name: 'p95', colour: 'second', dash: [6, 3], of: ({ latency }) => latency?.p95 ?? null },
      { name: 'p99', colour: 'third', dash: [2, 3], of: ({ latency }) => latency?.p99 ?? null },
    ],
  },
  {
    id: 'pool',
    title: 'Pool',
    write: short,
    lines: [
      { name: 'waiting', colour: 'accent', of: ({ pool }) => pool.size },
      { name: 'room', colour: 'faint', dash: [2, 3], of: ({ pool }) => pool.capacity },
    ],
  },
  {
    id: 'memory',
    title: 'Memory',
    write: bytes,
    lines: [{ name: 'resident', colour: 'accent', of: ({ memoryUsage }) => memoryUsage }],
  },
]
