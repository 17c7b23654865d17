/** Pending connects, which wait for a dial: callers share it, and a dial whose last caller leaves is ended. */
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { ConnectionError, type ConnectionErrorCode } from '../../errors.ts'
import { addHold } from '../actors/peer-effects.ts'
import { stoppedError } from '../errors/refusals.ts'
import { Caller } from '../holds/caller.ts'
import type { Connection } from '../holds/connection.ts'
import type { Keeps } from '../keeping/keeps.ts'
import { noteAddresses, type Addresses } from '../options/given-addresses.ts'
import type { Keep } from '../peers/keep-alive.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { PoolChecks } from '../pool/pool-checks.ts'
import type { Reconnects } from '../reconnecting/reconnects.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'
import type { SlotRequests } from './slot-requests.ts'

/** Refusals that speak of the moment, and not of the peer. */
const NOT_NOW: ReadonlySet<ConnectionErrorCode> = new Set([
  'ERR_MAX_CONNECTIONS',
  'ERR_QUEUE_FULL',
  'ERR_CIRCUIT_OPEN',
  'ERR_CONNECT_TIMEOUT',
])

/** What pending connects ask of the supervisor. */
export interface PendingConnectsHost {
  readonly isAccepting: boolean
  readonly requests: SlotRequests
  readonly waiters: SlotWaiters
  readonly keeps: Keeps
  readonly reconnects: Reconnects
  readonly checks: PoolChecks
}

/** The connects whose request was granted, until there is a link. */
export class PendingConnects {
  readonly #world: World
  readonly #host: PendingConnectsHost

  constructor(world: World, host: PendingConnectsHost) {
    this.#world = world
    this.#host = host
  }

  /** Dials a peer in a spare slot, behind all others that wait for their turn. */
  inAdvance(peerId: PeerId): Promise<Connection> {
    const world = this.#world
    world.enter()
    try {
      const refusal = this.#host.requests.ask('peer.connect', peerId, world.now())
      const peer = world.peers.get(peerId)
      if (peer?.state === 'Connecting.waiting') world.turns.lower(peer)
      return refusal === undefined ? this.awaitLink(peerId, undefined, -Infinity, false) : Promise.reject(refusal)
    } finally {
      world.leave()
    }
  }

  /** The promise of a connect whose request was granted. */
  awaitLink(peerId: PeerId, signal: AbortSignal | undefined, priority: number, keep: Keep, addresses?: Addresses): Promise<Connection> {
    const peer = this.#world.peers.get(peerId)
    peer?.keepAs(keep)
    if (peer !== undefined) noteAddresses(peer, addresses)
    if (addresses !== undefined) peer?.dial?.extend()
    if (peer !== undefined) this.#world.turns.raise(peer, priority)
    if (peer?.state === 'Connected') return Promise.resolve(addHold(this.#world, peer))
    if (peer?.state === undefined || !holdsSlot(peer.state)) {
      return Promise.reject(
        peer?.error ??
          new ConnectionError('ERR_DIAL_FAILED', `connecting to '${shownPeerId(peerId)}' crashed; see its failure`, { peerId }),
      )
    }
    const caller = this.caller(peerId, signal)
    ;(peer.callers ??= new Set()).add(caller)
    // The gate was asked just now, and may have made its own caller leave.
    caller.leaveIfAborted()
    return caller.promise
  }

  /** Who is to be kept is not forgotten because there was no slot, or because its breaker is open: it is dialled later. */
  keepInMind(peerId: PeerId, keep: Keep, addresses: Addresses, error: Pick<ConnectionError, 'code' | 'retryAfterMs'>): void {
    const { code, retryAfterMs } = error
    // Whoever has a handle is not told of a denial, and a rule of the app may think better of it.
    const isNotNow = NOT_NOW.has(code) || (code === 'ERR_DENIED' && this.#host.keeps.has(peerId))
    if (keep === false || !isNotNow || !this.#host.isAccepting) return
    const world = this.#world
    const peer = world.known(peerId)
    peer.keepAs(keep)
    noteAddresses(peer, addresses)
    world.moves.keepInMind(peer)
    this.#host.reconnects.putOff(peer, code !== 'ERR_CIRCUIT_OPEN' && code !== 'ERR_DENIED', retryAfterMs)
  }

  caller(peerId: PeerId, signal: AbortSignal | undefined): Caller {
    return new Caller(signal, (left) => this.#callerLeft(peerId, left), this.#world.observer?.connecting(peerId))
  }

  #callerLeft(peerId: PeerId, caller: Caller): void {
    const world = this.#world
    if (this.#host.waiters.left(peerId, caller)) return
    const peer = world.peers.get(peerId)
    if (peer?.callers?.delete(caller) === true) this.callersLeft(peer)
  }

  /** Ends the dial of a peer that nobody waits for any more. */
  callersLeft(peer: PeerRecord): void {
    const world = this.#world
    if (peer.wanted || (peer.callers !== undefined && peer.callers.size > 0)) return
    world.enter()
    try {
      peer.callers = undefined
      world.send(peer, { type: 'callers.left', at: world.now() })
      this.#host.checks.left(peer)
    } finally {
      world.leave()
    }
  }

  /** Callers have waited for a close that is over now: they dial in the slot that it leaves. */
  reopen(closed: PeerRecord): void {
    const { peerId, callers, wanted, keep, addresses, priority } = closed
    closed.callers = undefined
    const refusal = this.#host.requests.ask('peer.connect', peerId, this.#world.now(), true)
    const request = this.#host.waiters.of(peerId)
    const peer = this.#world.peers.get(peerId)
    if (refusal === undefined && request !== undefined) {
      // The limit was lowered meanwhile, and its slot is gone.
      this.#host.waiters.hand(request, callers ?? [], priority, keep, addresses)
    } else if (refusal === undefined && peer !== undefined) {
      peer.callers = callers
      peer.keepAs(keep)
      peer.wanted = wanted
      noteAddresses(peer, addresses)
    } else {
      const error = refusal ?? stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId)
      for (const caller of callers ?? []) caller.reject(error)
      this.keepInMind(peerId, keep, addresses, error)
    }
  }
}
