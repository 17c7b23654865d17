/** The readings of a manager: its streams, and what can be asked of it without changing anything. */
import type { Observable } from 'rxjs'
import type { ConnectionStatus } from '../machines/domain/connection-status.ts'
import { assertPeerId, type PeerId } from '../machines/domain/peer-id.ts'
import type { Transition } from '../machines/domain/transition.ts'
import { SELECTION_STRATEGIES, type SelectionStrategy } from '../machines/policy/selection.ts'
import { readPeerIds } from './manager-arguments.ts'
import type { NetworkMetrics } from './metrics/network-metrics.ts'
import { viewPeer, type PeerView } from './runtime/actors/peer-view.ts'
import type { Connection } from './runtime/holds/connection.ts'
import type { SavedState } from './runtime/options/saved-state.ts'
import type { PeerRef } from './runtime/peers/peer-record.ts'
import { explainPeer, type Explanation } from './runtime/supervisor/explanation.ts'
import { explainSupervisor, type SupervisorExplanation } from './runtime/supervisor/overview.ts'
import type { Running } from './supervisor-logic.ts'

/** What is read of a manager. Everything here answers after a shutdown too. */
export abstract class ManagerReadings {
  /** Every change of a peer's status, as it happens. Hot; completes on shutdown. */
  readonly transitions$: Observable<Transition>
  /** The same, one array for each tick of the event loop. Hot; completes on shutdown. */
  readonly changes$: Observable<readonly Transition[]>
  /** A connection for each peer that becomes Connected, whoever began it. It keeps nothing open. Hot. */
  readonly connections$: Observable<Connection>
  /** Every message of every peer. Hot; its first subscriber gets what nobody has read yet. */
  readonly messages$: Observable<{ peerId: PeerId; data: Uint8Array }>
  /** The latest metrics at once, then every `metrics.sampleMs`; completes on shutdown. */
  readonly metrics$: Observable<NetworkMetrics>
  readonly #running: Running

  constructor(running: Running) {
    this.#running = running
    const { supervisor, metrics } = running
    const { streams } = supervisor.world
    this.transitions$ = streams.transitions.observable
    this.changes$ = streams.changes.observable
    this.connections$ = streams.connections.observable
    this.messages$ = supervisor.links.messages$
    this.metrics$ = metrics.metrics$
  }

  /** The status of a peer; undefined: unknown. */
  async getStatus(peerId: PeerId): Promise<ConnectionStatus | undefined> {
    return this.status(peerId)
  }

  /** The status of a peer; undefined: unknown. */
  status(peerId: PeerId): ConnectionStatus | undefined {
    assertPeerId(peerId)
    return this.#running.supervisor.world.statusOf(peerId)
  }

  /** The metrics: gauges as of now, rates and latency as of the last sample. */
  async getMetrics(): Promise<NetworkMetrics> {
    return this.metrics
  }

  /** The metrics: gauges as of now, rates and latency as of the last sample. */
  get metrics(): NetworkMetrics {
    return this.#running.metrics.current
  }

  /** A connection to a Connected peer. It keeps nothing open: whoever needs the link calls {@link connect}. */
  get(peerId: PeerId): Connection | undefined {
    assertPeerId(peerId)
    return this.#running.supervisor.get(peerId)
  }

  /**
   * Why a peer is as it is: its status, what it waits for and until when, its breaker, its last moves with their reasons.
   * Plain data; undefined for a peer that is not known and waits for nothing.
   */
  explain(peerId: PeerId): Explanation | undefined
  /** How the manager stands, who waits, and whom it turned away and why. Plain data. */
  explain(): SupervisorExplanation
  /** Either: an id that was given, be it undefined, is checked as one. */
  explain(...asked: readonly PeerId[]): Explanation | SupervisorExplanation | undefined {
    if (asked.length === 0) return explainSupervisor(this.#running.supervisor)
    const [peerId] = asked
    assertPeerId(peerId)
    const { world, waiters } = this.#running.supervisor
    return explainPeer(world, peerId, world.peers.get(peerId), waiters.of(peerId))
  }

  /**
   * Picks one of these peers among those that are Connected; undefined: none is. Like {@link get}, what it gives keeps
   * nothing open. Equals take turns.
   *
   * @throws TypeError that names the argument, and whatever a strategy of yours throws
   */
  select(peerIds: Iterable<PeerId>, strategy: SelectionStrategy): Connection | undefined {
    const ids = readPeerIds(peerIds)
    if (typeof strategy !== 'function' && !SELECTION_STRATEGIES.includes(strategy)) {
      throw new TypeError(`strategy must be one of ${SELECTION_STRATEGIES.join(', ')} or a function`)
    }
    const { supervisor } = this.#running
    const peer = supervisor.selections.select(ids, strategy)
    return peer === undefined ? undefined : supervisor.get(peer.peerId)
  }

  /** The XState actor of a known peer, to look at. */
  actor(peerId: PeerId): PeerRef | undefined {
    assertPeerId(peerId)
    return this.#running.supervisor.world.peers.get(peerId)?.ref
  }

  /**
   * What is to be remembered of the kept peers: their addresses, tags, protections, breakers and pauses. Plain JSON, for
   * the option `restore` of the next run's manager. After {@link drain} or {@link shutdown}, as it was when that began.
   */
  export(): SavedState {
    return this.#running.supervisor.ending.export()
  }

  /** Every known peer, as of the moment it is reached; in no order that could be relied on. */
  *peers(): Generator<PeerView, void, undefined> {
    const { world } = this.#running.supervisor
    for (const peer of world.peers.values()) {
      const view = viewPeer(world, peer)
      if (view !== undefined) yield view
    }
  }

  /** A peer's status: the present one at once, then each other one. It costs the other peers nothing. */
  status$(peerId: PeerId): Observable<ConnectionStatus | undefined> {
    assertPeerId(peerId)
    return this.#running.supervisor.world.streams.status(peerId)
  }
}
