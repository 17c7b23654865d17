/** Keeps one thing true: every command reaches the machines in one way, and what they refuse comes back as one error. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { checkLimits, type Limits } from '../../machines/domain/limits.ts'
import { MAX_PEER_ID_LENGTH, unprovenPeerId, type PeerId } from '../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import type { AdmissionView } from '../../machines/policy/admission.ts'
import { arrivingWins, type Direction } from '../../machines/policy/duel.ts'
import { excessIdle, poolsLinks } from '../../machines/policy/pooling.ts'
import { decideReport } from '../../machines/policy/report.ts'
import type { SupervisorEvent } from '../../machines/supervisor-machine.ts'
import { ConnectionError } from '../errors.ts'
import type { Link, Transport } from '../transports/transport.ts'
import { Caller } from './caller.ts'
import type { Connection } from './connection.ts'
import { failureFrom, failureReported, type ReportedFailure } from './failures.ts'
import { Hold } from './hold.ts'
import { Links } from './links.ts'
import { Listeners } from './listeners.ts'
import type { Meter } from './meter.ts'
import { abortQuietly, addHold, dismantle } from './peer-effects.ts'
import { createPeerLogic } from './peer-logic.ts'
import type { PeerRecord } from './peer-record.ts'
import { refusalOf, stoppedError } from './refusals.ts'
import { judgeBatch } from './report-batch.ts'
import type { Settings } from './settings.ts'
import type { SupervisorCore } from './supervisor-core.ts'
import { World, type SupervisorScope } from './world.ts'

/** What a shutdown has ended. */
export interface ShutdownReport {
  /** Links that were closed in order. */
  readonly closed: number
  /** Links that had to be aborted. */
  readonly forced: number
}

/** Carries commands to the machines, and carries out what the supervisor's machine decides. */
export class Supervisor {
  readonly world: World
  readonly links: Links
  readonly listeners: Listeners
  readonly #core: SupervisorCore
  #arriving: Link | undefined = undefined
  #crash: Error | undefined = undefined
  #namesakes = 1
  #report: Promise<ShutdownReport> | undefined = undefined
  #settleReport: ((report: ShutdownReport) => void) | undefined = undefined

  constructor(settings: Settings, meter: Meter, scope: SupervisorScope, core: SupervisorCore) {
    this.#core = core
    this.world = new World(settings, meter, scope, {
      peerLogic: createPeerLogic,
      hosts: (world) =>
        new Links(world, { disconnect: (peerId) => this.disconnect(peerId, true), crashed: (peer, error) => this.crashed(peer, error) }),
      crashed: (peer, error) => this.crashed(peer, error),
      callersLeftOver: (peer) => this.#reopen(peer),
      trimPool: () => this.trimPool(),
      settled: () => this.#stopWhenEmpty(),
      connectionOf: (peerId) => this.get(peerId),
    })
    this.links = this.world.hosts as Links
    this.listeners = new Listeners(settings.transports, {
      accept: (link, transport) => this.#accept(link, transport),
      settled: () => this.#stopWhenEmpty(),
      isStopped: () => !this.isAccepting,
    })
  }

  /** Whether new work is taken. */
  get isAccepting(): boolean {
    return this.#core.state === 'Accepting'
  }

  // Commands.

  connect(peerId: PeerId, signal: AbortSignal | undefined): Promise<Connection> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (!this.isAccepting) return Promise.reject(stoppedError(`connect to '${peerId}'`, peerId))
    const { world } = this
    const known = world.peers.get(peerId)
    if (known?.state === 'Connected' && known.port !== undefined) return Promise.resolve(addHold(world, known))
    world.enter()
    const at = world.now()
    // A pooled link is asked directly: only a new slot is the supervisor's to give.
    if (known?.state === 'Disconnected.pooled') {
      world.send(known, { type: 'peer.connect', at, ttl: world.limits.poolTimeoutMs, turn: true })
    }
    const refusal = known?.state === 'Connected' && known.port !== undefined ? undefined : this.#request('peer.connect', peerId, at)
    const connecting = refusal === undefined ? this.#awaitLink(peerId, signal) : Promise.reject(refusal)
    world.leave()
    return connecting
  }

  disconnect(peerId: PeerId, pool: boolean): Promise<void> {
    const { world } = this
    const peer = world.peers.get(peerId)
    if (peer === undefined) return Promise.resolve()
    const mayPool = pool && poolsLinks(world.limits)
    world.enter()
    const at = world.now()
    if (mayPool && peer.state === 'Connected') world.send(peer, { type: 'peer.disconnect', at, pool: true })
    else this.#core.command({ type: 'peer.disconnect', peerId, at, pool: mayPool })
    const closing =
      peer.state === 'Disconnected.closing' ? new Promise<void>((settle) => (peer.closers ??= []).push(settle)) : Promise.resolve()
    world.leave()
    return closing
  }

  /** Applies an app's report; returns why it cannot. */
  report(peerId: PeerId, status: ConnectionStatus, failure: ReportedFailure | undefined): ConnectionError | undefined {
    const { world } = this
    if (!this.isAccepting) return stoppedError(`report '${peerId}' as ${status}`, peerId)
    const peer = world.peers.get(peerId)
    const verdict = decideReport(peer?.state, peer === undefined ? 'manager' : world.ownerOf(peer), status)
    if (verdict.kind === 'ignore') return undefined
    world.enter()
    const view = this.#view(verdict.kind !== 'refuse', verdict.needsSlot, world.pool.size)
    const at = world.now()
    const refusal = this.#core.command({
      type: 'peer.report',
      peerId,
      at,
      status,
      failure: status === 'Failed' ? failureReported(failure, at) : undefined,
      view,
    })
    world.leave()
    return refusal
  }

  /** Applies all reports, or none; returns why it cannot. */
  reportAll(entries: readonly (readonly [PeerId, ConnectionStatus])[]): ConnectionError | undefined {
    const { world } = this
    if (!this.isAccepting) return stoppedError('report a batch', undefined)
    const refused = judgeBatch(world, entries)
    if (refused !== undefined) {
      const { peerId, status, code, current } = refused
      return refusalOf(code, { peerId, status, limit: world.limits.maxConnections, current })
    }
    world.enter()
    for (const [peerId, status] of entries) this.report(peerId, status, undefined)
    world.leave()
    return undefined
  }

  /** Counts a message on a link that the app owns. */
  record(peerId: PeerId, bytes: number, latencyMs: number | undefined): void {
    const peer = this.world.peers.get(peerId)
    if (peer === undefined) return
    this.world.meter.record(bytes)
    if (latencyMs === undefined) return
    peer.latency = latencyMs
    this.world.meter.roundTrip(latencyMs)
  }

  setLimits(changes: Partial<Limits>): void {
    const { world } = this
    const limits = checkLimits(changes, world.limits)
    if (!this.isAccepting) throw stoppedError('set limits', undefined)
    world.enter()
    this.#core.command({ type: 'limits.set', at: world.now(), limits })
    world.leave()
  }

  shutdown(timeoutMs: number): Promise<ShutdownReport> {
    const { world } = this
    if (this.#report === undefined) {
      this.#report = new Promise((resolve) => (this.#settleReport = resolve))
      world.enter()
      if (this.isAccepting) this.#core.command({ type: 'supervisor.shutdown', at: world.now(), timeoutMs })
      world.leave()
      if (this.#core.state === 'Stopped') this.#settleReport?.({ closed: world.closed, forced: world.forced })
    }
    return this.#report
  }

  /** Ends everything at once, as the supervisor's own actor is being stopped. */
  halt(): void {
    const { world } = this
    if (this.#core.state === 'Stopped') return
    world.enter()
    this.#core.halt()
    if (!world.isClosing) this.stopPeers()
    this.abortPeers()
    this.listeners.closeAll()
    this.endStreams()
    world.leave()
  }

  /** The connection that is shown of a Connected peer. It keeps nothing open. */
  get(peerId: PeerId): Connection | undefined {
    const peer = this.world.peers.get(peerId)
    if (peer?.state !== 'Connected' || peer.port === undefined) return undefined
    return (peer.view ??= new Hold(peer, this.world.hosts, false))
  }

  /** Something threw on behalf of a peer: that peer fails, and nobody else. */
  crashed(peer: PeerRecord, error: Error): void {
    const { world } = this
    world.enter()
    if (world.peers.get(peer.peerId) === peer) {
      this.#crash = error
      const at = world.now()
      this.#core.command({ type: 'peer.crashed', peerId: peer.peerId, at, failure: { ...failureFrom(error, at), code: 'ERR_CRASHED' } })
    } else {
      dismantle(world, peer, error)
    }
    world.leave()
  }

  // What the supervisor's machine decides.

  connectPeer({ peerId, at }: { peerId: PeerId; at: number }): void {
    const { world } = this
    const event = { type: 'peer.connect', at, ttl: world.limits.poolTimeoutMs, turn: true } as const
    world.send(world.known(peerId), event)
  }

  redialPeer({ peerId, at }: { peerId: PeerId; at: number }): void {
    const peer = this.world.known(peerId)
    peer.wanted = true
    this.world.send(peer, { type: 'backoff.elapsed', at, turn: true })
  }

  disconnectPeer({ peerId, at, pool }: { peerId: PeerId; at: number; pool: boolean }): void {
    const peer = this.world.peers.get(peerId)
    if (peer === undefined) return
    peer.wanted = false
    this.world.send(peer, { type: 'peer.disconnect', at, pool })
  }

  reportPeer({ peerId, at, status, failure }: Extract<SupervisorEvent, { type: 'peer.report' }>): void {
    this.world.send(this.world.known(peerId), { type: 'peer.reported', at, status, failure })
  }

  acceptLink({ peerId, at, dialWins }: Extract<SupervisorEvent, { type: 'link.accepted' }>): void {
    const peer = this.world.known(peerId)
    peer.incoming = this.#arriving
    peer.incomingDirection = 'inbound'
    this.#arriving = undefined
    this.world.meter.inbound(true)
    this.world.send(peer, { type: 'link.accepted', at, dialWins })
  }

  rejectLink(): void {
    const link = this.#arriving
    this.#arriving = undefined
    this.world.meter.inbound(false)
    if (link !== undefined) this.world.afterwards(() => abortQuietly(link))
  }

  evictLongestIdle(of: Direction | 'any', at: number): void {
    const peer = this.world.pool.oldest(of)
    if (peer !== undefined) this.world.send(peer, { type: 'pool.evicted', at })
  }

  replacePeer({ peerId, at, failure }: Extract<SupervisorEvent, { type: 'peer.crashed' }>): void {
    const { world } = this
    const peer = world.peers.get(peerId)
    if (peer === undefined) return
    dismantle(world, peer, this.#crash ?? new Error(failure.message))
    this.#crash = undefined
    world.respawn(peer)
    world.send(peer, { type: 'peer.crashed', at, failure })
    if (world.isClosing) world.send(peer, { type: 'supervisor.stopped', at })
  }

  /** Puts new limits in force. */
  limitsChanged(limits: Limits): void {
    this.world.limits = limits
    this.world.meter.limits({ limit: limits.maxConnections, maxIdle: limits.maxIdle })
    this.trimPool()
  }

  trimPool(): void {
    const { world } = this
    const { pool, limits } = world
    world.enter()
    const at = world.now()
    for (let peer = pool.expired(at, limits.poolTimeoutMs); peer !== undefined; peer = pool.expired(at, limits.poolTimeoutMs)) {
      world.send(peer, { type: 'pool.expired', at })
    }
    for (let excess = excessIdle(world.slots.held, pool.size, limits); excess > 0; excess--) this.evictLongestIdle('any', at)
    pool.rearm(limits.poolTimeoutMs)
    world.leave()
  }

  startShutdownDeadline(timeoutMs: number): void {
    const { world } = this
    const due = (): void => {
      world.enter()
      this.#core.command({ type: 'shutdown.timedOut', at: world.now() })
      world.leave()
    }
    world.deadlines.set({ at: 0, index: -1, due }, world.now() + timeoutMs)
  }

  stopPeers(): void {
    const { world } = this
    world.isClosing = true
    const at = world.now()
    for (const peer of world.peers.values()) world.send(peer, { type: 'supervisor.stopped', at })
  }

  abortPeers(): void {
    const { world } = this
    this.listeners.abandon()
    const at = world.now()
    for (const peer of world.peers.values()) world.send(peer, { type: 'close.timedOut', at })
  }

  endStreams(): void {
    const { world } = this
    world.afterwards(() => {
      world.deadlines.stop()
      world.meter.stop()
      world.streams.end()
      this.#settleReport?.({ closed: world.closed, forced: world.forced })
    })
  }

  // Inside.

  #view(legal: boolean, needsSlot: boolean, idle: number): AdmissionView {
    return { legal, needsSlot, held: this.world.slots.held, idle }
  }

  #request(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId, at: number): ConnectionError | undefined {
    const { world } = this
    const peer = world.peers.get(peerId)
    const isHeld = peer?.state !== undefined && holdsSlot(peer.state)
    // A backoff is only ever over for a peer that is remembered.
    const isAppHeld = isHeld && world.ownerOf(peer) === 'app'
    const legal = !isAppHeld && (type === 'peer.connect' || peer !== undefined)
    return this.#core.command({ type, peerId, at, view: this.#view(legal, !isHeld, world.pool.size) })
  }

  /** Connects by an event: no caller holds the link, so the peer is held until it is disconnected. */
  want(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId): ConnectionError | undefined {
    const { world } = this
    const at = world.now()
    const stale = world.pool.expired(at, world.limits.poolTimeoutMs) !== undefined
    if (stale) this.trimPool()
    const refusal = this.#request(type, peerId, at)
    const peer = world.peers.get(peerId)
    if (refusal === undefined && type === 'peer.connect' && peer?.state !== undefined && holdsSlot(peer.state)) peer.wanted = true
    return refusal
  }

  /** The promise of a connect whose request was granted. */
  #awaitLink(peerId: PeerId, signal: AbortSignal | undefined): Promise<Connection> {
    const peer = this.world.peers.get(peerId)
    if (peer?.state === 'Connected') return Promise.resolve(addHold(this.world, peer))
    if (peer?.state === undefined || !holdsSlot(peer.state)) {
      return Promise.reject(
        peer?.error ?? new ConnectionError('ERR_DIAL_FAILED', `connecting to '${peerId}' crashed; see its failure`, { peerId }),
      )
    }
    const caller = new Caller(signal, (left) => this.#callerLeft(peerId, left))
    ;(peer.callers ??= new Set()).add(caller)
    return caller.promise
  }

  #callerLeft(peerId: PeerId, caller: Caller): void {
    const { world } = this
    const peer = world.peers.get(peerId)
    if (peer?.callers?.delete(caller) !== true || peer.callers.size > 0 || peer.wanted) return
    world.enter()
    peer.callers = undefined
    world.send(peer, { type: 'callers.left', at: world.now() })
    world.leave()
  }

  /** Callers have waited for a close that is over now: they dial in the slot that it leaves. */
  #reopen(closed: PeerRecord): void {
    const { callers, wanted } = closed
    closed.callers = undefined
    const refusal = this.#request('peer.connect', closed.peerId, this.world.now())
    const peer = this.world.peers.get(closed.peerId)
    if (refusal === undefined && peer !== undefined) {
      peer.callers = callers
      peer.wanted = wanted
    } else {
      for (const caller of callers ?? []) caller.reject(refusal ?? stoppedError(`connect to '${closed.peerId}'`, closed.peerId))
    }
  }

  #accept(link: Link, transport: Transport): void {
    const { world } = this
    const peerId = link.remotePeerId ?? this.#nameOf(link)
    if (!this.isAccepting || peerId.length === 0 || peerId.length > MAX_PEER_ID_LENGTH) {
      world.meter.inbound(false)
      return abortQuietly(link)
    }
    world.enter()
    const peer = world.peers.get(peerId)
    const state = peer?.state
    const isHeld = state !== undefined && holdsSlot(state)
    const { localPeerId } = transport
    const duel = (held: Direction): boolean => arrivingWins({ localPeerId, peerId, held, arriving: 'inbound' })
    const isOurs = peer === undefined || !isHeld || world.ownerOf(peer) === 'manager'
    const isOpen = state === 'Connected' || state === 'Disconnected.pooled'
    const legal = isOurs && (peer === undefined || !isOpen || duel(peer.direction))
    this.#arriving = link
    this.#core.command({
      type: 'link.accepted',
      peerId,
      at: world.now(),
      dialWins: peer?.dial !== undefined && !duel('outbound'),
      view: this.#view(legal, !isHeld, world.pool.inboundSize),
    })
    world.leave()
  }

  /** Names a link that proves no id. Two at one address (of two of our ports) are two peers: neither replaces the other. */
  #nameOf({ remoteAddress }: Link): PeerId {
    let peerId = unprovenPeerId(remoteAddress)
    for (
      let state = this.world.peers.get(peerId)?.state;
      state !== undefined && holdsSlot(state);
      state = this.world.peers.get(peerId)?.state
    ) {
      peerId = unprovenPeerId(`${remoteAddress}#${++this.#namesakes}`)
    }
    return peerId
  }

  #stopWhenEmpty(): void {
    const { world } = this
    if (this.#core.state !== 'Closing' || world.isBusy || world.peers.size > 0 || this.listeners.isClosing) return
    world.enter()
    this.#core.command({ type: 'supervisor.emptied', at: world.now() })
    world.leave()
  }
}
