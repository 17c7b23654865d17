/** The desk of the fleet: what a fleet orders is carried out by the supervisor that is its node, and moves are told to the fleet. */
import { isUnproven, type PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import type { EndReason } from '../../transports/transport.ts'
import { abortQuietly } from '../callbacks/foreign-link.ts'
import { failureFrom } from '../errors/failures.ts'
import type { FleetClock, FleetGate, FleetHost } from '../options/fleet-gate.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Supervisor } from './supervisor.ts'

/** Has a supervisor be a node of a fleet from here on. @throws TypeError where the fleet has a manager already */
export function joinFleet(fleet: FleetGate, supervisor: Supervisor, metrics: () => object): void {
  fleet.join(new FleetDesk(supervisor, metrics))
  supervisor.world.observe({
    moved(seen, { fromState, toState }) {
      const peer = seen as PeerRecord
      const isHeld = toState !== undefined && holdsSlot(toState)
      const wasHeld = fromState !== undefined && holdsSlot(fromState)
      // A link that proves nothing can come in nowhere else, and costs a permit alone.
      if (isHeld !== wasHeld || toState === 'Connected') fleet.moved(isUnproven(peer.peerId) ? '' : peer.peerId, isHeld)
    },
  })
}

class FleetDesk implements FleetHost {
  readonly random: () => number
  readonly clock: FleetClock
  readonly #supervisor: Supervisor
  readonly #metrics: () => object

  constructor(supervisor: Supervisor, metrics: () => object) {
    this.#supervisor = supervisor
    this.#metrics = metrics
    this.random = supervisor.world.settings.random
    this.clock = supervisor.world.settings.clock
  }

  get limit(): number {
    return this.#supervisor.world.limits.maxConnections
  }

  get held(): number {
    return this.#supervisor.world.slots.held
  }

  get waiting(): number {
    return this.#supervisor.waiters.size + this.#supervisor.reconnects.slotlessCount
  }

  get isAccepting(): boolean {
    return this.#supervisor.isAccepting
  }

  get isClosing(): boolean {
    return this.#supervisor.world.isClosing
  }

  isHeld(peerId: PeerId): boolean {
    const state = this.#supervisor.world.peers.get(peerId)?.state
    return state !== undefined && holdsSlot(state)
  }

  isKept(peerId: PeerId): boolean {
    return this.#supervisor.world.peers.get(peerId)?.kept === true
  }

  *heldPeers(): Generator<PeerId, void, undefined> {
    const { world } = this.#supervisor
    for (const peer of world.peers.values()) {
      if (!isUnproven(peer.peerId) && this.isHeld(peer.peerId) && world.ownerOf(peer) === 'manager') yield peer.peerId
    }
  }

  permit(count: number): void {
    const { world, roomSigns } = this.#supervisor
    const isMore = count > world.slots.permits
    world.slots.permits = count
    if (!isMore) return
    world.enter()
    try {
      roomSigns.slotFreed()
    } finally {
      world.leave()
    }
  }

  noPermits(): void {
    const { world, waiters } = this.#supervisor
    if (world.settings.admission !== 'reject' || waiters.size === 0) return
    const { held } = world.slots
    world.enter()
    try {
      waiters.refuse(
        (peerId) =>
          new ConnectionError(
            'ERR_MAX_CONNECTIONS',
            `no slot for '${shownPeerId(peerId)}': the fleet permits this node ${held} connections and has no more to give; disconnect a peer here or on another node, or raise the limit of the fleet`,
            { peerId, limit: world.slots.permits, current: held, reason: 'fleet-limit' },
          ),
      )
    } finally {
      world.leave()
    }
  }

  close(peerId: PeerId, error: ConnectionError, farewell: EndReason): void {
    const { world } = this.#supervisor
    const peer = world.peers.get(peerId)
    if (peer === undefined) return
    // Whoever took it keeps it: dialled again from here, it would only be lost again.
    peer.kept = peer.wanted = false
    world.enter()
    try {
      this.#end(peer, error, farewell)
    } finally {
      world.leave()
    }
  }

  closeAll(error: ConnectionError): void {
    const { world } = this.#supervisor
    world.enter()
    try {
      for (const peer of world.peers.values()) this.#end(peer, error, undefined)
    } finally {
      world.leave()
    }
  }

  keep(peerId: PeerId): void {
    // What keeps it from being reached now is shown by `explain`, as with every kept peer.
    this.#supervisor.connects.connect(peerId, undefined, 0, true).then(
      (connection) => connection.release(),
      () => {},
    )
  }

  letGo(peerId: PeerId): void {
    void this.#supervisor.disconnect(peerId, false)
  }

  retry(peerId: PeerId): void {
    this.#supervisor.retryNow(peerId)
  }

  metrics(): object {
    return this.#metrics()
  }

  report(error: unknown, peerId?: PeerId): void {
    this.#supervisor.world.settings.errors.report(error, 'fleet', peerId)
  }

  #end(peer: PeerRecord, error: ConnectionError, farewell: EndReason | undefined): void {
    const { world } = this.#supervisor
    const { state, port } = peer
    if (state === undefined || !holdsSlot(state) || world.ownerOf(peer) === 'app') return
    const at = world.now()
    const failure = failureFrom(error, world.instant(at), peer.remoteAddress)
    if (state === 'Connecting.dialing' || state === 'Connecting.waiting') {
      peer.error = error
      world.send(peer, { type: 'dial.timedOut', at, failure })
      return
    }
    // With a cause nothing more is sent, not even a goodbye.
    if (port !== undefined) {
      const { link } = port
      world.afterwards(() => abortQuietly(link, farewell === undefined ? error : undefined, farewell))
    }
    peer.farewell = undefined
    peer.ending = { kind: 'error', error }
    if (state === 'Disconnected.closing') world.send(peer, { type: 'close.timedOut', at })
    else world.send(peer, { type: 'link.failed', at, failure })
    peer.ending = undefined
  }
}
