/** A warm-up opens links only in spare slots: no link yields to it, and no caller waits for it. */

/** What a peer that is to be opened in advance is judged by, as of the moment it is its turn. */
export interface WarmUpView {
  /** Whether it has a link already, or is being dialled or closed. */
  readonly isHeld: boolean
  /** Whether its breaker refuses an attempt. */
  readonly isCircuitOpen: boolean
  /** Links held: dialing, Connected, pooled and closing. */
  readonly held: number
  /** Links in the pool, and links that are being opened for it. */
  readonly idle: number
  readonly opening: number
}

/** The limits that a warm-up keeps within. */
export interface WarmUpLimits {
  readonly maxConnections: number
  readonly maxIdle: number
  readonly poolTimeoutMs: number
}

/** Why a peer is not opened in advance. @since 0.1.0 */
export type WarmUpSkip =
  /** It has a link, is being dialled or closed, or the app says that it is live. */
  | 'held'
  /** Nothing is pooled: `poolTimeoutMs` or `maxIdle` is 0. */
  | 'no-pool'
  /** It failed too often of late. */
  | 'circuit-open'
  /** Every slot is taken. */
  | 'no-slot'
  /** As many links wait in the pool as may. */
  | 'pool-full'

/** Whether a peer is opened; where not, why, and by which numbers. */
export type WarmUp =
  | { readonly kind: 'open' }
  | { readonly kind: 'skip'; readonly reason: WarmUpSkip; readonly current: number; readonly limit: number }

/** Decides whether a peer is opened in advance. */
export function decideWarmUp(view: WarmUpView, { maxConnections, maxIdle, poolTimeoutMs }: WarmUpLimits): WarmUp {
  const { isHeld, isCircuitOpen, held, idle, opening } = view
  if (poolTimeoutMs === 0 || maxIdle === 0) return skip('no-pool', idle, 0)
  if (isHeld) return skip('held', held, maxConnections)
  if (isCircuitOpen) return skip('circuit-open', held, maxConnections)
  if (held >= maxConnections) return skip('no-slot', held, maxConnections)
  if (idle + opening >= maxIdle) return skip('pool-full', idle + opening, maxIdle)
  return { kind: 'open' }
}

function skip(reason: WarmUpSkip, current: number, limit: number): WarmUp {
  return { kind: 'skip', reason, current, limit }
}
