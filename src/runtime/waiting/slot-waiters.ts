/** The connects that wait for a slot: each is served when one is free, or told why not. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'
import { ConnectionError } from '../../errors.ts'
import type { Caller } from '../holds/caller.ts'
import type { Connection } from '../holds/connection.ts'
import { noteAddresses, type Addresses } from '../options/given-addresses.ts'
import { addHold } from '../actors/peer-effects.ts'
import { bothKeep, type Keep } from '../peers/keep-alive.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import { stoppedError } from '../errors/refusals.ts'
import { SlotQueue, type SlotRequest } from './slot-queue.ts'
import type { World } from '../world/world.ts'

/** Reasons of a refusal that may be over soon. */
const NO_ROOM: ReadonlySet<string> = new Set(['eviction-exhausted', 'fleet-limit'])

/** What those who wait ask of the supervisor. */
export interface SlotWaitersHost {
  /** Whether new work is taken. */
  isAccepting(): boolean
  /** Has a peer that is to be kept dialled later, as its wait was in vain. */
  keepInMind(peerId: PeerId, keep: Keep, addresses: Addresses, error: ConnectionError): void
  /** Who is served next may be another, or somebody waits who did not. */
  lineChanged(isNewFirst: boolean): void
  /** Asks for a slot, and to connect in it; says why not. */
  request(peerId: PeerId, at: number): ConnectionError | undefined
}

/** The connects that wait for a slot. */
export class SlotWaiters {
  readonly #world: World
  readonly #host: SlotWaitersHost
  readonly #queue = new SlotQueue()
  /** Whose request is granted just now. */
  #served: PeerId | undefined = undefined

  constructor(world: World, host: SlotWaitersHost) {
    this.#world = world
    this.#host = host
  }

  /** How many requests wait. */
  get size(): number {
    return this.#queue.size
  }

  /** Who is served next; undefined: nobody waits. */
  get next(): PeerId | undefined {
    return this.#queue.first?.peerId
  }

  /** The request of a peer that waits. */
  of(peerId: PeerId): SlotRequest | undefined {
    return this.#queue.of(peerId)
  }

  /** The requests that wait. */
  [Symbol.iterator](): Iterator<SlotRequest> {
    return this.#queue[Symbol.iterator]()
  }

  /** Puts a request in line. */
  add(peerId: PeerId, at: number): void {
    const { deadlines, settings } = this.#world
    const request = this.#queue.add(peerId, this.#due)
    request.since = at
    deadlines.set(request.deadline, at + settings.waitTimeoutMs)
  }

  readonly #due = (request: SlotRequest): void => {
    const { peerId, kept, addresses } = request
    const error = this.#waitedTooLong(peerId)
    this.leave(request, error)
    this.#host.keepInMind(peerId, kept, addresses, error)
    this.#host.lineChanged(true)
  }

  /** Has one more caller wait with a request. */
  join(request: SlotRequest, caller: Caller, priority: number, keep: Keep, addresses: Addresses): Promise<Connection> {
    this.hand(request, [caller], priority, keep, addresses)
    caller.leaveIfAborted()
    return caller.promise
  }

  /** Has callers wait with a request. */
  hand(request: SlotRequest, callers: Iterable<Caller>, priority: number, keep: Keep, addresses: Addresses): void {
    for (const caller of callers) request.callers.add(caller)
    request.kept = bothKeep(request.kept, keep)
    noteAddresses(request, addresses)
    const { first } = this.#queue
    this.#queue.raise(request, priority)
    this.#host.lineChanged(this.#queue.first !== first)
  }

  /** A caller has given up; false: it did not wait here. */
  left(peerId: PeerId, caller: Caller): boolean {
    const request = this.#queue.of(peerId)
    if (request?.callers.delete(caller) !== true) return false
    if (request.callers.size === 0 && !request.kept) {
      this.leave(request, undefined)
      this.#host.lineChanged(true)
    }
    return true
  }

  /** A command or a report says that its peer is not wanted after all: whoever is next in line may be served. */
  overtake(request: SlotRequest, error: ConnectionError): void {
    this.leave(request, error)
    this.#host.lineChanged(true)
  }

  /** A peer is not to be kept any more: its request waits on only for its callers. */
  letGo(peerId: PeerId): void {
    const request = this.#queue.of(peerId)
    if (request === undefined) return
    request.kept = false
    if (request.callers.size > 0) return
    this.leave(request, undefined)
    this.#host.lineChanged(true)
  }

  /** Takes a request out of line; with an error, its callers are told. */
  leave(request: SlotRequest, error: ConnectionError | undefined): void {
    this.#queue.remove(request)
    const { observer } = this.#world
    this.#world.deadlines.clear(request.deadline)
    if (observer !== undefined) observer.waited(this.#world.now() - request.since, error)
    if (error !== undefined) for (const caller of request.callers) caller.reject(error)
  }

  /** There is nothing to wait for: all who wait are refused. */
  refuse(errorOf: (peerId: PeerId) => ConnectionError): void {
    for (const request of this.#queue) {
      const error = errorOf(request.peerId)
      this.leave(request, error)
      this.#host.keepInMind(request.peerId, request.kept, request.addresses, error)
    }
  }

  /** Nothing waits any more: the supervisor takes no new work. */
  end(): void {
    for (const request of this.#queue) this.leave(request, stoppedError(`connect to '${shownPeerId(request.peerId)}'`, request.peerId))
  }

  /** A peer has moved: whoever waits for a slot for it has one where it came into one by itself. */
  moved(peer: PeerRecord, to: PeerState | undefined): void {
    if (to === undefined || !holdsSlot(to) || peer.peerId === this.#served) return
    if (this.#queue.of(peer.peerId) === undefined) return
    this.#world.afterwards(() => this.#arrived(peer))
  }

  #arrived(peer: PeerRecord): void {
    const world = this.#world
    const request = this.#queue.of(peer.peerId)
    const { state } = peer
    if (request === undefined || (state !== 'Connected' && state !== 'Connecting.dialing' && state !== 'Connecting.waiting')) return
    if (world.peers.get(peer.peerId) !== peer || world.ownerOf(peer) === 'app') return
    world.enter()
    try {
      this.#takeUp(request, peer)
    } finally {
      world.leaveOrGoOn()
    }
  }

  /** Gives free slots to those who wait, in order, at the end of the command. */
  serve(): void {
    if (this.#queue.size > 0) this.#world.afterwards(this.#serve)
  }

  readonly #serve = (): void => {
    const world = this.#world
    world.enter()
    try {
      for (let request = this.#queue.first; request !== undefined && this.#host.isAccepting(); request = this.#queue.first) {
        // Asked for in vain, a slot costs an error with its stack.
        if (!this.#mayHaveRoom()) break
        this.#served = request.peerId
        const refusal = this.#host.request(request.peerId, world.now())
        this.#served = undefined
        // What the app's own rule rejects need not wait any longer; it is told.
        if (refusal?.code === 'ERR_MAX_CONNECTIONS' && (refusal.reason === undefined || NO_ROOM.has(refusal.reason))) break
        const peer = world.peers.get(request.peerId)
        if (refusal === undefined && peer?.state !== undefined && holdsSlot(peer.state)) this.#takeUp(request, peer)
        else this.leave(request, refusal ?? peer?.error ?? stoppedError(`connect to '${shownPeerId(request.peerId)}'`, request.peerId))
      }
    } finally {
      this.#served = undefined
      world.leaveOrGoOn()
    }
  }

  /** Whether a slot may be had; where the app itself decides, only asking tells. */
  #mayHaveRoom(): boolean {
    const { settings, taken, limits, pool } = this.#world
    const isAsked = settings.admission !== 'queue' && settings.fleet === undefined
    return isAsked || taken < limits.maxConnections || pool.size > 0
  }

  /** A waiting request becomes its peer's: it has a slot now. */
  #takeUp(request: SlotRequest, peer: PeerRecord): void {
    const world = this.#world
    this.leave(request, undefined)
    peer.keepAs(request.kept)
    noteAddresses(peer, request.addresses)
    // Connected already: its own dial, or a link from there, or one of the pool, was quicker than the line.
    if (peer.state === 'Connected') {
      for (const caller of request.callers) caller.resolve(addHold(world, peer))
      return
    }
    if (peer.callers === undefined) peer.callers = request.callers
    else for (const caller of request.callers) peer.callers.add(caller)
    world.turns.raise(peer, request.priority)
    // The gate was asked just now, and may have made the last of them leave.
    if (peer.callers.size === 0 && !peer.wanted) world.send(peer, { type: 'callers.left', at: world.now() })
  }

  #waitedTooLong(peerId: PeerId): ConnectionError {
    const { settings, limits, slots, pool, peers } = this.#world
    const cause = peers.get(peerId)?.error
    return new ConnectionError(
      'ERR_CONNECT_TIMEOUT',
      `'${shownPeerId(peerId)}' waited ${settings.waitTimeoutMs} ms for a slot: ${slots.held} of ${limits.maxConnections} connections are held, ${pool.size} of them pooled, and ${this.#queue.size} requests wait; disconnect a peer, or raise maxConnections`,
      { peerId, limit: limits.maxConnections, current: slots.held, ...(cause === undefined ? {} : { cause }) },
    )
  }
}
