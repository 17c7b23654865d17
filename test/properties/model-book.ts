/** The book of a model: who is known, what must have been told and counted, and which promises are settled. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { type PeerState, statusOf } from '../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../machines/domain/transition.ts'
import { type Call, type ModelHold, type ModelPeer, type Outcome, type Reader, settle } from './model-peer.ts'

/** A transition that must be told; several reasons where the table leaves it open. */
export interface Told {
  readonly peerId: string
  readonly from: ConnectionStatus | undefined
  readonly to: ConnectionStatus | undefined
  readonly reasons: readonly TransitionReason[]
}

export interface ModelOptions {
  readonly now: number
  readonly maxConnections: number
  readonly poolTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly localPeerId: string
  /** Whether a peer was dialled at this instant: asked only where the table leaves it open. */
  readonly wasDialled: (peerId: string, at: number) => boolean
  /** Whether a peer was evicted by this command: asked likewise. */
  readonly wasEvicted: (peerId: string) => boolean
}

/** What is known, and the entries that every change of it makes. */
export class ModelBook {
  now: number
  limit: number
  ttl: number
  stopped = false
  readonly peers = new Map<string, ModelPeer>()
  readonly told: Told[] = []
  /** Messages that may be lost or delivered: they waited on a link that has ended. */
  readonly orphaned = new Set<number>()
  readonly globalReaders: Reader[] = []
  /** Counts the deadlines that were set. */
  armed = 0
  hits = 0
  dials = 0
  opened = 0
  failed = 0
  accepted = 0
  rejected = 0
  expired = 0
  evicted = 0
  /** Duels between two links are counted as the implementation likes. */
  duels = 0
  forced = 0
  held = 0
  shutdownCall: Call | undefined
  /** Shutdowns that were asked for after the first. */
  protected readonly alsoShutdown: Call[] = []
  protected readonly options: ModelOptions

  constructor(options: ModelOptions) {
    this.options = options
    this.now = options.now
    this.limit = options.maxConnections
    this.ttl = options.poolTimeoutMs
  }

  status(peerId: string): ConnectionStatus | undefined {
    const peer = this.peers.get(peerId)
    return peer && statusOf(peer.state)
  }

  receive(peerId: string, message: number): void {
    const peer = this.known(peerId)
    if (peer.state === 'Disconnected.closing') {
      this.orphaned.add(message)
      return
    }
    const readers = [...peer.holds.flatMap((hold) => hold.readers), ...this.globalReaders]
    if (readers.length === 0) peer.unread.push(message)
    for (const reader of readers) reader.expected.push(message)
  }

  read(hold: ModelHold): Reader {
    const reader: Reader = { expected: hold.peer.unread }
    hold.peer.unread = []
    hold.readers.push(reader)
    return reader
  }

  readAll(): Reader {
    const reader: Reader = { expected: [...this.peers.values()].flatMap((peer) => peer.unread.splice(0)) }
    this.globalReaders.push(reader)
    return reader
  }

  protected count(matches: (peer: ModelPeer) => boolean): number {
    let count = 0
    for (const peer of this.peers.values()) if (matches(peer)) count++
    return count
  }

  protected known(peerId: string): ModelPeer {
    const peer = this.peers.get(peerId)
    if (peer === undefined) throw new Error(`the model does not know ${peerId}: the run itself is wrong`)
    return peer
  }

  protected move(peer: ModelPeer, state: PeerState, ...reasons: TransitionReason[]): void {
    const from = this.peers.has(peer.peerId) ? statusOf(peer.state) : undefined
    this.peers.set(peer.peerId, peer)
    peer.state = state
    if (state !== 'Failed') peer.failure = undefined
    const to = statusOf(state)
    if (from !== to) this.told.push({ peerId: peer.peerId, from, to, reasons })
  }

  protected forget(peer: ModelPeer, ...reasons: TransitionReason[]): void {
    this.orphan(peer)
    this.peers.delete(peer.peerId)
    this.told.push({ peerId: peer.peerId, from: statusOf(peer.state), to: undefined, reasons })
    this.closed(peer)
    this.maybeStopped()
  }

  /** An explicit end passes through Disconnected before it is forgotten. */
  protected end(peer: ModelPeer, reason: TransitionReason): void {
    this.move(peer, 'Disconnected.closed', reason)
    this.forget(peer, 'forgotten')
  }

  /** A peer that proved no id cannot come back under its name: it is not remembered. */
  protected forgetUnproven(peer: ModelPeer): void {
    if (peer.peerId.startsWith('inbound+')) this.forget(peer, 'forgotten')
  }

  protected serve(peer: ModelPeer, call: Call): void {
    const hold: ModelHold = { peer, ended: undefined, readers: [] }
    peer.holds.push(hold)
    call.hold = hold
    settle(call, 'ok')
  }

  protected serveWaiters(peer: ModelPeer): void {
    const { waiters } = peer
    peer.waiters = []
    for (const waiter of waiters) this.serve(peer, waiter)
  }

  protected refuse(peer: ModelPeer, code: Outcome): void {
    for (const waiter of peer.waiters) settle(waiter, code)
    peer.waiters = []
  }

  protected endHolds(peer: ModelPeer, ended: 'local' | 'remote' | 'error'): void {
    for (const hold of peer.holds) hold.ended = ended
    peer.holds = []
  }

  protected orphan(peer: ModelPeer): void {
    for (const message of peer.unread) this.orphaned.add(message)
    peer.unread = []
  }

  protected closed(peer: ModelPeer): void {
    for (const closer of peer.closers) settle(closer, 'ok')
    peer.closers = []
  }

  protected maybeStopped(): void {
    if (!this.stopped || this.peers.size > 0 || this.shutdownCall === undefined) return
    settle(this.shutdownCall, 'ok')
    for (const call of this.alsoShutdown) settle(call, 'ok')
  }
}
