/** The moves of peers: each is indexed where its peer is now, told to the rooms, and then to the streams. */
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { PeerEvent } from '../../../machines/peer-machine.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import { moveKind, type MoveKind } from '../../../machines/domain/move-kind.ts'
import { holdsSlot, NO_STATE } from '../../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../../machines/domain/transition.ts'
import { excessIdle } from '../../../machines/policy/pooling.ts'
import { farewellOf } from '../errors/farewell.ts'
import type { TombstoneMap } from '../collections/tombstone-map.ts'
import type { Observers } from '../callbacks/observer.ts'
import type { DialTurns } from '../peers/dial-turns.ts'
import type { History } from '../peers/history.ts'
import type { IdlePool } from '../peers/idle-pool.ts'
import type { PeerRecord, PeerRef } from '../peers/peer-record.ts'
import type { Remembered } from '../peers/remembered.ts'
import type { Slots } from '../peers/slots.ts'
import type { CommandOrder } from './command-order.ts'
import type { Meter } from './meter.ts'
import type { Streams } from './streams.ts'
import type { MoveTraces } from '../callbacks/trace-channels.ts'

/** What is indexed as peers move. */
export interface MovedWorld extends CommandOrder<PeerRecord> {
  readonly scope: { stopChild(child: PeerRef): void }
  readonly meter: Meter
  readonly peers: TombstoneMap<PeerId, PeerRecord>
  readonly slots: Slots
  /** How many of the slots cannot be had: they are held, or a fleet does not permit them. */
  readonly taken: number
  readonly turns: DialTurns
  readonly history: History
  readonly remembered: Remembered
  readonly pool: IdlePool
  readonly streams: Streams
  readonly traces: MoveTraces | undefined
  readonly observer: Observers | undefined
  readonly limits: Limits
  readonly isClosing: boolean
  addressee: PeerRecord | undefined
  now(): number
  instant(at: number): number
  send(peer: PeerRecord, event: PeerEvent): void
}

/** What moves ask of the rooms above. */
export interface MoveHooks {
  /** A peer is forgotten while callers still wait for it. */
  callersLeftOver(peer: PeerRecord): void
  /** The oldest pooled links may be over their TTL, or too many. */
  trimPool(): void
  /** A peer has moved. @param lastedMs how long it was in the status before */
  moved(peer: PeerRecord, kind: MoveKind, move: Move, lastedMs: number): void
  /** A slot is free for whoever waits for one, or a pooled link that yields. */
  slotFreed(): void
}

/** Notes the moves of one world. */
export class PeerMoves {
  /** The number of the last move. */
  seq = 0
  readonly #world: MovedWorld
  readonly #hooks: MoveHooks

  constructor(world: MovedWorld, hooks: MoveHooks) {
    this.#world = world
    this.#hooks = hooks
  }

  /** Notes what a peer's machine did in one step, and indexes the peer by where it is now. @param to a code of `codeOfState` */
  moved(peer: PeerRecord, to: number, at: number, failure: Failure | undefined): void {
    const { told, forgotten } = peer
    peer.told = peer.forgotten = undefined
    if (peer.leaving !== undefined) {
      peer.leaving.farewell = farewellOf(told ?? forgotten)
      peer.leaving = undefined
    }
    if (told !== undefined && (to !== peer.stateCode || told === 'replaced'))
      this.#move(peer, moveKind(peer.stateCode, to, told), at, failure)
    if (forgotten !== undefined) this.#forget(peer, forgotten, at)
  }

  #forget(peer: PeerRecord, reason: TransitionReason, at: number): void {
    const world = this.#world
    // Only while a link closes, or is checked in the pool, can somebody wait for a peer that is then forgotten.
    const couldWait = peer.state === 'Disconnected.closing' || peer.state === 'Disconnected.pooled'
    this.#move(peer, moveKind(peer.stateCode, NO_STATE, reason), at, undefined)
    world.peers.delete(peer.peerId)
    world.addressee = undefined
    world.later(peer, stopActor, undefined)
    if (couldWait && !world.isClosing && (peer.wanted || (peer.callers !== undefined && peer.callers.size > 0)))
      this.#hooks.callersLeftOver(peer)
    peer.kept = false
  }

  #move(peer: PeerRecord, kind: MoveKind, at: number, failure: Failure | undefined): void {
    const world = this.#world
    // A peer of an earlier run that was not dialled yet is nobody's business: it goes as it came.
    if (kind.isKnown) this.seq++
    const shownAt = world.instant(at)
    const move = recordOf(this.seq, shownAt, peer, kind, failure)
    if (kind.endsLink) noteEnd(peer, shownAt, kind.reason)
    const lastedMs = at - peer.since
    if (kind.isTransition) peer.since = at
    peer.state = kind.toState
    peer.stateCode = kind.toCode
    if (kind.slots !== 0) world.slots.changed(kind.slots)
    this.#lineUp(peer, kind)
    if (kind.concernsDials) this.#dialsChanged(peer, kind)
    if (kind.givesRoom) this.#hooks.slotFreed()
    this.#hooks.moved(peer, kind, move, lastedMs)
    if (!kind.isKnown) return
    if (world.observer !== undefined) world.observer.moved(peer, move)
    // A pool cycle is nothing to trace, and does not even ask.
    if (world.traces !== undefined && (kind.endsLink || kind.concernsDials || kind.reason === 'inbound'))
      world.traces.moved(peer, move, kind.endsLink)
    world.history.add(peer, shownAt, kind.code)
    world.meter.move(shownAt, kind.code)
    world.streams.push(move)
  }

  #dialsChanged(peer: PeerRecord, { fromState, toState }: MoveKind): void {
    const world = this.#world
    world.turns.moved(peer, fromState, toState)
    if (fromState === 'Connecting.dialing' && world.turns.next !== undefined) world.afterwards(this.#grantTurns)
  }

  #lineUp(peer: PeerRecord, { toState }: MoveKind): void {
    const world = this.#world
    if (peer.line !== undefined) peer.line.remove(peer)
    peer.line = undefined
    peer.place = this.seq
    if (toState === 'Disconnected.pooled') {
      world.pool.add(peer, world.limits.poolTimeoutMs)
      if (excessIdle(world.taken, world.pool.size, world.limits) > 0) world.afterwards(() => this.#hooks.trimPool())
    } else if ((toState === 'Failed' || toState === 'Disconnected.closed') && !peer.kept) {
      this.remember(peer)
    }
  }

  /** Has a peer without a link stand in line to be forgotten. */
  remember(peer: PeerRecord): void {
    if (peer.line !== undefined || peer.state === undefined || holdsSlot(peer.state)) return
    if (this.#world.remembered.add(peer)) this.#world.afterwards(this.#forgetOldest)
  }

  /** Takes a peer out of that line: others that come and go must not push it out. */
  keepInMind(peer: PeerRecord): void {
    this.#world.remembered.remove(peer)
  }

  readonly #grantTurns = (): void => {
    const world = this.#world
    world.enter()
    try {
      for (let peer = world.turns.next; peer !== undefined; peer = world.turns.next)
        world.send(peer, { type: 'turn.granted', at: world.now() })
    } finally {
      world.leaveOrGoOn()
    }
  }

  readonly #forgetOldest = (): void => {
    const world = this.#world
    const oldest = world.remembered.excess
    if (oldest === undefined) return
    world.enter()
    try {
      world.send(oldest, { type: 'memory.full', at: world.now() })
    } finally {
      world.leaveOrGoOn()
    }
  }
}

/** What is told of a move. Literals: a spread costs several times as much. */
function recordOf(seq: number, at: number, peer: PeerRecord, kind: MoveKind, failure: Failure | undefined): Move {
  const { peerId } = peer
  const { from, to, fromState, toState, reason } = kind
  if (kind.tells !== undefined) {
    if (kind.tells === 'failure' && failure !== undefined) return { seq, at, peerId, from, to, fromState, toState, reason, failure }
    const { eviction, farewell } = peer
    if (kind.tells === 'eviction' && eviction !== undefined) return { seq, at, peerId, from, to, fromState, toState, reason, eviction }
    if (kind.tells === 'remoteReason' && farewell !== undefined)
      return { seq, at, peerId, from, to, fromState, toState, reason, remoteReason: farewell }
  }
  return { seq, at, peerId, from, to, fromState, toState, reason }
}

function noteEnd(peer: PeerRecord, at: number, reason: TransitionReason): void {
  peer.endedAt = at
  peer.endedBy = reason
  if (reason !== 'remote-closed') peer.farewell = undefined
}

const stopActor = (world: MovedWorld, peer: PeerRecord): void => {
  if (peer.ref !== undefined) world.scope.stopChild(peer.ref)
  peer.ref = undefined
}
