/** The port between a manager and the fleet that it is a node of: claims and permits one way, orders the other. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ConnectionError } from '../../errors.ts'
import type { EndReason, LinkFence } from '../../transports/transport.ts'

/** Why a fleet turns an arriving link away; `said` is a word more for the other side: the node that owns it. */
export interface FleetVerdict {
  readonly reason: 'owned-elsewhere' | 'fleet-limit' | 'fleet-away'
  readonly said?: string
}

/** What a fleet holds of one peer, as this node knows it. Plain data. @since 0.2.0 */
export interface FleetPeerExplanation {
  /** Whether this node owns it, is claiming it or giving it back, or who else was found to own it; `free`: nobody, as far as this node knows. */
  readonly owner: 'this node' | 'claiming' | 'releasing' | 'another node' | 'free'
  /** The node that owns it, by name. */
  readonly node?: string
  /** The fencing number of the claim. */
  readonly fence?: number
  /** When another node was found to own it, in milliseconds since the epoch. */
  readonly at?: number
}

/** How a node stands in its fleet. @since 0.2.0 */
export type FleetState =
  /** It is being registered, or waits because the store has lost its data. */
  | 'joining'
  /** Its lease runs. */
  | 'joined'
  /** The store does not answer; the lease runs still. */
  | 'store away'
  /** The lease is over: everything was closed. */
  | 'lost'
  /** The lease is over, and links are kept by `onStoreLost: 'keep'`: others may own the same peers. */
  | 'unfenced'
  /** It has left. */
  | 'left'

/** How a node stands in its fleet. Plain data. @since 0.2.0 */
export interface FleetExplanation {
  /** The fleet, by name. */
  readonly fleet: string
  /** This node, by name; `id` is another one each time that it registers. */
  readonly node: string
  readonly id: string | undefined
  readonly state: FleetState
  /** The engine of the store. */
  readonly store: string
  /** Until when the lease runs as this node counts, in milliseconds since the epoch; left out: there is none. */
  readonly leaseUntil?: number
  /** Why the store did not answer last; left out while it does. */
  readonly storeError?: string
  /** Links that this node may hold now, as blocks of the fleet's permits, and the limit of the whole fleet. */
  readonly permits: { readonly granted: number; readonly held: number; readonly limit: number; readonly isExhausted: boolean }
  /** Living nodes that this node knows of, itself included. */
  readonly nodes: number
  /** Peers that this node owns. */
  readonly owned: number
  /** Kept peers of nodes that are gone, which this node is about to take over. */
  readonly takingOver: number
  /** Peers that this node held and that another node has taken with a higher fence. */
  readonly handedOver: number
}

/** A living node of a fleet. @since 0.2.0 */
export interface FleetNode {
  /** Another one for each registration: a node that restarted is a new one. */
  readonly id: string
  readonly name: string
  /** When it registered, by its own clock, in milliseconds since the epoch. */
  readonly since: number
  /** Its epoch: a number that only grows, from one registration of any node to the next. */
  readonly epoch: number
}

/** Time, as a fleet counts it. */
export interface FleetClock {
  /** Milliseconds of the line of time: they leap where the process was suspended. */
  now(): number
  /** Milliseconds of the steady clock: they never leap. */
  steady(): number
  /** What is shown of a place on the line. */
  instant(at: number): number
  setTimeout(f: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
}

/** What a fleet asks of the manager that is its node. */
export interface FleetHost {
  readonly clock: FleetClock
  readonly random: () => number
  /** The most links of this node. */
  readonly limit: number
  /** The links that it holds now. */
  readonly held: number
  /** How many requests wait for a slot, and kept peers that had none. */
  readonly waiting: number
  /** Whether new work is taken. */
  readonly isAccepting: boolean
  /** Whether everything is being closed, or is. */
  readonly isClosing: boolean
  /** Whether a peer has a slot. */
  isHeld(peerId: PeerId): boolean
  /** Whether a peer is connected again whenever it is lost. */
  isKept(peerId: PeerId): boolean
  /** Who has a slot and is owned by the fleet: no peer without a proven id, and none of the app's own. */
  heldPeers(): Iterable<PeerId>
  /** So many links may be held from now on. */
  permit(count: number): void
  /** There are no more permits: who waits for one is refused. */
  noPermits(): void
  /** Ends what a peer has, at once. @param farewell what the other side is told */
  close(peerId: PeerId, error: ConnectionError, farewell: EndReason): void
  /** Ends everything that this manager holds, at once and without a word, before it returns. */
  closeAll(error: ConnectionError): void
  /** Has a peer kept. */
  keep(peerId: PeerId): void
  /** Has a peer kept no longer that was kept by {@link keep}. */
  letGo(peerId: PeerId): void
  /** Has a kept peer that pauses dialled now. */
  retry(peerId: PeerId): void
  /** What is published of its metrics: plain data. */
  metrics(): object
  /** Notes an error that nobody waits for. */
  report(error: unknown, peerId?: PeerId): void
}

/** What a manager asks of its fleet. Without one, it asks nothing. */
export interface FleetGate {
  /** Takes part from now on; a fleet has one manager. @throws TypeError where it has one already */
  join(host: FleetHost): void
  /** Claims a peer before it is dialled: at once where it is owned already. Rejects with a ConnectionError. */
  claim(peerId: PeerId): LinkFence | Promise<LinkFence>
  /** Whether a proven peer that arrives may come in, and has a permit: undefined where it may at once. The promise never rejects. */
  arriving(peerId: PeerId, isProven: boolean): undefined | Promise<FleetVerdict | undefined>
  /** The arrival of a peer is decided: what was claimed for it and is not used is given back. */
  arrived(peerId: PeerId): void
  /** A peer has come into a slot, or has lost it. */
  moved(peerId: PeerId, isHeld: boolean): void
  /** A request found no permit. */
  wanting(): void
  /** Whether more permits may still come. */
  readonly mayGrow: boolean
  /** Whether the lease runs, looked at now; where it does not, everything has been closed when this returns. */
  isCurrent(): boolean
  /** What is shown of a peer's claim to its other side; undefined: it has none. */
  fenceOf(peerId: PeerId): LinkFence | undefined
  explainPeer(peerId: PeerId): FleetPeerExplanation
  explainNode(): FleetExplanation
  /** The living nodes that this node knows of, the oldest first. */
  readonly living: readonly FleetNode[]
  /** Leaves: everything is closed, and ownership is given back. Resolves when that is done, or the store does not answer. */
  leave(): Promise<void>
}
