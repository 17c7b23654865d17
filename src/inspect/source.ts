/** A source, a manager that runs or a recorded run, looks the same to all that watch it. */
import type { Observable } from 'rxjs'
import type { Failure } from '../../machines/domain/failure.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { Move } from '../../machines/domain/transition.ts'
import type { SupervisorContext, SupervisorEvent } from '../../machines/supervisor-machine.ts'
import type { Direction } from '../../machines/policy/duel.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { FleetExplanation, FleetNode } from '../runtime/options/fleet-gate.ts'
import type { LinkSecurity } from '../transports/transport.ts'

/** What is shown of each peer. @since 0.1.0 */
export interface PeerFacts {
  readonly peerId: PeerId
  readonly state: PeerState | undefined
  readonly direction: Direction
  /** Empty: there was no link yet. */
  readonly remoteAddress: string
  /** The last measured round trip, in milliseconds; null: none. */
  readonly latency: number | null
  readonly failure: Failure | undefined
  /** How its present link is secured; left out where it is not, or has no link. */
  readonly security?: LinkSecurity
}

/** An event that an actor took while it was looked at, and what it did. @since 0.1.0 */
export interface Step {
  /** In milliseconds since the epoch. */
  readonly at: number
  readonly event: string
  /** The state that it led to. */
  readonly state: string
  readonly actions: readonly string[]
}

/** One peer in full, not redacted. @since 0.1.0 */
export interface PeerInside {
  readonly peerId: PeerId
  /** Undefined: not known (any more). */
  readonly state: PeerState | undefined
  /** The context of its machine; undefined where it has none. */
  readonly context: unknown
  /** Why it is as it is. */
  readonly explanation: unknown
  /** The events that its machine would take now. */
  readonly valid: readonly string[]
}

/** How a manager stands in its fleet, and who else is there. @since 0.2.0 */
export interface FleetStanding extends FleetExplanation {
  /** The living nodes that it knows of, the oldest first. */
  readonly living: readonly FleetNode[]
}

/** Is told of an event just before the supervisor's machine takes it, and where that is. @since 0.1.0 */
export type SupervisorListener = (state: string, context: SupervisorContext, event: SupervisorEvent) => void

/** A manager, or a recording, that can be inspected. Each subscriber unsubscribes for itself; a source holds nothing of its own. @since 0.1.0 */
export interface InspectionSource {
  /** Every move, substates included; completes when nothing moves any more. */
  readonly moves$: Observable<Move>
  /** The latest metrics at once, then each; completes with the last. */
  readonly metrics$: Observable<NetworkMetrics>
  /** Tells that everything is as {@link peers} has it now, whatever was told before: a recording has jumped. @default never */
  readonly jumps$?: Observable<void>
  /** The present instant of what is watched, in milliseconds since the epoch. */
  now(): number
  /** Where the supervisor is. */
  readonly supervisorState: string
  /** Every known peer, as of now. */
  peers(): Iterable<PeerFacts>
  /** One of them; undefined: not known. */
  facts(peerId: PeerId): PeerFacts | undefined
  /** One peer in full, as of now. */
  inside(peerId: PeerId): PeerInside
  /** How it stands in its fleet now; left out, or undefined: it has none. */
  fleet?(): FleetStanding | undefined
  /** Listens to the supervisor's events; the result ends that. */
  listen(listener: SupervisorListener): () => void
  /** Looks closely at the events of one peer; the result ends that. It may make every event of every peer dearer meanwhile. */
  look(peerId: PeerId, seen: (step: Step) => void): () => void
}
