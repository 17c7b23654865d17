/** A variant of a run: how the manager and its transport are made, and the peers and waits that every run has. */

/** In order of their text, so that duels are won by either side. */
export const PEERS = ['scripted://a', 'scripted://b', 'scripted://x', 'scripted://y'] as const
export const LOCAL = 'scripted://m'
export const POOL_MS = 1_000
export const CLOSE_MS = 300
export const CONNECT_MS = 700
export const DURATIONS = [POOL_MS, CLOSE_MS, CONNECT_MS]

export interface Variant {
  readonly maxConnections: number
  readonly poolTimeoutMs: number
  /** What aborted dials of the transport do. */
  readonly onAbort: 'reject' | 'ignore'
  readonly tellLocalEnd: 'sync' | 'microtask'
  /** Whether the supervisor is invoked by a machine of the app's, with the manager as a face on it. */
  readonly embedded: boolean
  /** Whether links can measure round trips, which nobody answers. @default false */
  readonly ping?: boolean
}
