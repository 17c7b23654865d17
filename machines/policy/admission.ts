/** A link is admitted only into a free slot, and a pooled link always yields first. */

import { decideEviction, type Contest } from './eviction.ts'

/** What a request for a slot is judged by: plain numbers, as of the moment it is made. @since 0.1.0 */
export interface AdmissionView {
  /** False: the peer's present state forbids it, whatever slots there are. */
  readonly legal: boolean
  /** False: the peer is in a slot already, or needs none. */
  readonly needsSlot: boolean
  /** Links held: dialing, Connected, pooled and closing. */
  readonly held: number
  /** Pooled links that may yield to this request. */
  readonly idle: number
  /** Of an inbound link: the inbound links held, and the most that there may be; left out: it is none. */
  readonly inbound?: { readonly held: number; readonly limit: number }
  /** Whether the peer's breaker lets this attempt through. */
  readonly isCircuitOpen: boolean
  /** How many requests wait for a slot, and how many may; 0: nothing waits, requests are refused. */
  readonly waiting: number
  readonly maxWaiting: number
  /** Why the app's own rule refuses the request; undefined: it does not. */
  readonly rejection?: string | undefined
  /** Who is weighed against whom, where a connected peer may have to yield; undefined: none has to. */
  readonly contest?: Contest | undefined
}

/** What is done with a request, with the numbers that say why. @since 0.1.0 */
export type Admission =
  | { readonly kind: 'forbid' }
  | { readonly kind: 'join' }
  | { readonly kind: 'admit' }
  /** The longest-idle of the links that may yield goes first, then the request is admitted. */
  | { readonly kind: 'evict' }
  /** The peer failed too often of late. */
  | { readonly kind: 'break' }
  /** A connected peer that is worth less goes first, then the request is admitted. */
  | { readonly kind: 'outrank'; readonly score: number; readonly lowest: number }
  /** The request waits in line for a slot. */
  | { readonly kind: 'wait' }
  /** So many wait already that no more may. */
  | { readonly kind: 'full'; readonly waiting: number; readonly maxWaiting: number }
  | ({ readonly kind: 'refuse'; readonly limit: number; readonly current: number } & RefusalReason)

/** What a refusal says beside the limit: nobody is worth less (`eviction-exhausted`), or what the app's own rule said. */
export interface RefusalReason {
  readonly reason?: string
  /** What the newcomer is worth. */
  readonly score?: number
  /** The least that any of those is worth who may have to yield; left out: nobody may. */
  readonly lowestScore?: number
}

/**
 * Decides whether a request gets a slot. A pooled link makes room only where that room is enough:
 * while a lowered limit is still exceeded nothing is admitted and nothing is evicted in vain.
 *
 * @since 0.1.0
 */
export function decideAdmission(view: AdmissionView, maxConnections: number): Admission {
  if (!view.legal) return { kind: 'forbid' }
  if (!view.needsSlot) return { kind: 'join' }
  if (view.isCircuitOpen) return { kind: 'break' }
  if (view.rejection !== undefined) return refuse(view, maxConnections, { reason: view.rejection })
  const { inbound } = view
  if (inbound !== undefined && inbound.held >= inbound.limit) {
    // Only an inbound link that yields makes room under their own ceiling, and only where that is room enough under both.
    const isEnough = inbound.held === inbound.limit && view.held <= maxConnections
    if (view.idle > 0 && isEnough) return { kind: 'evict' }
    if (view.contest !== undefined && isEnough) return contest(view.contest, inbound)
    return refuse(inbound, inbound.limit, { reason: 'inbound-limit' })
  }
  if (view.held < maxConnections) return { kind: 'admit' }
  if (view.idle > 0 && view.held === maxConnections) return { kind: 'evict' }
  if (view.contest !== undefined && view.held === maxConnections) {
    return contest(view.contest, { held: view.held, limit: maxConnections })
  }
  const { waiting, maxWaiting } = view
  if (maxWaiting === 0) return refuse(view, maxConnections)
  return waiting < maxWaiting ? { kind: 'wait' } : { kind: 'full', waiting, maxWaiting }
}

function contest(weighed: Contest, { held, limit }: { readonly held: number; readonly limit: number }): Admission {
  const { kind, score, lowest } = decideEviction(weighed)
  if (kind === 'evict') return { kind: 'outrank', score, lowest }
  return refuse({ held }, limit, { reason: 'eviction-exhausted', score, ...(lowest === undefined ? {} : { lowestScore: lowest }) })
}

function refuse({ held }: { readonly held: number }, limit: number, why: RefusalReason = {}): Admission {
  return { kind: 'refuse', limit, current: held, ...why }
}
