/** Every command reaches the machines in one way, and what they refuse comes back as one error. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import { checkLimits, type Limits } from '../../../machines/domain/limits.ts'
import { isUnproven, type PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'
import { decideAdmission, type Admission, type AdmissionView } from '../../../machines/policy/admission.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { excessIdle, poolsLinks } from '../../../machines/policy/pooling.ts'
import { decideReport } from '../../../machines/policy/report.ts'
import { restartsAt } from '../../../machines/policy/supervision.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { ConnectionError, type ConnectionErrorCode } from '../../errors.ts'
import { Arrivals } from '../admission/arrivals.ts'
import { Admissions, isShareFull } from '../admission/admissions.ts'
import { Breakers } from '../peers/breakers.ts'
import { Caller } from '../holds/caller.ts'
import type { Connection } from '../holds/connection.ts'
import { Door } from '../admission/door.ts'
import { Ending } from './shutdown.ts'
import { Evictions } from '../admission/evictions.ts'
import { failureFrom, failureReported, type ReportedFailure } from '../errors/failures.ts'
import { noteAddresses, type Addresses } from '../options/given-addresses.ts'
import { Hold } from '../holds/hold.ts'
import type { Keep } from '../peers/keep-alive.ts'
import { Keeps } from '../keeping/keeps.ts'
import { restoreState } from '../reconnecting/kept-memory.ts'
import { Links } from '../actors/links.ts'
import { Listeners } from '../admission/listeners.ts'
import type { Meter } from '../world/meter.ts'
import { addHold, dismantle } from '../actors/peer-effects.ts'
import { createPeerLogic } from '../actors/peer-logic.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import { PoolChecks } from '../pool/pool-checks.ts'
import { Reconnects } from '../reconnecting/reconnects.ts'
import { deniedError, overtakenError, refusalOf, stoppedError } from '../errors/refusals.ts'
import { judgeBatch } from './report-batch.ts'
import { RoomSigns } from './room-signs.ts'
import { Selections } from '../admission/selections.ts'
import type { Settings } from '../options/settings.ts'
import { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { SupervisorCore, SupervisorSnapshot } from './supervisor-core.ts'
import { WarmUps } from '../pool/warm-ups.ts'
import { World, type Effect, type SupervisorScope } from '../world/world.ts'

/** How a caller connects. @since 0.1.0 */
export interface ConnectOptions {
  /** Aborts this call alone, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Of the connects that wait, for a slot or for their turn, the higher goes first. @default 0 */
  readonly priority?: number
  /**
   * Keeps the peer connected until it is disconnected: it is dialled again whenever it is lost. Where there is no slot for
   * it now, or its breaker is open, this call rejects, and the peer is dialled as soon as it may be. @default false
   */
  readonly keep?: boolean
  /** With `keep`: the process runs on for as long as the peer is kept, though its link is lost. @default false, or the option `keepAlive` */
  readonly keepAlive?: boolean
  /** More addresses of the peer, tried after those that resolve it; they stay with it for as long as it is known. @default none */
  readonly addresses?: readonly (string | URL)[]
}

/** Admissions that give a request no slot now: about these the gate is not asked. */
const NO_LINK: ReadonlySet<Admission['kind']> = new Set(['forbid', 'join', 'break', 'wait', 'full', 'refuse'])

/** Refusals that speak of the moment, and not of the peer. */
const NOT_NOW: ReadonlySet<ConnectionErrorCode> = new Set([
  'ERR_MAX_CONNECTIONS',
  'ERR_QUEUE_FULL',
  'ERR_CIRCUIT_OPEN',
  'ERR_CONNECT_TIMEOUT',
])

const reweigh: Effect<Evictions> = (_world, peer, evictions) => evictions.changed(peer)

/** Carries commands to the machines, and carries out what the supervisor's machine decides. */
export class Supervisor {
  readonly world: World
  readonly links: Links
  readonly listeners: Listeners
  readonly breakers: Breakers
  readonly checks: PoolChecks
  readonly warmUps: WarmUps
  readonly door: Door
  readonly arrivals: Arrivals
  readonly reconnects: Reconnects
  readonly keeps: Keeps
  /** Undefined: nobody ever has to yield. */
  readonly evictions: Evictions | undefined
  readonly admissions: Admissions
  readonly selections: Selections
  readonly waiters: SlotWaiters
  /** Tells those who wait for a slot. */
  readonly roomSigns: RoomSigns
  readonly ending: Ending
  readonly #core: SupervisorCore
  /** The answer that the gate still owes about the dial that is being asked for. */
  #gated: Promise<boolean> | undefined = undefined
  #crash: Error | undefined = undefined

  constructor(settings: Settings, meter: Meter, scope: SupervisorScope, core: SupervisorCore) {
    this.#core = core
    this.world = new World(settings, meter, scope, {
      peerLogic: createPeerLogic,
      hosts: (world) =>
        new Links(world, {
          disconnect: (peerId, pool) => this.disconnect(peerId, pool),
          crashed: (peer, error) => this.crashed(peer, error),
        }),
      crashed: (peer, error) => this.crashed(peer, error),
      callersLeftOver: (peer) => this.#reopen(peer),
      moved: (peer, move, lastedMs) => {
        const { from, to } = move
        // Who has nothing to do with a move is not even asked: this is on the path of every one.
        if (from === undefined || to === undefined) this.world.standings.moved(peer, move)
        if (peer.direction === 'inbound' && (peer.isBeside || isUnproven(peer.peerId))) this.#unprovenMoved(peer, move.toState)
        this.evictions?.moved(peer, move)
        if (peer.breaker !== undefined || to === 'Failed') this.breakers.moved(peer, move)
        if (peer.check !== undefined) this.checks.moved(peer, move)
        if (peer.direction === 'inbound' || peer.seat !== undefined) {
          this.door.moved(peer, move)
          if (this.door.excess > 0) this.world.afterwards(() => this.trimPool())
        }
        if (peer.backoff !== undefined || from === 'Connected' || to === 'Failed') this.reconnects.moved(peer, move, lastedMs)
        this.waiters.moved(peer, move.toState)
        if (this.keeps.size > 0) this.keeps.moved(peer)
      },
      // The app's `score` may command this manager: it is asked when no machine is moving.
      reweighed: (peer) => {
        if (this.evictions !== undefined && this.world.isBusy) this.world.later(peer, reweigh, this.evictions)
        else this.evictions?.changed(peer)
        this.roomSigns.reweighed()
      },
      silent: (peer, view) => this.links.linkSilent(peer, view),
      slotFreed: () => this.roomSigns.slotFreed(),
      trimPool: () => this.trimPool(),
      settled: () => this.ending.settled(),
      connectionOf: (peerId) => this.get(peerId),
    })
    this.links = this.world.hosts as Links
    const { standings } = this.world
    const mayEvict = settings.admission === 'evict' || typeof settings.admission === 'function'
    this.evictions = mayEvict ? new Evictions(standings, settings.evictionGraceMs, settings.score !== undefined) : undefined
    this.admissions = new Admissions(this.world, standings, this.evictions)
    this.selections = new Selections(this.world, standings)
    this.waiters = new SlotWaiters(this.world, {
      isAccepting: () => this.isAccepting,
      request: (peerId, at) => this.#request('peer.connect', peerId, at),
      keepInMind: (peerId, keep, addresses, error) => this.#keepInMind(peerId, keep, addresses, error),
      lineChanged: (isNewFirst) => this.roomSigns.lineChanged(isNewFirst),
    })
    this.breakers = new Breakers(settings)
    this.checks = new PoolChecks(this.world, (peer, error) => this.links.dropPooled(peer, error))
    this.warmUps = new WarmUps(this.world, {
      isCircuitOpen: (peer, at) => this.breakers.ask(peer, at).kind === 'refuse',
      connect: (peerId) => this.#connectInAdvance(peerId),
      close: (peerId) => this.disconnect(peerId, false),
    })
    this.door = new Door(this.world)
    this.reconnects = new Reconnects(this.world, this.breakers, (peer) =>
      // A peer of an earlier run that was not dialled yet is connected, not connected again.
      this.#request(peer.state === undefined ? 'peer.connect' : 'backoff.elapsed', peer.peerId, this.world.now()),
    )
    this.keeps = new Keeps(this.world, {
      waiters: this.waiters,
      reconnects: this.reconnects,
      isAccepting: () => this.isAccepting,
      connect: (peerId, signal, priority, addresses) => this.connect(peerId, signal, priority, true, addresses),
      connectionOf: (peerId) => this.get(peerId),
      callersLeft: (peer) => this.#callersLeft(peer),
      forget: (peerId) => void core.command({ type: 'peer.disconnect', peerId, at: this.world.now(), pool: false }),
    })
    this.roomSigns = new RoomSigns(this.world, this.evictions, this.waiters, this.reconnects)
    const arrivalsHost = {
      door: this.door,
      admissions: this.admissions,
      isAccepting: () => this.isAccepting,
      waiting: () => this.waiters.size,
      command: (event: SupervisorEvent) => core.command(event),
    }
    this.arrivals = new Arrivals(this.world, arrivalsHost)
    this.listeners = new Listeners(settings.transports, {
      contexts: settings.contexts,
      accept: (link, transport, wasAsked) => this.arrivals.accept(link, transport, wasAsked),
      arrived: (arrival, transport, wasAsked) => this.arrivals.arrived(arrival, transport, wasAsked),
      admits: (remoteAddress) => this.arrivals.admits(remoteAddress),
      failed: (error, callback) => settings.errors.report(error, callback),
      settled: () => this.ending.settled(),
      isStopped: () => !this.isAccepting,
    })
    this.ending = new Ending(this.world, core, {
      waiters: this.waiters,
      listeners: this.listeners,
      stopBeginning: () => {
        this.reconnects.stop()
        this.keeps.stopBeginning()
        this.world.alive.stop()
        this.door.gate.stop()
      },
    })
    if (settings.restore !== undefined) restoreState(this.world, this.reconnects, settings.restore)
  }

  /** Where its machine is. */
  get state(): SupervisorSnapshot['value'] {
    return this.#core.state
  }

  /** Whether new work is taken. */
  get isAccepting(): boolean {
    return this.#core.state === 'Accepting'
  }

  // Commands.

  /** The arguments are those of {@link ConnectOptions}, checked and read. */
  connect(peerId: PeerId, signal: AbortSignal | undefined, priority = 0, keep: Keep = false, addresses?: Addresses): Promise<Connection> {
    this.world.settings.errors.assertMayCommand()
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (!this.isAccepting) return Promise.reject(stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId))
    const { world } = this
    const known = world.peers.get(peerId)
    if (known?.state === 'Connected' && known.port !== undefined) {
      known.keepAs(keep)
      noteAddresses(known, addresses)
      return Promise.resolve(addHold(world, known))
    }
    const queued = this.waiters.size === 0 ? undefined : this.waiters.of(peerId)
    if (queued !== undefined) return this.waiters.join(queued, this.#caller(peerId, signal), priority, keep, addresses)
    world.enter()
    try {
      const at = world.now()
      // A pooled link is asked directly: only a new slot is the supervisor's to give.
      if (known?.state === 'Disconnected.pooled') this.#reuse(known, at)
      if (known?.state === 'Connected' && known.port !== undefined) {
        known.keepAs(keep)
        noteAddresses(known, addresses)
        return Promise.resolve(addHold(world, known))
      }
      // Who is being dialled has its slot: there is nothing to ask for, and only one more to wait.
      const isJoined = known?.state === 'Connecting.dialing' || known?.state === 'Connecting.waiting'
      const refusal = isJoined ? undefined : this.#request('peer.connect', peerId, at, true)
      if (refusal !== undefined) this.#keepInMind(peerId, keep, addresses, refusal)
      if (refusal !== undefined && world.observer !== undefined) world.observer.refused(refusal)
      const request = this.waiters.of(peerId)
      if (refusal !== undefined) return Promise.reject(refusal)
      return request !== undefined
        ? this.waiters.join(request, this.#caller(peerId, signal), priority, keep, addresses)
        : this.#awaitLink(peerId, signal, priority, keep, addresses)
    } finally {
      world.leave()
    }
  }

  /** @param pool undefined: a link of ours may wait for reuse, and one that the other side opened is closed */
  disconnect(peerId: PeerId, pool: boolean | undefined): Promise<void> {
    const { world } = this
    world.settings.errors.assertMayCommand()
    const queued = this.waiters.size === 0 ? undefined : this.waiters.of(peerId)
    if (queued !== undefined) this.waiters.overtake(queued, overtakenError(peerId))
    const peer = world.peers.get(peerId)
    if (peer === undefined) {
      this.keeps.disconnected(peerId)
      return Promise.resolve()
    }
    peer.wanted = peer.kept = false
    this.keeps.disconnected(peerId)
    const at = world.now()
    // Of a link that is being checked nobody knows whether it is worth keeping.
    const isAsked = pool ?? peer.direction === 'outbound'
    const mayPool = isAsked && this.isAccepting && poolsLinks(world.limits) && at < peer.retiresAt && peer.check === undefined
    world.enter()
    try {
      if (mayPool && peer.state === 'Connected') world.send(peer, { type: 'peer.disconnect', at, pool: true })
      else this.#core.command({ type: 'peer.disconnect', peerId, at, pool: mayPool })
      if (peer.state !== 'Disconnected.closing') return Promise.resolve()
      return new Promise<void>((settle) => (peer.closers ??= []).push(settle))
    } finally {
      world.leave()
    }
  }

  /** Applies an app's report; returns why it cannot. */
  report(peerId: PeerId, status: ConnectionStatus, failure: ReportedFailure | undefined): ConnectionError | undefined {
    const { world } = this
    world.settings.errors.assertMayCommand()
    if (!this.isAccepting) return stoppedError(`report '${shownPeerId(peerId)}' as ${status}`, peerId)
    const peer = world.peers.get(peerId)
    const verdict = decideReport(peer?.state, peer === undefined ? 'manager' : world.ownerOf(peer), status)
    const isOver = verdict.kind !== 'refuse' && (status === 'Disconnected' || status === 'Failed')
    const queued = isOver ? this.waiters.of(peerId) : undefined
    if (verdict.kind === 'ignore' && queued === undefined) return undefined
    const at = world.now()
    const copied = status === 'Failed' ? failureReported(failure, world.instant(at)) : undefined
    world.enter()
    try {
      // The slot that this report frees would else be given to the very peer that it reports.
      if (isOver) this.keeps.disconnected(peerId)
      if (queued !== undefined) this.waiters.overtake(queued, overtakenError(peerId, `a report of it as ${status}`))
      if (verdict.kind === 'ignore') return undefined
      const view = this.#view(verdict.kind !== 'refuse', verdict.needsSlot, world.pool.size)
      return this.#core.command({
        type: 'peer.report',
        peerId,
        at,
        status,
        failure: copied,
        view,
      })
    } finally {
      world.leave()
    }
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
    try {
      for (const [peerId, status] of entries) this.report(peerId, status, undefined)
      return undefined
    } finally {
      world.leave()
    }
  }

  /** Counts a message on a link that the app owns. */
  record(peerId: PeerId, bytes: number, latencyMs: number | undefined): void {
    const peer = this.world.peers.get(peerId)
    if (peer === undefined) return
    this.world.meter.record(bytes)
    if (latencyMs === undefined) return
    peer.latency = latencyMs
    this.world.roundTrip(latencyMs)
  }

  setLimits(changes: Partial<Limits>): void {
    const { world } = this
    world.settings.errors.assertMayCommand()
    const limits = checkLimits(changes, world.limits)
    if (!this.isAccepting) throw stoppedError('set limits', undefined)
    world.enter()
    try {
      this.#core.command({ type: 'limits.set', at: world.now(), limits })
    } finally {
      world.leave()
    }
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
    try {
      if (world.peers.get(peer.peerId) === peer) {
        this.#crash = error
        const at = world.now()
        this.#core.command({
          type: 'peer.crashed',
          peerId: peer.peerId,
          at,
          failure: { ...failureFrom(error, world.instant(at)), code: 'ERR_CRASHED' },
        })
      } else {
        dismantle(world, peer, error)
      }
    } finally {
      world.leaveOrGoOn()
    }
  }

  // What the supervisor's machine decides.

  connectPeer({ peerId, at }: { peerId: PeerId; at: number }): void {
    const peer = this.world.known(peerId)
    this.#handOverGate(peer)
    this.checks.reuse(peer, at)
  }

  redialPeer({ peerId, at }: { peerId: PeerId; at: number }): void {
    const peer = this.world.known(peerId)
    peer.wanted = true
    this.#handOverGate(peer)
    this.world.send(peer, { type: 'backoff.elapsed', at, turn: this.world.turns.isFree })
  }

  disconnectPeer({ peerId, at, pool }: { peerId: PeerId; at: number; pool: boolean }): void {
    const peer = this.world.peers.get(peerId)
    this.keeps.disconnected(peerId)
    if (peer === undefined) return
    peer.wanted = peer.kept = false
    this.world.send(peer, { type: 'peer.disconnect', at, pool })
  }

  reportPeer({ peerId, at, status, failure }: Extract<SupervisorEvent, { type: 'peer.report' }>): void {
    this.world.send(this.world.known(peerId), { type: 'peer.reported', at, status, failure })
  }

  evictLongestIdle(of: Direction | 'any', at: number): void {
    const peer = this.world.pool.oldest(of)
    if (peer !== undefined) this.world.send(peer, { type: 'pool.evicted', at })
  }

  /** Makes room for a newcomer that is worth more. A pooled link, whoever opened it, yields before one in use. */
  evictVictim({ peerId, at, view }: { peerId: PeerId; at: number; view: AdmissionView }): void {
    const { world } = this
    const among = isShareFull(view.inbound) ? 'inbound' : 'any'
    if (among === 'any' && world.pool.size > 0) return this.evictLongestIdle('any', at)
    const victim = this.evictions?.firstWeighed(among)
    if (victim === undefined) return
    const score = victim.evictable?.score ?? 0
    victim.eviction = { by: peerId, at: world.instant(at), score, newcomerScore: view.contest?.score ?? 0 }
    world.send(victim, { type: 'peer.evict', at })
  }

  replacePeer({ peerId, at, failure }: Extract<SupervisorEvent, { type: 'peer.crashed' }>): void {
    const { world } = this
    const peer = world.peers.get(peerId)
    if (peer === undefined) return
    dismantle(world, peer, this.#crash ?? new Error(failure.message))
    this.#crash = undefined
    peer.restarts = restartsAt(peer.restarts ?? [], at)
    world.respawn(peer)
    world.send(peer, { type: 'peer.crashed', at, failure })
    if (world.isClosing) world.send(peer, { type: 'supervisor.stopped', at })
  }

  /** Puts new limits in force. */
  limitsChanged(limits: Limits): void {
    this.world.limits = limits
    this.world.meter.limits({ limit: limits.maxConnections, maxIdle: limits.maxIdle })
    this.checks.ttlChanged()
    this.trimPool()
    this.roomSigns.slotFreed()
  }

  trimPool(): void {
    const { world } = this
    const { pool, limits } = world
    world.enter()
    try {
      const at = world.now()
      for (let peer = pool.expired(at, limits.poolTimeoutMs); peer !== undefined; peer = pool.expired(at, limits.poolTimeoutMs)) {
        world.send(peer, { type: 'pool.expired', at })
      }
      for (let excess = excessIdle(world.slots.held, pool.size, limits); excess > 0; excess--) this.evictLongestIdle('any', at)
      for (let { excess } = this.door; excess > 0; excess--) this.evictLongestIdle('inbound', at)
      pool.rearm(limits.poolTimeoutMs)
    } finally {
      world.leaveOrGoOn()
    }
  }

  // Inside.

  #view(legal: boolean, needsSlot: boolean, idle: number): AdmissionView {
    return { legal, needsSlot, held: this.world.slots.held, idle, isCircuitOpen: false, waiting: 0, maxWaiting: 0 }
  }

  #request(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId, at: number, mayWait = false): ConnectionError | undefined {
    let view: AdmissionView = this.#requestView(type, peerId, at)
    if (view.needsSlot) {
      if (view.legal && this.door.deniesDial(peerId)) return deniedError(peerId, 'deny')
      const { admission } = this.world.settings
      // Where requests are just refused, there are no terms to ask for.
      if (admission !== 'reject') {
        const terms = this.admissions.terms({ peerId, direction: 'outbound', at }, mayWait, this.waiters.size)
        // The app's rule or its score were asked, and may have commanded this manager.
        view = { ...this.#requestView(type, peerId, at), ...terms }
      }
    }
    let answer: boolean | Promise<boolean> = true
    if (this.door.gate.isThere && !NO_LINK.has(decideAdmission(view, this.world.limits.maxConnections).kind)) {
      answer = this.door.gate.ask({ direction: 'outbound', peerId, isProven: false })
      if (answer === false) return deniedError(peerId, 'gate')
      // The gate may have commanded this manager meanwhile.
      const { legal, needsSlot, held, idle, isCircuitOpen, waiting } = this.#requestView(type, peerId, at)
      view = { ...view, legal, needsSlot, held, idle, isCircuitOpen, waiting }
      if (view.contest !== undefined) view = { ...view, contest: this.admissions.contest(view.contest.score, 'any') }
    }
    this.#gated = typeof answer === 'boolean' ? undefined : answer
    const refusal = this.#core.command({ type, peerId, at, view })
    this.#gated = undefined
    return refusal
  }

  /** What of a request's view may change from one moment to the next. */
  #requestView(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId, at: number): AdmissionView {
    const { world } = this
    const peer = world.peers.get(peerId)
    const isHeld = peer?.state !== undefined && holdsSlot(peer.state)
    // A backoff is only ever over for a peer that is remembered.
    const isAppHeld = isHeld && world.ownerOf(peer) === 'app'
    const legal = !isAppHeld && (type === 'peer.connect' || peer !== undefined)
    const isCircuitOpen = this.breakers.ask(peer, at).kind === 'refuse'
    return {
      legal,
      needsSlot: !isHeld,
      held: world.slots.held,
      idle: world.pool.size,
      isCircuitOpen,
      waiting: this.waiters.size,
      maxWaiting: 0,
    }
  }

  /** What was said of a name that is gone with its link goes too. */
  #unprovenMoved(peer: PeerRecord, to: PeerState | undefined): void {
    if (to !== undefined && holdsSlot(to)) return
    this.world.standings.forgetLink(peer.peerId)
    peer.kept = peer.wanted = false
    this.world.remember(peer)
  }

  #handOverGate(peer: PeerRecord): void {
    if (peer.state === undefined || !holdsSlot(peer.state)) peer.gate = this.#gated
  }

  /** Connects by an event: no caller holds the link, so the peer is held until it is disconnected. */
  want(type: 'peer.connect' | 'backoff.elapsed', peerId: PeerId): ConnectionError | undefined {
    const { world } = this
    world.settings.errors.assertMayCommand()
    const at = world.now()
    const stale = world.pool.expired(at, world.limits.poolTimeoutMs) !== undefined
    if (stale) this.trimPool()
    const known = world.peers.get(peerId)
    if (known?.state === 'Disconnected.pooled' && at >= known.retiresAt) this.#expire(known, at)
    const refusal = this.#request(type, peerId, at)
    const peer = world.peers.get(peerId)
    if (refusal === undefined && type === 'peer.connect' && peer?.state !== undefined && holdsSlot(peer.state)) {
      peer.wanted = true
      this.keeps.wanted(peerId)
      world.reweigh(peer)
    }
    return refusal
  }

  #reuse(peer: PeerRecord, at: number): void {
    if (at >= peer.retiresAt) this.#expire(peer, at)
    else this.checks.reuse(peer, at)
  }

  #expire(peer: PeerRecord, at: number): void {
    this.world.enter()
    try {
      this.world.send(peer, { type: 'pool.expired', at })
    } finally {
      this.world.leave()
    }
  }

  /** Dials a peer in a spare slot, behind all others that wait for their turn. */
  #connectInAdvance(peerId: PeerId): Promise<Connection> {
    const { world } = this
    world.enter()
    try {
      const refusal = this.#request('peer.connect', peerId, world.now())
      const peer = world.peers.get(peerId)
      if (peer?.state === 'Connecting.waiting') world.turns.lower(peer)
      return refusal === undefined ? this.#awaitLink(peerId, undefined, -Infinity, false) : Promise.reject(refusal)
    } finally {
      world.leave()
    }
  }

  /** The promise of a connect whose request was granted. */
  #awaitLink(peerId: PeerId, signal: AbortSignal | undefined, priority: number, keep: Keep, addresses?: Addresses): Promise<Connection> {
    const peer = this.world.peers.get(peerId)
    peer?.keepAs(keep)
    if (peer !== undefined) noteAddresses(peer, addresses)
    if (addresses !== undefined) peer?.dial?.extend()
    if (peer !== undefined) this.world.turns.raise(peer, priority)
    if (peer?.state === 'Connected') return Promise.resolve(addHold(this.world, peer))
    if (peer?.state === undefined || !holdsSlot(peer.state)) {
      return Promise.reject(
        peer?.error ??
          new ConnectionError('ERR_DIAL_FAILED', `connecting to '${shownPeerId(peerId)}' crashed; see its failure`, { peerId }),
      )
    }
    const caller = this.#caller(peerId, signal)
    ;(peer.callers ??= new Set()).add(caller)
    // The gate was asked just now, and may have made its own caller leave.
    caller.leaveIfAborted()
    return caller.promise
  }

  /** Who is to be kept is not forgotten because there was no slot, or because its breaker is open: it is dialled later. */
  #keepInMind(peerId: PeerId, keep: Keep, addresses: Addresses, error: Pick<ConnectionError, 'code' | 'retryAfterMs'>): void {
    const { code, retryAfterMs } = error
    // Whoever has a handle is not told of a denial, and a rule of the app may think better of it.
    const isNotNow = NOT_NOW.has(code) || (code === 'ERR_DENIED' && this.keeps.has(peerId))
    if (keep === false || !isNotNow || !this.isAccepting) return
    const { world } = this
    const peer = world.known(peerId)
    peer.keepAs(keep)
    noteAddresses(peer, addresses)
    world.keepInMind(peer)
    this.reconnects.putOff(peer, code !== 'ERR_CIRCUIT_OPEN' && code !== 'ERR_DENIED', retryAfterMs)
  }

  #caller(peerId: PeerId, signal: AbortSignal | undefined): Caller {
    return new Caller(signal, (left) => this.#callerLeft(peerId, left), this.world.observer?.connecting(peerId))
  }

  #callerLeft(peerId: PeerId, caller: Caller): void {
    const { world } = this
    if (this.waiters.left(peerId, caller)) return
    const peer = world.peers.get(peerId)
    if (peer?.callers?.delete(caller) === true) this.#callersLeft(peer)
  }

  /** Ends the dial of a peer that nobody waits for any more. */
  #callersLeft(peer: PeerRecord): void {
    const { world } = this
    if (peer.wanted || (peer.callers !== undefined && peer.callers.size > 0)) return
    world.enter()
    try {
      peer.callers = undefined
      world.send(peer, { type: 'callers.left', at: world.now() })
      this.checks.left(peer)
    } finally {
      world.leave()
    }
  }

  /** Dials peers that pause before their next attempt now: one of them, or all. */
  retryNow(peerId: PeerId | undefined): void {
    const { peers } = this.world
    const only = peerId === undefined ? undefined : peers.get(peerId)
    if (peerId === undefined || only !== undefined) this.reconnects.retryNow(only, peers.values())
  }

  /** Callers have waited for a close that is over now: they dial in the slot that it leaves. */
  #reopen(closed: PeerRecord): void {
    const { peerId, callers, wanted, keep, addresses, priority } = closed
    closed.callers = undefined
    const refusal = this.#request('peer.connect', peerId, this.world.now(), true)
    const request = this.waiters.of(peerId)
    const peer = this.world.peers.get(peerId)
    if (refusal === undefined && request !== undefined) {
      // The limit was lowered meanwhile, and its slot is gone.
      this.waiters.hand(request, callers ?? [], priority, keep, addresses)
    } else if (refusal === undefined && peer !== undefined) {
      peer.callers = callers
      peer.keepAs(keep)
      peer.wanted = wanted
      noteAddresses(peer, addresses)
    } else {
      const error = refusal ?? stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId)
      for (const caller of callers ?? []) caller.reject(error)
      this.#keepInMind(peerId, keep, addresses, error)
    }
  }
}
