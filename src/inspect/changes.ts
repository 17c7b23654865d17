/** Changes that a reader missed are said once and compactly, however often they happened. */
import type { LinkSafety } from '../transports/link-safety.ts'

/** Stands in the place of a state, in the slot of a peer that was forgotten. @since 0.1.0 */
export const FORGOTTEN = 15

/**
 * What changed since a reader read last. Peers are named by a slot, a small number that is given anew when its peer is
 * forgotten. Of a peer that moved often the latest state is told, once. Plain JSON.
 *
 * @since 0.1.0
 */
export interface Changes {
  /** The `seq` of the latest move that is in it; 0: none yet. */
  readonly seq: number
  /** In milliseconds since the epoch. */
  readonly at: number
  /** True: all that the reader knew is void, peers, flows and log. */
  readonly reset: boolean
  /** How many peers are in each state, in the order of `PEER_STATES`: exact as of `seq`. */
  readonly counts: readonly number[]
  /** Slots that name another peer than before, of which nothing is known but what follows: slot, peer id. */
  readonly names: readonly (readonly [slot: number, peerId: string])[]
  /** Slots whose peer moved: `slot * 16 + state`, or `slot * 16 + FORGOTTEN`. */
  readonly moved: readonly number[]
  /** What else is new of a slot: address, failure code (null: none), round trip in ms (null: none), 1 for inbound and 0 for outbound, how safe its link is. */
  readonly facts: readonly SlotFacts[]
  /** Flows so far, of the transitions that had any since: outline, edge, transition, count. */
  readonly flows: readonly (readonly [outline: 'supervisor' | 'peer', edge: number, transition: number, count: number])[]
  /** The supervisor's state. */
  readonly supervisor: string
  /** The latest moves, the oldest first; at most 100. `skipped`: so many more happened. */
  readonly log: readonly LoggedMove[]
  readonly skipped: number
}

/** What is shown of a slot's peer beside its state. @since 0.1.0 */
export type SlotFacts = readonly [
  slot: number,
  address: string,
  failure: string | null,
  latency: number | null,
  inbound: 0 | 1,
  safety: LinkSafety,
]

/** A move, as a log shows it. @since 0.1.0 */
export interface LoggedMove {
  readonly seq: number
  readonly at: number
  readonly peerId: string
  /** States by their places in `PEER_STATES`; -1: unknown before, or forgotten. */
  readonly from: number
  readonly to: number
  readonly reason: string
  /** The code of its failure. */
  readonly failure?: string
}
