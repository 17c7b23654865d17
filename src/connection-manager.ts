/** The connection manager, the face of a supervisor: it checks what it is given and hands it on, and knows no rule of its own. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { AnyActorRef } from 'xstate'
import { assertDuration, type Limits } from '../machines/domain/limits.ts'
import { assertKnown } from '../machines/domain/options.ts'
import { assertPeerId, type PeerId } from '../machines/domain/peer-id.ts'
import { assertConnect, CONNECT_OPTIONS, NO_OPTIONS, DISCONNECT_OPTIONS, readPeerIds, SHUTDOWN_OPTIONS } from './manager-arguments.ts'
import { ManagerReports } from './manager-reports.ts'
import { stoppedError } from './runtime/errors/refusals.ts'
import type { Connection } from './runtime/holds/connection.ts'
import { checkKeep } from './runtime/keeping/keep-options.ts'
import type { KeepOptions, KeptPeer } from './runtime/keeping/kept-peer.ts'
import type { ConnectOptions } from './runtime/options/connect-options.ts'
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from './runtime/options/defaults.ts'
import { readAddresses } from './runtime/options/given-addresses.ts'
import { assertBoolean, assertObject } from './runtime/options/given-options.ts'
import type { ManagerOptions } from './runtime/options/options.ts'
import type { WarmUpReport } from './runtime/pool/warm-ups.ts'
import type { ShutdownReport } from './runtime/supervisor/shutdown.ts'
import { adopt, Adopted, started, type SupervisorRef } from './started-supervisor.ts'
import type { Running } from './supervisor-logic.ts'
import type { Listener } from './transports/transport.ts'

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
export class ConnectionManager extends ManagerReports implements AsyncDisposable {
  /** The XState actor of the supervisor, to send events to, subscribe to, or inspect. */
  readonly supervisor: SupervisorRef
  readonly #running: Running

  /**
   * @param maxConnections the most links held at one time: an integer >= 1
   * @throws TypeError or RangeError that names the argument or the option
   */
  constructor(maxConnections: number, options?: ManagerOptions)
  /** For {@link from}. */
  constructor(adopted: Adopted)
  constructor(maxConnections: number | Adopted, options: ManagerOptions = {}) {
    const { ref, running } = maxConnections instanceof Adopted ? maxConnections : started(maxConnections, options)
    super(running)
    this.supervisor = ref
    this.#running = running
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
    return new ConnectionManager(adopt(actorRef))
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
  connect(peerId: PeerId, options: ConnectOptions = NO_OPTIONS): Promise<Connection> {
    const { supervisor } = this.#running
    const { channels } = supervisor.world.settings
    const isTraced = channels !== undefined && channels.connect.hasSubscribers
    try {
      // The common call has nothing to check but an id that is new, and that is done there.
      if (options === NO_OPTIONS && !isTraced) return supervisor.connects.connect(peerId, undefined)
      assertPeerId(peerId)
      assertObject('options', options)
      assertKnown('', options, CONNECT_OPTIONS)
      // Read once: what was checked is what is used.
      const { signal, priority, keep, keepAlive, addresses } = options
      assertConnect({ signal, priority, keep, keepAlive, addresses })
      const read = addresses === undefined ? undefined : readAddresses('addresses', addresses)
      if (keep === true) supervisor.keeps.asked(peerId)
      const kept = keepAlive === true ? 'alive' : keep
      if (isTraced) {
        return channels.connect.tracePromise(() => supervisor.connects.connect(peerId, signal, priority, kept, read), { peerId })
      }
      return supervisor.connects.connect(peerId, signal, priority, kept, read)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Connects to a peer whose link is there: at once and without a promise where it is Connected or pooled. What is given is
   * a hold, as {@link connect} gives; release it. Undefined: there is no link, it must show first that it lives, or the
   * manager takes no new work; `connect` then waits, dials or says why not.
   *
   * @throws TypeError or RangeError that names the argument
   * @since 0.2.0
   * @example
   * const connection = manager.tryConnect('tcp://127.0.0.1:7000') ?? (await manager.connect('tcp://127.0.0.1:7000'))
   */
  tryConnect(peerId: PeerId): Connection | undefined {
    return this.#running.supervisor.connects.tryConnect(peerId)
  }

  /**
   * Holds a peer's link for the length of a call, and gives it back whatever happens. Resolves and rejects as `f` does, once
   * the hold is given back; rejects as {@link connect} does where there is no link.
   *
   * @param options as those of `connect`
   * @since 0.2.0
   * @example
   * const sent = await manager.use('tcp://127.0.0.1:7000', (connection) => connection.send(new TextEncoder().encode('hello')))
   */
  async use<T>(peerId: PeerId, f: (connection: Connection) => T | PromiseLike<T>, options: ConnectOptions = NO_OPTIONS): Promise<T> {
    if (typeof f !== 'function') throw new TypeError(`f must be a function, got ${f === null ? 'null' : typeof f}`)
    const linked = options === NO_OPTIONS ? this.tryConnect(peerId) : undefined
    const connection = linked ?? (await this.connect(peerId, options))
    try {
      return await f(connection)
    } finally {
      await connection.release()
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
    const wanted = new Set(readPeerIds(peerIds))
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
  disconnect(peerId: PeerId, options: { readonly pool?: boolean } = NO_OPTIONS): Promise<void> {
    try {
      if (options === NO_OPTIONS) return this.#running.supervisor.disconnect(peerId, undefined)
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
   * Changes limits. Lowering aborts pooled links, keeps Connected ones, and admits nothing until there are fewer.
   *
   * @throws TypeError or RangeError that names the limit; ConnectionError `ERR_STOPPED`
   */
  setLimits(limits: Partial<Limits>): void {
    assertObject('limits', limits)
    this.#running.supervisor.setLimits(limits)
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }
}
