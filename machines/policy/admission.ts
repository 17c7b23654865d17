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
}

/** What is done with a request, with the numbers that say why. */
export type Admission =
  | { readonly kind: 'forbid' }
  | { readonly kind: 'join' }
  | { readonly kind: 'admit' }
  /** The longest-idle of the links that may yield goes first, then the request is admitted. */
  | { readonly kind: 'evict' }
  | { readonly kind: 'refuse'; readonly limit: number; readonly current: number }

/**
 * Decides whether a request gets a slot. A pooled link makes room only where that room is enough:
 * while a lowered limit is still exceeded nothing is admitted and nothing is evicted in vain.
 */
export function decideAdmission(view: AdmissionView, maxConnections: number): Admission {
  if (!view.legal) return { kind: 'forbid' }
  if (!view.needsSlot) return { kind: 'join' }
  if (view.held < maxConnections) return { kind: 'admit' }
  if (view.idle > 0 && view.held === maxConnections) return { kind: 'evict' }
  return { kind: 'refuse', limit: maxConnections, current: view.held }
}
