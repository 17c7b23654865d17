/** The world of a supervisor: the registry of its peers, and all that stands beside it for the rooms above. */
import type { ActorLogic, AnyActorScope, SnapshotFrom } from 'xstate'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { statusOf } from '../../../machines/domain/peer-state.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import type { peerMachine, PeerEvent } from '../../../machines/peer-machine.ts'
import type { HeartbeatView } from '../../../machines/policy/heartbeat.ts'
import type { Owner } from '../../../machines/policy/report.ts'
import { createChild } from '../../compile/xstate-child.ts'
import { dropOptions, isListenedTo, tellListeners } from '../../compile/xstate-internals.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'
import type { Connection } from '../holds/connection.ts'
import { DeadlineQueue } from '../time/deadline-queue.ts'
import type { DialHost } from '../dialing/dial.ts'
import { DialTurns } from '../peers/dial-turns.ts'
import { asError } from '../errors/failures.ts'
import { Heartbeats } from '../links/heartbeats.ts'
import type { HoldHost } from '../holds/hold.ts'
import { History } from '../peers/history.ts'
import { IdlePool } from '../peers/idle-pool.ts'
import { KeepAlive } from '../peers/keep-alive.ts'
import type { LinkPort, PortHost } from '../links/link-port.ts'
import type { Meter } from './meter.ts'
import { Observers, type Observer } from '../callbacks/observer.ts'
import { PeerRecord, type PeerRef } from '../peers/peer-record.ts'
import { ReceiveBudget } from '../links/receive-budget.ts'
import { Remembered } from '../peers/remembered.ts'
import { RoundTrips } from '../links/round-trips.ts'
import type { Settings } from '../options/settings.ts'
import { Slots } from '../peers/slots.ts'
import { Standings } from '../peers/standing.ts'
import { CommandOrder } from './command-order.ts'
import { PeerMoves, type MoveHooks } from './peer-moves.ts'
import { Streams, type StreamSource } from './streams.ts'
import { Taps } from './taps.ts'
import type { MoveTraces } from '../callbacks/trace-channels.ts'
import { Waking } from './waking.ts'

/** The supervisor's side of its own actor. */
export type SupervisorScope = AnyActorScope

/** The logic of a peer's actor. */
export type PeerLogic = ActorLogic<SnapshotFrom<typeof peerMachine>, PeerEvent, { readonly peerId: PeerId }>

/** An effect on the outside: carried out when the machines have settled, as it may call into code of others. */
export type Effect<A> = (world: World, peer: PeerRecord, argument: A) => void

/** What the world asks of the rooms above it. */
export interface WorldHooks extends MoveHooks {
  peerLogic(world: World): PeerLogic
  hosts(world: World): Hosts
  /** Something threw on behalf of a peer. */
  crashed(peer: PeerRecord, error: Error): void
  /** What a peer is worth, or who holds it, may have changed. */
  reweighed(peer: PeerRecord): void
  /** A link has died in silence. */
  silent(peer: PeerRecord, view: HeartbeatView): void
  /** The effects of a command have been carried out. */
  settled(): void
  connectionOf(peerId: PeerId): Connection | undefined
}

/** Who is told what dials, links and holds have to say. */
export type Hosts = DialHost<PeerRecord> & PortHost<PeerRecord> & HoldHost<PeerRecord>

/** The registry of peers, what is derived from it as they move, and the order in which things happen. */
export class World extends CommandOrder<PeerRecord> implements StreamSource {
  readonly settings: Settings
  readonly meter: Meter
  readonly scope: SupervisorScope
  /** Not in the order in which they came: a peer that comes back may have the place that it had. */
  readonly peers = new TombstoneMap<PeerId, PeerRecord>()
  readonly slots: Slots
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
  /** Who listens in on the machines. */
  readonly taps: Taps
  /** The moves of the peers, as they are noted. */
  readonly moves: PeerMoves
  /** Who {@link observe}s what no stream tells; undefined: nobody does. */
  observer: Observers | undefined = undefined
  /** For tracers of the process; undefined: there can be none. */
  readonly traces: MoveTraces | undefined
  /** Whether everything is being closed, or is. */
  isClosing = false
  /** Since closing began: links that ended by themselves, and links that had to be aborted. */
  closed = 0
  forced = 0
  readonly hosts: Hosts
  readonly #hooks: WorldHooks
  readonly #peerLogic: PeerLogic
  #knownEver = 0

  constructor(settings: Settings, meter: Meter, scope: SupervisorScope, hooks: WorldHooks) {
    super()
    this.settings = settings
    this.slots = new Slots(settings.fleet === undefined ? Infinity : 0)
    this.meter = meter
    this.scope = scope
    this.#hooks = hooks
    this.taps = new Taps(settings.errors)
    this.moves = new PeerMoves(this, hooks)
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
    this.traces = settings.channels?.traces((tell) => this.afterwards(tell))
    this.waking = new Waking(this)
    this.alive = new KeepAlive(settings.holdProcess, settings.keepAlive)
  }

  protected override carriedOut(): void {
    this.streams.tell()
    if (!this.streams.isTelling) this.#hooks.settled()
  }

  /** Nothing that throws may keep the other effects from being carried out, or leave the command open. */
  protected override effectThrew(peer: PeerRecord | undefined, error: unknown): void {
    try {
      if (peer === undefined) this.settings.errors.report(error, 'effect')
      else this.#hooks.crashed(peer, asError(error))
    } catch (another) {
      this.settings.errors.report(another, 'effect', peer?.peerId)
    }
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

  /** The number of the last move. */
  get seq(): number {
    return this.moves.seq
  }

  /** What is shown of a moment that {@link now} told. */
  instant(at: number): number {
    return this.settings.clock.instant(at)
  }

  /** How many of the slots cannot be had: they are held, or a fleet does not permit them. */
  get taken(): number {
    return this.slots.taken(this.limits.maxConnections)
  }

  ownerOf(peer: PeerRecord): Owner {
    return peer.ref?.getSnapshot().context.owner ?? 'manager'
  }

  failureOf(peer: PeerRecord): Failure | undefined {
    return peer.ref?.getSnapshot().context.failure
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
      const ref = this.#spawn(peerId)
      peer = new PeerRecord(peerId, ref, this.#knownEver++, this.alive)
      this.peers.set(peerId, peer)
      ref.start()
      dropOptions(ref)
    }
    return peer
  }

  /** Puts a fresh actor in the place of a peer's own. */
  respawn(peer: PeerRecord): void {
    const dead = peer.ref
    const ref = this.#spawn(peer.peerId)
    peer.ref = ref
    if (dead !== undefined) this.scope.stopChild(dead)
    ref.start()
    dropOptions(ref)
  }

  /** Sends an event to a peer's actor, which has processed it when this returns. */
  send(peer: PeerRecord, event: PeerEvent): void {
    this.addressee = peer
    peer.ref?.send(event)
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

  // A child that is not spawned stays out of `snapshot.children`, which XState copies at every spawn and stop.
  #spawn(peerId: PeerId): PeerRef {
    return createChild(this.#peerLogic, this.scope.self, peerId, { peerId })
  }
}
