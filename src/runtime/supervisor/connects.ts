/** The connects of callers: each is given a hold at once, joins a dial under way, waits for a slot, or is refused. */
import { assertPeerId, type PeerId } from '../../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { addHold } from '../actors/peer-effects.ts'
import { stoppedError } from '../errors/refusals.ts'
import type { Connection } from '../holds/connection.ts'
import { noteAddresses, type Addresses } from '../options/given-addresses.ts'
import type { Keep } from '../peers/keep-alive.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { PoolChecks } from '../pool/pool-checks.ts'
import type { PoolTrim } from '../pool/pool-trim.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'
import type { PendingConnects } from './pending-connects.ts'
import type { SlotRequests } from './slot-requests.ts'

/** What connects ask of the supervisor. */
export interface ConnectsHost {
  readonly isAccepting: boolean
  readonly requests: SlotRequests
  readonly pending: PendingConnects
  readonly waiters: SlotWaiters
  readonly checks: PoolChecks
  readonly poolTrim: PoolTrim
}

/** Connects callers to peers. */
export class Connects {
  readonly #world: World
  readonly #host: ConnectsHost

  constructor(world: World, host: ConnectsHost) {
    this.#world = world
    this.#host = host
  }

  /** The arguments are those of `ConnectOptions`, checked and read; the id is checked here, where it is not one that is known. */
  connect(peerId: PeerId, signal: AbortSignal | undefined, priority = 0, keep: Keep = false, addresses?: Addresses): Promise<Connection> {
    const world = this.#world
    const known = world.peers.get(peerId)
    if (known === undefined) assertPeerId(peerId)
    world.settings.errors.assertMayCommand()
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (!this.#host.isAccepting) return Promise.reject(stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId))
    if (known !== undefined && isLinked(known)) {
      known.keepAs(keep)
      noteAddresses(known, addresses)
      return Promise.resolve(addHold(world, known))
    }
    const queued = this.#host.waiters.size === 0 ? undefined : this.#host.waiters.of(peerId)
    if (queued !== undefined) return this.#host.waiters.join(queued, this.#host.pending.caller(peerId, signal), priority, keep, addresses)
    world.enter()
    try {
      const at = world.now()
      // A pooled link is asked directly: only a new slot is the supervisor's to give.
      if (known?.state === 'Disconnected.pooled') this.#reuse(known, at)
      if (known !== undefined && isLinked(known)) {
        known.keepAs(keep)
        noteAddresses(known, addresses)
        return Promise.resolve(addHold(world, known, at))
      }
      // Who is being dialled has its slot: there is nothing to ask for, and only one more to wait.
      const isJoined = known?.state === 'Connecting.dialing' || known?.state === 'Connecting.waiting'
      const refusal = isJoined ? undefined : this.#host.requests.ask('peer.connect', peerId, at, true)
      if (refusal !== undefined) this.#host.pending.keepInMind(peerId, keep, addresses, refusal)
      if (refusal !== undefined && world.observer !== undefined) world.observer.refused(refusal)
      const request = this.#host.waiters.of(peerId)
      if (refusal !== undefined) return Promise.reject(refusal)
      return request !== undefined
        ? this.#host.waiters.join(request, this.#host.pending.caller(peerId, signal), priority, keep, addresses)
        : this.#host.pending.awaitLink(peerId, signal, priority, keep, addresses)
    } finally {
      world.leave()
    }
  }

  /** A hold on a peer whose link is there, undefined: there is none, or it must be checked first. */
  tryConnect(peerId: PeerId): Connection | undefined {
    const world = this.#world
    const peer = world.peers.get(peerId)
    if (peer === undefined) assertPeerId(peerId)
    world.settings.errors.assertMayCommand()
    if (peer?.port === undefined || !this.#host.isAccepting) return undefined
    if (peer.state === 'Disconnected.pooled') {
      world.enter()
      try {
        const at = world.now()
        if (this.#host.checks.needsCheck(peer, at)) return undefined
        if (at >= peer.retiresAt) this.#host.poolTrim.expire(peer, at)
        else this.#host.checks.use(peer, at)
        return isLinked(peer) ? addHold(world, peer, at) : undefined
      } finally {
        world.leave()
      }
    }
    return isLinked(peer) ? addHold(world, peer) : undefined
  }

  #reuse(peer: PeerRecord, at: number): void {
    if (at >= peer.retiresAt) this.#host.poolTrim.expire(peer, at)
    else this.#host.checks.reuse(peer, at)
  }
}

/** Whether a peer has a link that may be used. */
function isLinked(peer: PeerRecord): boolean {
  return peer.state === 'Connected' && peer.port !== undefined
}
