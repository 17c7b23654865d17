/** The supervisor: every command reaches the machines through it in one way, and what they refuse comes back as one error. */
import { checkLimits, type Limits } from '../../../machines/domain/limits.ts'
import { assertPeerId, type PeerId } from '../../../machines/domain/peer-id.ts'
import { poolsLinks } from '../../../machines/policy/pooling.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { Arrivals } from '../admission/arrivals.ts'
import { Admissions } from '../admission/admissions.ts'
import { Breakers } from '../peers/breakers.ts'
import type { Connection } from '../holds/connection.ts'
import { Door } from '../admission/door.ts'
import { Ending } from './shutdown.ts'
import { Evictions } from '../admission/evictions.ts'
import { DONE } from '../holds/done.ts'
import { Hold } from '../holds/hold.ts'
import { Keeps } from '../keeping/keeps.ts'
import { restoreState } from '../reconnecting/kept-memory.ts'
import { Links } from '../actors/links.ts'
import { Listeners } from '../admission/listeners.ts'
import type { Meter } from '../world/meter.ts'
import { createPeerLogic } from '../actors/peer-logic.ts'
import { PoolChecks } from '../pool/pool-checks.ts'
import { Reconnects } from '../reconnecting/reconnects.ts'
import { overtakenError, stoppedError } from '../errors/refusals.ts'
import { RoomSigns } from './room-signs.ts'
import { Selections } from '../admission/selections.ts'
import type { Settings } from '../options/settings.ts'
import { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { SupervisorCore, SupervisorSnapshot } from './supervisor-core.ts'
import { WarmUps } from '../pool/warm-ups.ts'
import { PoolTrim } from '../pool/pool-trim.ts'
import { Crashes } from './crashes.ts'
import { onMove } from './on-move.ts'
import { Connects } from './connects.ts'
import { PendingConnects } from './pending-connects.ts'
import { Reports } from './reports.ts'
import { SlotRequests } from './slot-requests.ts'
import { World, type Effect, type SupervisorScope } from '../world/world.ts'

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
  readonly poolTrim: PoolTrim
  readonly requests: SlotRequests
  readonly connects: Connects
  /** The connects that wait for a dial. */
  readonly pending: PendingConnects
  readonly reports: Reports
  readonly crashes: Crashes
  readonly #core: SupervisorCore

  constructor(settings: Settings, meter: Meter, scope: SupervisorScope, core: SupervisorCore) {
    this.#core = core
    this.world = new World(settings, meter, scope, {
      peerLogic: createPeerLogic,
      hosts: (world) =>
        new Links(world, {
          disconnect: (peerId, pool) => this.disconnect(peerId, pool),
          crashed: (peer, error) => this.crashes.crashed(peer, error),
        }),
      crashed: (peer, error) => this.crashes.crashed(peer, error),
      callersLeftOver: (peer) => this.pending.reopen(peer),
      moved: onMove(this),
      // The app's `score` may command this manager: it is asked when no machine is moving.
      reweighed: (peer) => {
        if (this.evictions !== undefined && this.world.isBusy) this.world.later(peer, reweigh, this.evictions)
        else this.evictions?.changed(peer)
        this.roomSigns.reweighed()
      },
      silent: (peer, view) => this.links.linkSilent(peer, view),
      slotFreed: () => this.roomSigns.slotFreed(),
      trimPool: () => this.poolTrim.trim(),
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
      request: (peerId, at) => this.requests.ask('peer.connect', peerId, at),
      keepInMind: (peerId, keep, addresses, error) => this.pending.keepInMind(peerId, keep, addresses, error),
      lineChanged: (isNewFirst) => this.roomSigns.lineChanged(isNewFirst),
    })
    this.breakers = new Breakers(settings)
    this.checks = new PoolChecks(this.world, (peer, error) => this.links.dropPooled(peer, error))
    this.warmUps = new WarmUps(this.world, {
      isCircuitOpen: (peer, at) => this.breakers.ask(peer, at).kind === 'refuse',
      connect: (peerId) => this.pending.inAdvance(peerId),
      close: (peerId) => this.disconnect(peerId, false),
    })
    this.door = new Door(this.world)
    this.reconnects = new Reconnects(this.world, this.breakers, (peer) =>
      // A peer of an earlier run that was not dialled yet is connected, not connected again.
      this.requests.ask(peer.state === undefined ? 'peer.connect' : 'backoff.elapsed', peer.peerId, this.world.now()),
    )
    this.keeps = new Keeps(this.world, {
      waiters: this.waiters,
      reconnects: this.reconnects,
      isAccepting: () => this.isAccepting,
      connect: (peerId, signal, priority, addresses) => this.connects.connect(peerId, signal, priority, true, addresses),
      connectionOf: (peerId) => this.get(peerId),
      callersLeft: (peer) => this.pending.callersLeft(peer),
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
      handshakes: this.door.handshakes,
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
        this.door.claims.stop()
      },
    })
    this.poolTrim = new PoolTrim(this.world, () => this.door.excess)
    this.requests = new SlotRequests(this.world, core, this)
    this.pending = new PendingConnects(this.world, this)
    this.connects = new Connects(this.world, this)
    this.reports = new Reports(this.world, core, this)
    this.crashes = new Crashes(this.world, core)
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

  /** @param pool undefined: a link of ours may wait for reuse, and one that the other side opened is closed */
  disconnect(peerId: PeerId, pool: boolean | undefined): Promise<void> {
    const { world } = this
    const known = world.peers.get(peerId)
    if (known === undefined) assertPeerId(peerId)
    world.settings.errors.assertMayCommand()
    const queued = this.waiters.size === 0 ? undefined : this.waiters.of(peerId)
    if (queued !== undefined) this.waiters.overtake(queued, overtakenError(peerId))
    const peer = queued === undefined ? known : world.peers.get(peerId)
    if (peer === undefined) {
      this.keeps.disconnected(peerId)
      return DONE
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
      if (peer.state !== 'Disconnected.closing') return DONE
      return new Promise<void>((settle) => (peer.closers ??= []).push(settle))
    } finally {
      world.leave()
    }
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

  // What the supervisor's machine decides.

  disconnectPeer({ peerId, at, pool }: { peerId: PeerId; at: number; pool: boolean }): void {
    const peer = this.world.peers.get(peerId)
    this.keeps.disconnected(peerId)
    if (peer === undefined) return
    peer.wanted = peer.kept = false
    this.world.send(peer, { type: 'peer.disconnect', at, pool })
  }

  /** Puts new limits in force. */
  limitsChanged(limits: Limits): void {
    this.world.limits = limits
    this.world.meter.limits({ limit: limits.maxConnections, maxIdle: limits.maxIdle })
    this.checks.ttlChanged()
    this.poolTrim.trim()
    this.roomSigns.slotFreed()
  }

  // Inside.

  /** Dials peers that pause before their next attempt now: one of them, or all. */
  retryNow(peerId: PeerId | undefined): void {
    const { peers } = this.world
    const only = peerId === undefined ? undefined : peers.get(peerId)
    if (peerId === undefined || only !== undefined) this.reconnects.retryNow(only, peers.values())
  }
}
