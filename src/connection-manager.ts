/** The face checks what it is given and hands it on; it knows no rule of its own. */
/// <reference lib="esnext.disposable" preserve="true" />
import { createActor, type ActorRefFrom, type AnyActorRef } from 'xstate'
import type { Observable } from 'rxjs'
import { assertStatus, type ConnectionStatus } from '../machines/domain/connection-status.ts'
import { assertDuration, type Limits } from '../machines/domain/limits.ts'
import { assertKnown, type Known } from '../machines/domain/options.ts'
import { assertPeerId, isWellFormed, type PeerId } from '../machines/domain/peer-id.ts'
import type { Transition } from '../machines/domain/transition.ts'
import { SELECTION_STRATEGIES, type SelectionStrategy } from '../machines/policy/selection.ts'
import type { NetworkMetrics } from './metrics/network-metrics.ts'
import type { Connection } from './runtime/holds/connection.ts'
import { explainPeer, type Explanation } from './runtime/supervisor/explanation.ts'
import type { ReportedFailure } from './runtime/errors/failures.ts'
import { readAddresses } from './runtime/options/given-addresses.ts'
import { assertBoolean, assertObject, assertPriority, assertSignal } from './runtime/options/given-options.ts'
import { checkKeep } from './runtime/keeping/keep-options.ts'
import type { KeepOptions, KeptPeer } from './runtime/keeping/kept-peer.ts'
import { explainSupervisor, type SupervisorExplanation } from './runtime/supervisor/overview.ts'
import type { PeerRef } from './runtime/peers/peer-record.ts'
import { stoppedError } from './runtime/errors/refusals.ts'
import { viewPeer, type PeerView } from './runtime/actors/peer-view.ts'
import type { SavedState } from './runtime/options/saved-state.ts'
import { MANAGER_OPTIONS } from './runtime/options/check-options.ts'
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from './runtime/options/defaults.ts'
import type { ManagerOptions } from './runtime/options/options.ts'
import type { Standings } from './runtime/peers/standing.ts'
import type { ShutdownReport } from './runtime/supervisor/shutdown.ts'
import type { ConnectOptions } from './runtime/options/connect-options.ts'
import type { WarmUpReport } from './runtime/pool/warm-ups.ts'
import { guardInspection, type SupervisorLogic } from './runtime/supervisor/supervisor-actor.ts'
import { createSupervisorLogic, runningOn, type Running } from './supervisor-logic.ts'
import type { Listener } from './transports/transport.ts'

/** A message that the app moved over a link of its own. @since 0.1.0 */
export interface RecordedMessage {
  /** Its size in bytes. @default 0 */
  readonly bytes?: number
  /** A round trip that was measured, in milliseconds. @default none */
  readonly latencyMs?: number
}

const CONNECT_OPTIONS = {
  signal: true,
  priority: true,
  keep: true,
  keepAlive: true,
  addresses: true,
} as const satisfies Known<ConnectOptions>
const DISCONNECT_OPTIONS = { pool: true } as const
const STATUS_OPTIONS = { failure: true } as const
const TAG_OPTIONS = { ttlMs: true } as const
const MESSAGE_OPTIONS = { bytes: true, latencyMs: true } as const satisfies Known<RecordedMessage>
const SHUTDOWN_OPTIONS = { timeoutMs: true } as const

/** A supervisor's actor. @since 0.1.0 */
export type SupervisorRef = ActorRefFrom<SupervisorLogic>

/**
 * Opens, shares, pools, limits and watches the connections of one process to its peers.
 *
 * Inside one thread every command is atomic: it has happened, wholly, when the call returns. What it changed is told to
 * the streams in order, after what they are being told already.
 *
 * @since 0.1.0
 * @example
 * const manager = new ConnectionManager(100, { transport: tcp() })
 * const connection = await manager.connect('tcp://127.0.0.1:7000')
 * connection.send(new TextEncoder().encode('hello'))
 * await connection.release()
 * await manager.shutdown()
 */
export class ConnectionManager implements AsyncDisposable {
  /** The XState actor of the supervisor, to send events to, subscribe to, or inspect. */
  readonly supervisor: SupervisorRef
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

  /**
   * @param maxConnections the most links held at one time: an integer >= 1
   * @throws TypeError or RangeError that names the argument or the option
   */
  constructor(maxConnections: number, options?: ManagerOptions)
  /** For {@link from}. */
  constructor(adopted: Adopted)
  constructor(maxConnections: number | Adopted, options: ManagerOptions = {}) {
    if (maxConnections instanceof Adopted) {
      this.supervisor = maxConnections.ref
      this.#running = maxConnections.running
    } else {
      assertObject('options', options)
      assertKnown('', options, MANAGER_OPTIONS)
      const { inspect, ...rest } = options
      if (inspect !== undefined && typeof inspect !== 'function') assertObject('inspect', inspect)
      const logic = createSupervisorLogic({ ...rest, maxConnections })
      // The first events come before the actor runs: what is wrong with them is told once it does.
      const failed = (thrown: unknown): void =>
        queueMicrotask(() => runningOn(this.supervisor)?.supervisor.world.settings.errors.report(thrown, 'inspect'))
      const watched = inspect === undefined ? {} : { inspect: guardInspection(inspect, failed) }
      this.supervisor = createActor(logic, { id: 'supervisor', ...watched }).start()
      this.#running = adopt(this.supervisor)
    }
    const { supervisor, metrics } = this.#running
    const { streams } = supervisor.world
    this.transitions$ = streams.transitions.observable
    this.changes$ = streams.changes.observable
    this.connections$ = streams.connections.observable
    this.messages$ = supervisor.links.messages$
    this.metrics$ = metrics.metrics$
  }

  /** A manager whose pooled links wait `poolTimeoutMs` milliseconds for reuse. */
  static withPoolTimeout(maxConnections: number, poolTimeoutMs: number, options: ManagerOptions = {}): ConnectionManager {
    assertObject('options', options)
    return new ConnectionManager(maxConnections, { ...options, poolTimeoutMs })
  }

  /**
   * A manager of a supervisor that is already running, for example one that an app's machine has invoked.
   *
   * @throws TypeError when the actor runs no supervisor, or has not been started
   */
  static from(actorRef: AnyActorRef): ConnectionManager {
    assertObject('actorRef', actorRef)
    return new ConnectionManager(new Adopted(actorRef as SupervisorRef, adopt(actorRef)))
  }

  /**
   * Connects to a peer: at once where it is Connected or pooled, else by dialing its addresses in order. Each call gives
   * a connection of its own, a hold on the peer's one link; release it when it is not needed any more.
   *
   * Rejects with a ConnectionError (`ERR_MAX_CONNECTIONS`, `ERR_CONNECT_TIMEOUT`, `ERR_DIAL_FAILED`, `ERR_NO_ADDRESS`,
   * `ERR_NO_TRANSPORT`, `ERR_IDENTITY_MISMATCH`, `ERR_DISCONNECTED`, `ERR_INVALID_TRANSITION`, `ERR_DENIED`, `ERR_STOPPED`),
   * or with the reason of `signal`.
   *
   * @example
   * const connection = await manager.connect('tcp://127.0.0.1:7000', { signal: AbortSignal.timeout(5_000) })
   */
  connect(peerId: PeerId, options: ConnectOptions = {}): Promise<Connection> {
    try {
      assertPeerId(peerId)
      assertObject('options', options)
      assertKnown('', options, CONNECT_OPTIONS)
      // Read once: what was checked is what is used.
      const { signal, priority, keep, keepAlive, addresses } = options
      assertSignal(signal)
      assertPriority(priority)
      assertBoolean('keep', keep)
      assertBoolean('keepAlive', keepAlive)
      if (keepAlive === true && keep !== true) throw new TypeError('keepAlive needs keep: true')
      if (addresses !== undefined && !Array.isArray(addresses)) throw new TypeError('addresses must be an array of URLs')
      const read = addresses === undefined ? undefined : readAddresses('addresses', addresses)
      const { supervisor } = this.#running
      if (keep === true) supervisor.keeps.asked(peerId)
      const kept = keepAlive === true ? 'alive' : keep
      const { channels } = supervisor.world.settings
      if (channels !== undefined && channels.connect.hasSubscribers) {
        return channels.connect.tracePromise(() => supervisor.connect(peerId, signal, priority, kept, read), { peerId })
      }
      return supervisor.connect(peerId, signal, priority, kept, read)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Keeps a peer, and gives a handle that lives across its links: it sends and reads over whichever link the peer has, is
   * told of outages by its status, and is good until it is released. The peer is dialled in the background, and again
   * whenever it is lost, as with `connect(peerId, { keep: true })`: what keeps it from being reached now is shown by
   * {@link explain}, and never thrown.
   *
   * @throws TypeError or RangeError that names the argument; ConnectionError `ERR_STOPPED`; the reason of an aborted `signal`
   * @since 0.2.0
   * @example
   * const kept = manager.keep('tcp://127.0.0.1:7000')
   * await kept.connected()
   */
  keep(peerId: PeerId, options: KeepOptions = {}): KeptPeer {
    assertPeerId(peerId)
    return this.#running.supervisor.keeps.keep(peerId, checkKeep(options))
  }

  /**
   * Opens links into the pool in advance, so that a later {@link connect} finds them there: as many as there are spare
   * slots for, and none that would make another link yield. They are dialled behind everything that somebody waits for.
   *
   * Resolves when each peer is opened, skipped or has failed, and says which and why; a TypeError or RangeError names a
   * wrong argument, a ConnectionError `ERR_STOPPED` that the manager is shut down.
   */
  async warm(peerIds: Iterable<PeerId>): Promise<WarmUpReport> {
    if (typeof peerIds !== 'object' || typeof (peerIds as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
      throw new TypeError('peerIds must be an iterable of peer ids')
    }
    const wanted = new Set(peerIds)
    for (const peerId of wanted) assertPeerId(peerId)
    const { supervisor } = this.#running
    if (!supervisor.isAccepting) throw stoppedError('open links in advance', undefined)
    return supervisor.warmUps.open(wanted)
  }

  /**
   * Dials a peer that pauses before its next attempt now, and counts its attempts from zero; without an id, every such
   * peer. A peer that does not pause is left alone.
   */
  retryNow(peerId?: PeerId): void {
    if (peerId !== undefined) assertPeerId(peerId)
    this.#running.supervisor.retryNow(peerId)
  }

  /**
   * Ends all holds on a peer. A link that we opened waits in the pool for reuse, or is closed; one that the other side
   * opened is closed. Resolves when that is done. A peer without a link is forgotten; an unknown one is none.
   *
   * @param options `pool: false` closes the link, pooled ones too; `pool: true` pools it, whoever opened it. @default true for a link that we opened
   */
  disconnect(peerId: PeerId, options: { readonly pool?: boolean } = {}): Promise<void> {
    try {
      assertPeerId(peerId)
      assertObject('options', options)
      assertKnown('', options, DISCONNECT_OPTIONS)
      const { pool } = options
      assertBoolean('pool', pool)
      return this.#running.supervisor.disconnect(peerId, pool)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Reports the status of a link that the app owns. A peer whose link is this manager's can only be reported
   * `Disconnected` or `Failed`, which aborts the link.
   *
   * Rejects with a ConnectionError (`ERR_MAX_CONNECTIONS`, `ERR_INVALID_TRANSITION`, `ERR_STOPPED`).
   *
   * @param options `failure` says why it is `Failed`
   */
  async updateStatus(peerId: PeerId, status: ConnectionStatus, options: { readonly failure?: ReportedFailure } = {}): Promise<void> {
    assertPeerId(peerId)
    assertStatus(status)
    assertObject('options', options)
    assertKnown('', options, STATUS_OPTIONS)
    const { failure } = options
    if (failure !== undefined) assertObject('failure', failure)
    const refusal = this.#running.supervisor.reports.report(peerId, status, failure)
    if (refusal !== undefined) throw refusal
  }

  /** Reports many at once: all of them, or, where one cannot be, none. Rejects as {@link updateStatus} does. */
  async updateStatuses(entries: Iterable<readonly [PeerId, ConnectionStatus]>): Promise<void> {
    const refusal = this.#running.supervisor.reports.reportAll(checkEntries(entries))
    if (refusal !== undefined) throw refusal
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

  /**
   * Changes limits. Lowering aborts pooled links, keeps Connected ones, and admits nothing until there are fewer.
   *
   * @throws TypeError or RangeError that names the limit; ConnectionError `ERR_STOPPED`
   */
  setLimits(limits: Partial<Limits>): void {
    assertObject('limits', limits)
    this.#running.supervisor.setLimits(limits)
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
   * Says what a peer is worth: `value` under this name, in place of what the name stood for before. A peer may be tagged
   * before it is connected, and keeps its tags when it is forgotten; of unknown peers without protection the tags of the
   * 10_000 tagged or forgotten latest are kept. A peer's score is the sum of its tags, unless the option `score` says else.
   *
   * @param options `ttlMs`: the tag goes by itself after so many milliseconds
   * @throws TypeError or RangeError that names the argument; ConnectionError `ERR_STOPPED`
   * @example
   * manager.tag('tcp://127.0.0.1:7000', 'useful', 10, { ttlMs: 60_000 })
   */
  tag(peerId: PeerId, name: string, value: number, options: { readonly ttlMs?: number } = {}): void {
    assertPeerId(peerId)
    assertName(name)
    assertValue(value)
    assertObject('options', options)
    assertKnown('', options, TAG_OPTIONS)
    const { ttlMs } = options
    if (ttlMs !== undefined) assertDuration('ttlMs', ttlMs, 0)
    this.#accepting('tag a peer').tag(peerId, name, value, ttlMs)
  }

  /** Takes a tag away; one that is not there is none. */
  untag(peerId: PeerId, name: string): void {
    assertPeerId(peerId)
    assertName(name)
    this.#accepting('untag a peer').untag(peerId, name)
  }

  /**
   * Protects a peer from eviction. Counted by name: each call is taken back by one {@link unprotect} of that name. It
   * outlives the peer, for as long as it is not taken back.
   *
   * @example
   * manager.protect('tcp://127.0.0.1:7000', 'relay')
   */
  protect(peerId: PeerId, name: string): void {
    assertPeerId(peerId)
    assertName(name)
    this.#accepting('protect a peer').protect(peerId, name)
  }

  /** Takes one protection back; says whether the peer is still protected. */
  unprotect(peerId: PeerId, name: string): boolean {
    assertPeerId(peerId)
    assertName(name)
    return this.#accepting('unprotect a peer').unprotect(peerId, name)
  }

  /**
   * Picks one of these peers among those that are Connected; undefined: none is. Like {@link get}, what it gives keeps
   * nothing open. Equals take turns.
   *
   * @throws TypeError that names the argument, and whatever a strategy of yours throws
   */
  select(peerIds: Iterable<PeerId>, strategy: SelectionStrategy): Connection | undefined {
    if (typeof (peerIds as Iterable<unknown> | undefined | null)?.[Symbol.iterator] !== 'function' || typeof peerIds === 'string') {
      throw new TypeError('peerIds must be an iterable of peer ids')
    }
    const ids = [...peerIds]
    for (const peerId of ids) assertPeerId(peerId)
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

  /** Every known peer, as of the moment it is reached. */
  *peers(): Generator<PeerView, void, undefined> {
    const { world } = this.#running.supervisor
    for (const peer of world.peers.values()) {
      const view = viewPeer(world, peer)
      if (view !== undefined) yield view
    }
  }

  /**
   * Counts a message on a link that the app owns; of an unknown peer it is ignored.
   *
   * @throws TypeError or RangeError that names the argument
   */
  recordMessage(peerId: PeerId, message: RecordedMessage = {}): void {
    assertPeerId(peerId)
    assertObject('message', message)
    assertKnown('', message, MESSAGE_OPTIONS)
    const { bytes = 0, latencyMs } = message
    assertAmount('bytes', bytes)
    if (latencyMs !== undefined) assertDuration('latencyMs', latencyMs, 0)
    this.#running.supervisor.reports.record(peerId, bytes, latencyMs)
  }

  /**
   * Listens for peers until the listener is closed or the manager is shut down.
   *
   * Rejects with a ConnectionError (`ERR_NO_TRANSPORT`, `ERR_LISTEN_FAILED`, `ERR_STOPPED`).
   *
   * @param address a URL; port 0 takes any free one, which the listener's address then names
   * @example
   * const listener = await manager.listen('tcp://127.0.0.1:0')
   * console.log(listener.address.port)
   */
  listen(address: string | URL): Promise<Listener> {
    return this.#running.supervisor.listeners.listen(address)
  }

  /** A peer's status: the present one at once, then each other one. It costs the other peers nothing. */
  status$(peerId: PeerId): Observable<ConnectionStatus | undefined> {
    assertPeerId(peerId)
    return this.#running.supervisor.world.streams.status(peerId)
  }

  /**
   * Takes no new work (`ERR_STOPPED`), ends the connects that wait, closes every listener, what is pooled, and the peers
   * that came by themselves and that no `connect` holds: they are told `shutdown`. Connections in use may finish: a link
   * is closed when its last hold is given back, and where `timeoutMs` is given at the latest after that. Each close is aborted after
   * `closeTimeoutMs`. Resolves when no link is left. Idempotent; of several timeouts the one that ends first counts.
   * Follow with {@link shutdown}.
   *
   * @param options `timeoutMs` in milliseconds. @default Infinity: what is in use may take as long as it likes
   */
  async drain(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    assertObject('options', options)
    assertKnown('', options, SHUTDOWN_OPTIONS)
    const { timeoutMs = Infinity } = options
    if (timeoutMs !== Infinity) assertDuration('timeoutMs', timeoutMs, 0)
    return this.#running.supervisor.ending.drain(timeoutMs)
  }

  /**
   * Ends everything: takes no new work, closes every link in order and in parallel, and aborts after `timeoutMs` what is
   * left. A second call gives the first one's outcome. Reads answer afterwards.
   *
   * @param options `timeoutMs` in milliseconds. @default 5_000
   */
  async shutdown(options: { readonly timeoutMs?: number } = {}): Promise<ShutdownReport> {
    assertObject('options', options)
    assertKnown('', options, SHUTDOWN_OPTIONS)
    const { timeoutMs = DEFAULT_SHUTDOWN_TIMEOUT_MS } = options
    assertDuration('timeoutMs', timeoutMs, 0)
    return this.#running.supervisor.ending.shutdown(timeoutMs)
  }

  #accepting(command: string): Standings {
    const { supervisor } = this.#running
    if (!supervisor.isAccepting) throw stoppedError(command, undefined)
    return supervisor.world.standings
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }
}

/** A supervisor that is already running, and its actor. */
class Adopted {
  readonly ref: SupervisorRef
  readonly running: Running

  constructor(ref: SupervisorRef, running: Running) {
    this.ref = ref
    this.running = running
  }
}

function adopt(ref: AnyActorRef): Running {
  const running = runningOn(ref)
  if (running === undefined) throw new TypeError('actorRef must be a started actor of createSupervisorLogic()')
  return running
}

function checkEntries(entries: unknown): readonly (readonly [PeerId, ConnectionStatus])[] {
  if (typeof (entries as Iterable<unknown> | undefined | null)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('entries must be an iterable of [peerId, status]')
  }
  return Array.from(entries as Iterable<unknown>, (entry) => {
    if (!Array.isArray(entry)) throw new TypeError('entries must hold [peerId, status] pairs')
    const [peerId, status] = entry as unknown[]
    assertPeerId(peerId)
    assertStatus(status)
    return [peerId, status] as const
  })
}

function assertName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${name === null ? 'null' : typeof name}`)
  if (!isWellFormed(name)) throw new RangeError('name must be well-formed Unicode: it has a lone surrogate')
}

function assertValue(value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`value must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`value must be a number within ±2^53 - 1, got ${value}`)
}

function assertAmount(name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}`)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be a finite number >= 0, got ${value}`)
}
