/** A peer is kept for as long as somebody has a handle on it, and the last one that goes lets it go. */
import type { Observable } from 'rxjs'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import { isUnproven, type PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import type { Connection } from '../holds/connection.ts'
import { noteAddresses, type Addresses } from '../options/given-addresses.ts'
import type { KeepAlive } from '../peers/keep-alive.ts'
import type { CheckedKeep } from './keep-options.ts'
import { KeptHandle, type KeptHandleHost } from './kept-handle.ts'
import { addHold } from '../actors/peer-effects.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Reconnects } from '../reconnecting/reconnects.ts'
import { stoppedError } from '../errors/refusals.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { Effect, World } from '../world/world.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** What keeping asks of the supervisor. */
export interface KeepsHost {
  readonly waiters: SlotWaiters
  readonly reconnects: Reconnects
  isAccepting(): boolean
  /** Connects to a peer that is to be kept. */
  connect(peerId: PeerId, signal: AbortSignal, priority: number, addresses: Addresses): Promise<Connection>
  connectionOf(peerId: PeerId): Connection | undefined
  /** Nobody waits for the dial of a peer any more. */
  callersLeft(peer: PeerRecord): void
  /** Forgets a peer that was never told of. */
  forget(peerId: PeerId): void
}

/** One kept peer. */
interface Entry {
  readonly handles: Set<KeptHandle>
  /** Whether `connect(peerId, { keep: true })` keeps it too. */
  isAsked: boolean
  /** Whether an event has the present link held until it is disconnected. */
  isWanted: boolean
}

/** The handles of all kept peers. */
export class Keeps implements KeptHandleHost {
  readonly #world: World
  readonly #host: KeepsHost
  readonly #entries = new TombstoneMap<PeerId, Entry>()

  constructor(world: World, host: KeepsHost) {
    this.#world = world
    this.#host = host
  }

  /** How many peers are kept by handles. */
  get size(): number {
    return this.#entries.size
  }

  /** Whether a handle keeps a peer. */
  has(peerId: PeerId): boolean {
    return this.#entries.has(peerId)
  }

  get errors(): AppErrors {
    return this.#world.settings.errors
  }

  get maxBufferedBytes(): number {
    return this.#world.settings.maxBufferedBytes
  }

  statusOf(peerId: PeerId): ConnectionStatus | undefined {
    return this.#world.statusOf(peerId)
  }

  status$(peerId: PeerId): Observable<ConnectionStatus | undefined> {
    return this.#world.streams.status(peerId)
  }

  connectionOf(peerId: PeerId): Connection | undefined {
    return this.#host.connectionOf(peerId)
  }

  get alive(): KeepAlive {
    return this.#world.alive
  }

  isAccepting(): boolean {
    return this.#host.isAccepting()
  }

  isKept(peerId: PeerId): boolean {
    if (!this.#host.isAccepting()) return false
    const peer = this.#world.peers.get(peerId)
    const isUnderWay = peer?.state === undefined || holdsSlot(peer.state) || this.#host.reconnects.isPending(peer)
    return (peer?.kept === true && isUnderWay) || (this.#host.waiters.of(peerId)?.kept ?? false) !== false
  }

  /** @throws ConnectionError `ERR_STOPPED`; the signal's reason where it is aborted already */
  keep(peerId: PeerId, options: CheckedKeep): KeptHandle {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    if (options.signal?.aborted === true) throw options.signal.reason
    if (!this.#host.isAccepting()) throw stoppedError(`keep '${shownPeerId(peerId)}'`, peerId)
    const handle = new KeptHandle(peerId, options, this)
    world.enter()
    try {
      const entry = this.#entryOf(peerId)
      entry.handles.add(handle)
      this.#begin(handle, options)
      handle.holdProcess()
      return handle
    } finally {
      world.leave()
    }
  }

  release(handle: KeptHandle): Promise<void> {
    const world = this.#world
    world.settings.errors.assertMayCommand()
    const { peerId } = handle
    const entry = this.#entries.get(peerId)
    if (entry?.handles.delete(handle) !== true) return Promise.resolve()
    world.enter()
    try {
      const isLast = entry.handles.size === 0
      if (isLast) this.#entries.delete(peerId)
      if (isLast && !entry.isAsked) this.#letGo(peerId, entry)
      const hold = handle.end()
      world.afterwards(() => handle.endReaders())
      const released = hold?.release() ?? Promise.resolve()
      if (isLast && !entry.isAsked) this.#leaveBehind(peerId)
      return released
    } finally {
      world.leave()
    }
  }

  /** The app keeps a peer itself, by `connect`: its handles do not let it go. */
  asked(peerId: PeerId): void {
    const entry = this.#entries.get(peerId)
    if (entry !== undefined) entry.isAsked = true
    const peer = this.#world.peers.get(peerId)
    if (peer !== undefined) peer.isRestored = false
  }

  /** An event has a peer connected, and its link held. */
  wanted(peerId: PeerId): void {
    const entry = this.#entries.get(peerId)
    if (entry !== undefined) entry.isWanted = true
  }

  /** A peer is disconnected, or reported so: nobody keeps it. */
  disconnected(peerId: PeerId): void {
    if (this.#entries.size === 0) return
    const entry = this.#entries.get(peerId)
    if (entry === undefined) return
    entry.isAsked = entry.isWanted = false
    this.#world.enter()
    try {
      this.#world.afterwards(() => this.#look(peerId))
    } finally {
      this.#world.leave()
    }
  }

  /** A peer has moved. */
  moved(peer: PeerRecord): void {
    const entry = this.#entries.get(peer.peerId)
    if (entry === undefined) return
    if (peer.state === 'Connected' && peer.port !== undefined) this.#link(peer, entry)
    else if (peer.state === undefined || !holdsSlot(peer.state)) {
      entry.isWanted = false
      this.#world.afterwards(() => this.#look(peer.peerId))
    } else if (!this.#host.isAccepting()) this.#world.afterwards(() => this.#look(peer.peerId))
  }

  /** No new work is taken: a handle without a link can get none any more. */
  stopBeginning(): void {
    for (const peerId of this.#entries.keys()) this.#look(peerId)
  }

  #entryOf(peerId: PeerId): Entry {
    const found = this.#entries.get(peerId)
    if (found !== undefined) return found
    const peer = this.#world.peers.get(peerId)
    // What an earlier run kept is kept until somebody says by a handle for how long.
    const isAsked = (peer?.kept === true && !peer.isRestored) || (this.#host.waiters.of(peerId)?.kept ?? false) !== false
    const entry: Entry = { handles: new Set(), isAsked, isWanted: peer?.wanted === true && !peer.kept }
    this.#entries.set(peerId, entry)
    return entry
  }

  #begin(handle: KeptHandle, { addresses, priority }: CheckedKeep): void {
    const { peerId } = handle
    const known = this.#world.peers.get(peerId)
    if (known?.state === 'Connected' && known.port !== undefined) {
      noteAddresses(known, addresses)
      return this.moved(known)
    }
    // Its own pause goes on, if there is one: a peer that fails is not dialled more often because it is kept by many.
    if (known?.kept === true && known.backoff !== undefined && known.backoff.index >= 0) return noteAddresses(known, addresses)
    this.#host.connect(peerId, handle.connecting.signal, priority, addresses).then(
      (connection) => connection.release(),
      () => {},
    )
  }

  #link(peer: PeerRecord, { handles }: Entry): void {
    // Nobody can dial who proved no id.
    if (!isUnproven(peer.peerId) && this.#host.isAccepting()) peer.kept = peer.wanted = true
    for (const handle of handles) if (!handle.isLinked) handle.linked(addHold(this.#world, peer))
    this.#world.later(peer, resumeHandles, handles)
  }

  /** A peer has no link: where it is kept no longer, those who wait are told; where nothing is begun any more, that is the end. */
  #look(peerId: PeerId): void {
    const entry = this.#entries.get(peerId)
    if (entry === undefined) return
    const isEnding = !this.#host.isAccepting()
    for (const handle of entry.handles) {
      if (!isEnding) handle.look()
      else if (!handle.isLinked) {
        entry.handles.delete(handle)
        handle.end()
        this.#world.afterwards(() => handle.endReaders())
      }
    }
    if (entry.handles.size === 0) this.#entries.delete(peerId)
  }

  #letGo(peerId: PeerId, { isWanted }: Entry): void {
    const peer = this.#world.peers.get(peerId)
    if (peer !== undefined) {
      peer.kept = false
      peer.wanted = isWanted
    }
    this.#host.waiters.letGo(peerId)
  }

  /** What nobody keeps, holds or waits for is not dialled, and not dialled again. */
  #leaveBehind(peerId: PeerId): void {
    const peer = this.#world.peers.get(peerId)
    if (peer === undefined || peer.wanted) return
    if (peer.state === undefined) this.#host.forget(peerId)
    else if (!holdsSlot(peer.state)) this.#host.reconnects.release(peer)
    else if (peer.state === 'Connecting.dialing' || peer.state === 'Connecting.waiting') this.#host.callersLeft(peer)
  }
}

const resumeHandles: Effect<ReadonlySet<KeptHandle>> = (_world, _peer, handles) => {
  for (const handle of handles) handle.resume()
}
