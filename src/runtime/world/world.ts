/** The world of a supervisor: the registry of peers, and the order in which a command happens, wholly when its call returns, and is told after that. */
import { createActor, type ActorLogic, type AnyActorScope, type SnapshotFrom } from 'xstate'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { codeOfState, holdsSlot, statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import { codeOfMove, type Move, type TransitionReason } from '../../../machines/domain/transition.ts'
import type { peerMachine, PeerEvent } from '../../../machines/peer-machine.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import type { HeartbeatView } from '../../../machines/policy/heartbeat.ts'
import { excessIdle } from '../../../machines/policy/pooling.ts'
import type { Owner } from '../../../machines/policy/report.ts'
import { dropOptions, isListenedTo, tellListeners } from '../../compile/xstate-internals.ts'
import type { Connection } from '../holds/connection.ts'
import { DeadlineQueue } from '../time/deadline-queue.ts'
import type { DialHost } from '../dialing/dial.ts'
import { DialTurns } from '../peers/dial-turns.ts'
import { asError } from '../errors/failures.ts'
import { farewellOf } from '../errors/farewell.ts'
import { Heartbeats } from '../links/heartbeats.ts'
import type { HoldHost } from '../holds/hold.ts'
import { History } from '../peers/history.ts'
import { IdlePool } from '../peers/idle-pool.ts'
import { KeepAlive } from '../peers/keep-alive.ts'
import type { LinkPort, PortHost } from '../links/link-port.ts'
import type { Meter } from './meter.ts'
import { Observers, type Observer } from '../callbacks/observer.ts'
import { PeerRecord } from '../peers/peer-record.ts'
import { ReceiveBudget } from '../links/receive-budget.ts'
import { Remembered } from '../peers/remembered.ts'
import { RoundTrips } from '../links/round-trips.ts'
import type { Settings } from '../options/settings.ts'
import { Slots } from '../peers/slots.ts'
import { Standings } from '../peers/standing.ts'
import { Streams, type StreamSource } from './streams.ts'
import { Traces } from './traces.ts'
import { Waking } from './waking.ts'

/** The supervisor's side of its own actor. */
export type SupervisorScope = AnyActorScope

/** The logic of a peer's actor. */
export type PeerLogic = ActorLogic<SnapshotFrom<typeof peerMachine>, PeerEvent, { readonly peerId: PeerId }>

/** An effect on the outside: carried out when the machines have settled, as it may call into code of others. */
export type Effect<A> = (world: World, peer: PeerRecord, argument: A) => void

/**
 * Is told of every event just before a machine takes it: the peer's, or, without an id, the supervisor's. With the events
 * a run can be repeated, as the machines are pure.
 */
export type Tap = (peerId: PeerId | undefined, event: PeerEvent | SupervisorEvent) => void

/** What the world asks of the rooms above it. */
export interface WorldHooks {
  peerLogic(world: World): PeerLogic
  hosts(world: World): Hosts
  /** Something threw on behalf of a peer. */
  crashed(peer: PeerRecord, error: Error): void
  /** A peer is forgotten while callers still wait for it. */
  callersLeftOver(peer: PeerRecord): void
  /** The oldest pooled links may be over their TTL, or too many. */
  trimPool(): void
  /** A peer has moved. @param lastedMs how long it was in the status before */
  moved(peer: PeerRecord, move: Move, lastedMs: number): void
  /** What a peer is worth, or who holds it, may have changed. */
  reweighed(peer: PeerRecord): void
  /** A link has died in silence. */
  silent(peer: PeerRecord, view: HeartbeatView): void
  /** A slot is free for whoever waits for one, or a pooled link that yields. */
  slotFreed(): void
  /** The effects of a command have been carried out. */
  settled(): void
  connectionOf(peerId: PeerId): Connection | undefined
}

/** Who is told what dials, links and holds have to say. */
export type Hosts = DialHost<PeerRecord> & PortHost<PeerRecord> & HoldHost<PeerRecord>

/** The registry of peers, what is derived from it as they move, and the order in which things happen. */
export class World implements StreamSource {
  readonly settings: Settings
  readonly meter: Meter
  readonly scope: SupervisorScope
  readonly peers = new Map<PeerId, PeerRecord>()
  readonly slots = new Slots()
  readonly turns: DialTurns
  readonly history = new History()
  readonly remembered: Remembered
  /** What waits for an answer: time that nobody was awake for does not count. */
  readonly deadlines: DeadlineQueue
  /** What is over at its time, whether anybody was awake or not. */
  readonly expiries: DeadlineQueue
  readonly waking: Waking
  readonly pool: IdlePool
  readonly roundTrips: RoundTrips
  readonly heartbeats: Heartbeats<PeerRecord>
  readonly received: ReceiveBudget<LinkPort<PeerRecord>>
  readonly streams: Streams
  readonly standings: Standings
  /** Keeps the process running, where that is asked for. */
  readonly alive: KeepAlive
  limits: Limits
  /** Whom the last event was sent to: mostly whose actor takes one now. */
  addressee: PeerRecord | undefined = undefined
  /** Listens in on the machines, for all who {@link listenIn}; undefined: nobody does. */
  tap: Tap | undefined = undefined
  /** Who {@link observe}s what no stream tells; undefined: nobody does. */
  observer: Observers | undefined = undefined
  /** For tracers of the process; undefined: there can be none. */
  readonly traces: Traces | undefined
  /** Whether everything is being closed, or is. */
  isClosing = false
  /** Since closing began: links that ended by themselves, and links that had to be aborted. */
  closed = 0
  forced = 0
  seq = 0
  readonly hosts: Hosts
  readonly #hooks: WorldHooks
  readonly #peerLogic: PeerLogic
  #depth = 0
  #isCarryingOut = false
  /** What is to be carried out, three places each: the effect, its peer and its argument. A closure each would cost more. */
  readonly #effects: unknown[] = []
  #next = 0
  #taps: readonly Tap[] = []

  constructor(settings: Settings, meter: Meter, scope: SupervisorScope, hooks: WorldHooks) {
    this.settings = settings
    this.meter = meter
    this.scope = scope
    this.#hooks = hooks
    this.hosts = hooks.hosts(this)
    this.#peerLogic = hooks.peerLogic(this)
    this.limits = settings.limits
    this.turns = new DialTurns(settings.maxDialing)
    this.remembered = new Remembered(settings.retention)
    this.deadlines = new DeadlineQueue(settings.clock, 'awake', (lateMs) => this.waking.late(lateMs))
    this.expiries = new DeadlineQueue(settings.clock, 'all')
    this.pool = new IdlePool(this.expiries, () => hooks.trimPool())
    const { clock, heartbeat } = settings
    this.roundTrips = new RoundTrips(clock, this.deadlines, settings.metrics.latencyMs, heartbeat, (ms) => this.roundTrip(ms))
    this.heartbeats = new Heartbeats(heartbeat, clock, this.deadlines, this.roundTrips, (peer, view) => hooks.silent(peer, view))
    this.received = new ReceiveBudget(settings.maxUnfinishedBytes)
    this.streams = new Streams(this, settings.errors)
    this.standings = new Standings(this)
    this.traces = settings.channels === undefined ? undefined : new Traces(settings.channels, (tell) => this.afterwards(tell))
    this.waking = new Waking(this)
    this.alive = new KeepAlive(settings.holdProcess, settings.keepAlive)
  }

  // Order.

  /** Whether a command is under way. */
  get isBusy(): boolean {
    return this.#depth > 0
  }

  /** Begins a command. A `try` follows at once, and its `finally` has the {@link leave}: no command stays open, whatever throws. */
  enter(): void {
    this.#depth++
  }

  /** Ends a command: carries out its effects, then tells what happened. */
  readonly leave = (): void => {
    if (--this.#depth > 0) return
    this.#carryOut()
    this.streams.tell()
    if (!this.streams.isTelling) this.#hooks.settled()
  }

  /**
   * Ends what came about by itself: nobody expects it to have happened wholly when it returns. Within an effect the outer
   * command goes on with what follows from it, as a crowd whose effects follow from each other would use up the stack.
   */
  readonly leaveOrGoOn = (): void => {
    if (this.#depth === 1 && this.#isCarryingOut) this.#depth = 0
    else this.leave()
  }

  /** Gives up a command whose machine threw; its effects wait for the command that replaces the actor. */
  giveUp(): void {
    this.#depth--
  }

  /** Has an effect carried out at the end of the command. What it throws is a crash of that peer. */
  later<A>(peer: PeerRecord, effect: Effect<A>, argument: A): void {
    this.#effects.push(effect, peer, argument)
  }

  /** Has something of no single peer carried out at the end of the command. What it throws is reported. */
  afterwards(effect: () => void): void {
    this.#effects.push(effect, undefined, undefined)
  }

  /** An effect may command: the inner command then carries out what is left of the outer one first. */
  #carryOut(): void {
    const effects = this.#effects
    if (effects.length === 0) return
    const isOuter = !this.#isCarryingOut
    this.#isCarryingOut = true
    while (this.#next < effects.length) {
      const effect = effects[this.#next]
      const peer = effects[this.#next + 1] as PeerRecord | undefined
      const argument = effects[this.#next + 2]
      this.#next += 3
      try {
        if (peer === undefined) (effect as () => void)()
        else (effect as Effect<unknown>)(this, peer, argument)
      } catch (error) {
        this.#effectThrew(peer, error)
      }
    }
    effects.length = this.#next = 0
    if (isOuter) this.#isCarryingOut = false
  }

  /** Nothing that throws may keep the other effects from being carried out, or leave the command open. */
  #effectThrew(peer: PeerRecord | undefined, error: unknown): void {
    try {
      if (peer === undefined) this.settings.errors.report(error, 'effect')
      else this.#hooks.crashed(peer, asError(error))
    } catch (another) {
      this.settings.errors.report(another, 'effect', peer?.peerId)
    }
  }

  /** Tells a tap of every event from here on, beside others that listen; the result ends that. */
  listenIn(tap: Tap): () => void {
    // Each call listens by itself, be it with one tap twice.
    const own: Tap = (peerId, event) => {
      try {
        tap(peerId, event)
      } catch (error) {
        // Within a machine's step it would be taken for a crash of the peer.
        this.settings.errors.report(error, 'inspect')
      }
    }
    this.#taps = [...this.#taps, own]
    this.#connectTaps()
    return () => {
      this.#taps = this.#taps.filter((other) => other !== own)
      this.#connectTaps()
    }
  }

  #connectTaps(): void {
    const taps = this.#taps
    const all: Tap = (peerId, event) => {
      for (const tap of taps) tap(peerId, event)
    }
    this.tap = taps.length < 2 ? taps[0] : all
  }

  /** Tells an observer from here on, beside others; the result ends that. */
  observe(observer: Observer): () => void {
    const { errors } = this.settings
    const replace = (all: readonly Observer[]): void => void (this.observer = all.length === 0 ? undefined : new Observers(all, errors))
    replace([...(this.observer?.all ?? []), observer])
    return () => replace((this.observer?.all ?? []).filter((other) => other !== observer))
  }

  /** A round trip was measured. */
  roundTrip(ms: number): void {
    this.meter.roundTrip(ms)
    if (this.observer !== undefined) this.observer.roundTrip(ms)
  }

  // Peers.

  now(): number {
    return this.settings.clock.now()
  }

  /** What is shown of a moment that {@link now} told. */
  instant(at: number): number {
    return this.settings.clock.instant(at)
  }

  ownerOf(peer: PeerRecord): Owner {
    return peer.ref.getSnapshot().context.owner
  }

  failureOf(peer: PeerRecord): Failure | undefined {
    return peer.ref.getSnapshot().context.failure
  }

  statusOf(peerId: PeerId): ConnectionStatus | undefined {
    const state = this.peers.get(peerId)?.state
    return state === undefined ? undefined : statusOf(state)
  }

  connectionOf(peerId: PeerId): Connection | undefined {
    return this.#hooks.connectionOf(peerId)
  }

  /** The peer of that name, with an actor of its own from now on. */
  known(peerId: PeerId): PeerRecord {
    let peer = this.peers.get(peerId)
    if (peer === undefined) {
      peer = new PeerRecord(peerId, this.#spawn(peerId), this.alive)
      this.peers.set(peerId, peer)
      peer.ref.start()
      dropOptions(peer.ref)
    }
    return peer
  }

  /** Puts a fresh actor in the place of a peer's own. */
  respawn(peer: PeerRecord): void {
    const dead = peer.ref
    peer.ref = this.#spawn(peer.peerId)
    this.scope.stopChild(dead)
    peer.ref.start()
    dropOptions(peer.ref)
  }

  /** Sends an event to a peer's actor, which has processed it when this returns. */
  send(peer: PeerRecord, event: PeerEvent): void {
    this.addressee = peer
    peer.ref.send(event)
  }

  /** Notes what a peer's machine did in one step, and indexes the peer by where it is now. */
  moved(peer: PeerRecord, to: PeerState, at: number, failure: Failure | undefined): void {
    const { told, forgotten } = peer
    peer.told = peer.forgotten = undefined
    if (peer.leaving !== undefined) {
      peer.leaving.farewell = farewellOf(told ?? forgotten)
      peer.leaving = undefined
    }
    if (told !== undefined && (to !== peer.state || told === 'replaced')) this.#move(peer, to, told, at, failure)
    if (forgotten !== undefined) this.#forget(peer, forgotten, at)
  }

  /** Notes that what a peer is worth, or who holds it, may have changed. */
  reweigh(peer: PeerRecord): void {
    this.#hooks.reweighed(peer)
  }

  emit(type: 'peer.transition' | 'peer.move', move: Move): void {
    if (isListenedTo(this.scope.self, type)) this.tellListeners({ type, ...move })
  }

  /** Emits on the supervisor's actor. What a listener throws stops nobody. */
  tellListeners(event: { readonly type: string }): void {
    const failed = (thrown: unknown): void => this.settings.errors.report(thrown, 'listener')
    if (!tellListeners(this.scope.self, event, failed)) this.scope.emit(event)
  }

  nextTick(f: () => void): void {
    this.settings.nextTick(f)
  }

  // `createActor` with a parent keeps the child out of `snapshot.children`, which XState copies at every spawn and stop.
  #spawn(peerId: PeerId): PeerRecord['ref'] {
    return createActor(this.#peerLogic, { parent: this.scope.self, id: peerId, input: { peerId } }) as PeerRecord['ref']
  }

  #forget(peer: PeerRecord, reason: TransitionReason, at: number): void {
    // Only while a link closes, or is checked in the pool, can somebody wait for a peer that is then forgotten.
    const couldWait = peer.state === 'Disconnected.closing' || peer.state === 'Disconnected.pooled'
    this.#move(peer, undefined, reason, at, undefined)
    this.peers.delete(peer.peerId)
    this.addressee = undefined
    this.later(peer, stopActor, undefined)
    if (couldWait && !this.isClosing && (peer.wanted || (peer.callers !== undefined && peer.callers.size > 0)))
      this.#hooks.callersLeftOver(peer)
    peer.kept = false
  }

  #move(peer: PeerRecord, to: PeerState | undefined, reason: TransitionReason, at: number, failure: Failure | undefined): void {
    const fromState = peer.state
    const from = fromState === undefined ? undefined : statusOf(fromState)
    const status = to === undefined ? undefined : statusOf(to)
    // A peer of an earlier run that was not dialled yet is nobody's business: it goes as it came.
    const isTold = fromState !== undefined || to !== undefined
    if (isTold) this.seq++
    const { seq } = this
    const { peerId } = peer
    const shownAt = this.instant(at)
    // Literals: a spread costs several times as much.
    const move: Move =
      status === 'Failed' && failure !== undefined
        ? { seq, at: shownAt, peerId, from, to: status, fromState, toState: to, reason, failure }
        : reason === 'evicted' && peer.eviction !== undefined
          ? { seq, at: shownAt, peerId, from, to: status, fromState, toState: to, reason, eviction: peer.eviction }
          : reason === 'remote-closed' && peer.farewell !== undefined
            ? { seq, at: shownAt, peerId, from, to: status, fromState, toState: to, reason, remoteReason: peer.farewell }
            : { seq, at: shownAt, peerId, from, to: status, fromState, toState: to, reason }
    const hasEnded = endsLink(fromState, to) || reason === 'replaced'
    if (hasEnded) noteEnd(peer, shownAt, reason)
    const lastedMs = at - peer.since
    if (from !== status) peer.since = at
    peer.state = to
    this.slots.moved(fromState, to)
    this.#lineUp(peer, to)
    this.turns.moved(peer, fromState, to)
    if (fromState === 'Connecting.dialing' && this.turns.next !== undefined) this.afterwards(this.#grantTurns)
    const isFreed = fromState !== undefined && holdsSlot(fromState) && (to === undefined || !holdsSlot(to))
    // A pooled link yields to whoever waits: it is a slot that is free.
    if (isFreed || to === 'Disconnected.pooled') this.#hooks.slotFreed()
    this.#hooks.moved(peer, move, lastedMs)
    if (!isTold) return
    if (this.observer !== undefined) this.observer.moved(peer, move)
    // A pool cycle is nothing to trace, and does not even ask.
    const isTraced = hasEnded || fromState === 'Connecting.dialing' || to === 'Connecting.dialing' || reason === 'inbound'
    if (isTraced && this.traces !== undefined) this.traces.moved(peer, move, hasEnded)
    const toCode = codeOfState(to)
    const code = codeOfMove(peer.stateCode, toCode, reason)
    peer.stateCode = toCode
    this.history.add(peer, shownAt, code)
    this.meter.move(shownAt, code)
    this.streams.push(move)
  }

  #lineUp(peer: PeerRecord, to: PeerState | undefined): void {
    peer.line?.remove(peer)
    peer.line = undefined
    peer.place = this.seq
    if (to === 'Disconnected.pooled') {
      this.pool.add(peer, this.limits.poolTimeoutMs)
      if (excessIdle(this.slots.held, this.pool.size, this.limits) > 0) this.afterwards(() => this.#hooks.trimPool())
    } else if ((to === 'Failed' || to === 'Disconnected.closed') && !peer.kept) {
      this.remember(peer)
    }
  }

  /** Has a peer without a link stand in line to be forgotten. */
  remember(peer: PeerRecord): void {
    if (peer.line !== undefined || peer.state === undefined || holdsSlot(peer.state)) return
    if (this.remembered.add(peer)) this.afterwards(this.#forgetOldest)
  }

  /** Takes a peer out of that line: others that come and go must not push it out. */
  keepInMind(peer: PeerRecord): void {
    this.remembered.remove(peer)
  }

  readonly #grantTurns = (): void => {
    this.enter()
    try {
      for (let peer = this.turns.next; peer !== undefined; peer = this.turns.next) this.send(peer, { type: 'turn.granted', at: this.now() })
    } finally {
      this.leaveOrGoOn()
    }
  }

  readonly #forgetOldest = (): void => {
    const oldest = this.remembered.excess
    if (oldest === undefined) return
    this.enter()
    try {
      this.send(oldest, { type: 'memory.full', at: this.now() })
    } finally {
      this.leaveOrGoOn()
    }
  }
}

/** Whether a move takes the link that was there. */
function endsLink(from: PeerState | undefined, to: PeerState | undefined): boolean {
  return (from === 'Connected' || from === 'Disconnected.pooled') && to !== 'Connected' && to !== 'Disconnected.pooled'
}

function noteEnd(peer: PeerRecord, at: number, reason: TransitionReason): void {
  peer.endedAt = at
  peer.endedBy = reason
  if (reason !== 'remote-closed') peer.farewell = undefined
}

const stopActor: Effect<undefined> = (world, peer) => world.scope.stopChild(peer.ref)
