/** All that metrics are made of is plain data that can be logged and folded again. */
import type { Move } from '../../machines/domain/transition.ts'
import type { LatencyTotals } from './histogram.ts'

/** Traffic since the previous sample. @since 0.1.0 */
export interface TrafficSample {
  readonly kind: 'sample'
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number
  /** Messages sent and received since the previous sample. */
  readonly messages: number
  /** How many of them were received; the others were sent. @default 0, in a log of an earlier version */
  readonly messagesIn?: number
  /** Bytes received since the previous sample. */
  readonly bytesIn: number
  /** Bytes sent since the previous sample. */
  readonly bytesOut: number
  /** Bytes resident of the process at `at`. */
  readonly memoryUsage: number
  /** Whether that could not be read at `at`, and `memoryUsage` is what was read last. */
  readonly memoryUsageStale?: true
  /** The round trips measured since the previous sample; null: none. */
  readonly latency: LatencyTotals | null
}

/** An inbound link was accepted, or refused. @since 0.1.0 */
export interface InboundOutcome {
  readonly kind: 'inbound'
  readonly accepted: boolean
}

/** The limits have changed to these. @since 0.1.0 */
export interface LimitsChange {
  readonly kind: 'limits'
  /** `maxConnections`. */
  readonly limit: number
  /** The most links that may wait in the pool; `Infinity`: as many as fit. */
  readonly maxIdle: number
}

/** What the fold consumes. A move is known by having no `kind`. @since 0.1.0 */
export type FoldInput = Move | TrafficSample | InboundOutcome | LimitsChange
