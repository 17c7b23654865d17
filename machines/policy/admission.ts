/** Keeps one thing true: a link is admitted only into a free slot, and a pooled link always yields first. */

/** What a request for a slot is judged by: plain numbers, as of the moment it is made. */
export interface AdmissionView {
  /** False: the peer's present state forbids it, whatever slots there are. */
  readonly legal: boolean
  /** False: the peer is in a slot already, or needs none. */
  readonly needsSlot: boolean
  /** Links held: dialing, Connected, pooled and closing. */
  readonly held: number
  /** Pooled links that may yield to this request. */
  readonly idle: number
  /** Whether the peer's breaker lets this attempt through. */
  readonly isCircuitOpen: boolean
  /** How many requests wait for a slot, and how many may; 0: nothing waits, requests are refused. */
  readonly waiting: number
  readonly maxWaiting: number
}

/** What is done with a request, with the numbers that say why. */
export type Admission =
  | { readonly kind: 'forbid' }
  | { readonly kind: 'join' }
  | { readonly kind: 'admit' }
  /** The longest-idle of the links that may yield goes first, then the request is admitted. */
  | { readonly kind: 'evict' }
  /** The peer failed too often of late. */
  | { readonly kind: 'break' }
  /** The request waits in line for a slot. */
  | { readonly kind: 'wait' }
  /** So many wait already that no more may. */
  | { readonly kind: 'full'; readonly waiting: number; readonly maxWaiting: number }
  | { readonly kind: 'refuse'; readonly limit: number; readonly current: number }

/**
 * Decides whether a request gets a slot. A pooled link makes room only where that room is enough:
 * while a lowered limit is still exceeded nothing is admitted and nothing is evicted in vain.
 */
export function decideAdmission(view: AdmissionView, maxConnections: number): Admission {
  if (!view.legal) return { kind: 'forbid' }
  if (!view.needsSlot) return { kind: 'join' }
  if (view.isCircuitOpen) return { kind: 'break' }
  if (view.held < maxConnections) return { kind: 'admit' }
  if (view.idle > 0 && view.held === maxConnections) return { kind: 'evict' }
  const { waiting, maxWaiting } = view
  if (maxWaiting === 0) return { kind: 'refuse', limit: maxConnections, current: view.held }
  return waiting < maxWaiting ? { kind: 'wait' } : { kind: 'full', waiting, maxWaiting }
}
