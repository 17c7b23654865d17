/** The app's own admission rule sees and says plain data. */
import type { PeerId } from '../domain/peer-id.ts'
import type { Direction } from './duel.ts'

/** A request for a slot, as the app's own rule sees it. @since 0.1.0 */
export interface AdmissionRequest {
  readonly peerId: PeerId
  /** `inbound`: a link that has arrived. */
  readonly direction: Direction
  /** What the peer is worth. */
  readonly score: number
}

/** The slots, as the app's own rule sees them. @since 0.1.0 */
export interface SlotsView {
  readonly limit: number
  /** Links held: dialing, Connected, pooled and closing. */
  readonly held: number
  readonly pooled: number
  /** How many requests wait for a slot. */
  readonly waiting: number
  /** The least that any peer is worth who may have to yield; undefined: nobody may. */
  readonly lowestScore: number | undefined
}

/**
 * What the app's own rule says to a request. `admit`, `queue` and `evict` give it a free slot, or that of a pooled link;
 * where there is none, `admit` refuses it, `queue` has it wait (only a `connect` can), and `evict` has a connected peer
 * that is worth less yield. `reject` refuses it whatever slots there are.
 *
 * @since 0.1.0
 */
export type AdmissionDecision = 'admit' | 'queue' | 'evict' | 'reject' | { readonly kind: 'reject'; readonly reason: string }

/** The app's own rule on admission. It decides at once, and must not command the manager. @since 0.1.0 */
export type AdmissionRule = (request: AdmissionRequest, slots: SlotsView) => AdmissionDecision
