/** A run of commands is done to the real manager and to the model, and the two are compared after each. */
import { getEventListeners } from 'node:events'
import {
  type Connection,
  ConnectionError,
  ConnectionManager,
  ConnectionStatus,
  createSupervisorLogic,
  type Transition,
} from 'qudag-connections'
import { type Command, faultError, flush, scripted, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'
import { expect } from 'vitest'
import { createActor, setup } from 'xstate'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { unprovenPeerId } from '../../machines/domain/peer-id.ts'
import { assertLegalStream } from './legal-transitions.ts'
import { Model } from './model.ts'
import type { Told } from './model-book.ts'
import type { Seen } from './model-links.ts'
import type { Call, ModelHold, Outcome, Reader } from './model-peer.ts'

/** In order of their text, so that duels are won by either side. */
export const PEERS = ['scripted://a', 'scripted://b', 'scripted://x', 'scripted://y'] as const
export const LOCAL = 'scripted://m'
export const POOL_MS = 1_000
export const CLOSE_MS = 300
export const CONNECT_MS = 700
export const DURATIONS = [POOL_MS, CLOSE_MS, CONNECT_MS]

export interface Variant {
  readonly maxConnections: number
  readonly poolTimeoutMs: number
  /** What aborted dials of the transport do. */
  readonly onAbort: 'reject' | 'ignore'
  readonly tellLocalEnd: 'sync' | 'microtask'
  /** Whether the supervisor is invoked by a machine of the app's, with the manager as a face on it. */
  readonly embedded: boolean
  /** Whether links can measure round trips, which nobody answers. @default false */
  readonly ping?: boolean
}

interface Tracked {
  readonly call: Call
  readonly controller: AbortController | undefined
  actual: Outcome | `unexpected ${string}`
  value: unknown
}

interface TrackedHold {
  readonly model: ModelHold
  readonly connection: Connection
  ended: string | undefined
}

interface TrackedReader {
  readonly model: Reader
  readonly hold: ModelHold | undefined
  readonly heard: number[]
  completed: boolean
  readonly stop: () => void
}

/** The real manager on a scripted transport and a virtual clock, and the model beside it. */
export class World {
  readonly clock = new VirtualClock()
  readonly transport
  readonly manager: ConnectionManager
  readonly model: Model
  readonly transitions: Transition[] = []
  /** What was wrong at an instant within a command. */
  readonly violations: string[] = []
  readonly calls: Tracked[] = []
  readonly holds: TrackedHold[] = []
  readonly readers: TrackedReader[] = []
  completed = false
  ended = false
  #limit: number
  #justOver: string | undefined
  #told = 0
  #messages = 0
  readonly #delayed = new Set<ScriptedLink>()
  readonly #stop: () => void

  constructor(variant: Variant) {
    this.#limit = variant.maxConnections
    this.transport = scripted({
      localPeerId: LOCAL,
      onAbort: variant.onAbort,
      tellLocalEnd: variant.tellLocalEnd,
      watch: (event, peerId) => {
        const { ledger } = this.transport
        // A peer whose link or dial is over, and that dials or attaches another in the same breath, does so in its slot.
        const inItsSlot = this.#justOver === peerId
        this.#justOver = event === 'over' || event === 'dialEnded' ? peerId : undefined
        if (ledger.linksOf(peerId) > 2) this.violations.push(`${ledger.linksOf(peerId)} links for ${peerId}`)
        if ((event !== 'dial' && event !== 'attach') || inItsSlot) return
        const held = ledger.held + this.model.appSlots
        if (held > this.#limit && ledger.linksOf(peerId) + ledger.dialsOf(peerId) < 2) {
          this.violations.push(`${event} of ${peerId} makes ${held} held, the limit is ${this.#limit}`)
        }
      },
    })
    const options = {
      poolTimeoutMs: variant.poolTimeoutMs,
      connectTimeoutMs: CONNECT_MS,
      closeTimeoutMs: CLOSE_MS,
      maxBufferedBytes: 60,
      transport: this.transport,
      clock: this.clock,
    }
    if (variant.embedded) {
      const host = createActor(
        setup({ actors: { supervisor: createSupervisorLogic({ maxConnections: variant.maxConnections, ...options }) } }).createMachine({
          initial: 'on',
          states: { on: { invoke: { src: 'supervisor', id: 'peers' }, on: { leave: 'off' } }, off: {} },
        }),
      ).start()
      const ref = host.getSnapshot().children['peers']
      if (ref === undefined) throw new Error('the supervisor was not invoked')
      this.manager = ConnectionManager.from(ref as ConnectionManager['supervisor'])
      this.#stop = () => host.send({ type: 'leave' })
    } else {
      this.manager = new ConnectionManager(variant.maxConnections, options)
      const { supervisor } = this.manager
      this.#stop = () => (supervisor as unknown as { stop(): void }).stop()
    }
    this.model = new Model({
      now: this.clock.now(),
      maxConnections: variant.maxConnections,
      poolTimeoutMs: variant.poolTimeoutMs,
      connectTimeoutMs: CONNECT_MS,
      closeTimeoutMs: CLOSE_MS,
      localPeerId: LOCAL,
      wasDialled: (peerId, at) => this.#news.some((t) => t.peerId === peerId && t.at === at && t.reason === 'connect'),
      wasEvicted: (peerId) => this.#news.some((t) => t.peerId === peerId && t.reason === 'pool-evicted'),
    })
    this.manager.transitions$.subscribe({ next: (t) => this.transitions.push(t), complete: () => (this.completed = true) })
  }

  /** Does a run, compares after every command, ends everything, and looks for what is left. */
  async run(commands: readonly Command[]): Promise<void> {
    await this.manager.listen('scripted://here:1')
    for (const [index, command] of commands.entries()) {
      try {
        await this.step(command)
      } catch (error) {
        throw new Error(`at command ${index}, ${JSON.stringify(command)}: ${(error as Error).message}`, { cause: error })
      }
    }
    await this.finish()
  }

  async step(command: Command): Promise<void> {
    await this.#do(command)
    await flush()
    this.#settleDelayed()
    this.compare()
  }

  /** Ends everything and asserts that nothing is left. */
  async finish(): Promise<void> {
    if (!this.ended) await this.step({ type: 'shutdown', timeoutMs: CLOSE_MS })
    await this.step({ type: 'advance', ms: 60_000 })
    expect({
      timers: this.clock.pending,
      links: this.transport.links.size,
      held: this.transport.ledger.live,
      pending: this.calls.filter(({ actual }) => actual === 'pending').map(({ call }) => call.what),
      listeners: this.transport.listeners.length,
      openHolds: this.holds.filter(({ ended }) => ended === undefined).length,
      openReaders: this.readers.filter(({ completed }) => !completed).length,
      completed: this.completed,
    }).toEqual({ timers: 0, links: 0, held: 0, pending: [], listeners: 0, openHolds: 0, openReaders: 0, completed: true })
    const shutdowns = this.calls.filter(({ call, actual }) => call === this.model.shutdownCall && actual === 'ok')
    for (const { value } of shutdowns) {
      const { closed, forced } = value as { closed: number; forced: number }
      expect(closed + forced, 'closed and forced together').toBe(this.model.held)
      expect(forced, 'forced').toBeGreaterThanOrEqual(this.model.forced)
    }
  }

  compare(): void {
    const { manager, model, transport } = this
    expect(this.violations).toEqual([])
    const known = new Set([...PEERS, ...model.peers.keys()])
    const views = [...manager.peers()]
    expect(Object.fromEntries([...known].map((id) => [id, manager.status(id)]))).toEqual(
      Object.fromEntries([...known].map((id) => [id, model.status(id)])),
    )
    expect(
      byId(
        views.map((v) => ({
          peerId: v.peerId,
          status: v.status,
          pooled: v.pooled,
          failure: v.status === 'Failed' ? v.failure?.code : undefined,
        })),
      ),
    ).toEqual(
      byId(
        [...model.peers.values()].map((p) => ({
          peerId: p.peerId,
          status: model.status(p.peerId),
          pooled: p.state === 'Disconnected.pooled',
          // What an app says of a failure is its own.
          failure: p.app && p.state === 'Failed' ? views.find((v) => v.peerId === p.peerId)?.failure?.code : p.failure,
        })),
      ),
    )
    // Invariant 2, and that the slots are those of the model: one link or dial a peer, at rest.
    expect(byId([...transport.ledger.peers()])).toEqual(
      byId(
        [...model.peers.values()]
          .filter((p) => !p.app && holdsSlot(p.state))
          .map((p) => ({ peerId: p.peerId, dials: Number(p.dialing), links: Number(p.state !== 'Connecting.dialing') })),
      ),
    )
    for (const link of transport.links) if (!link.attached) throw new Error(`a link of ${link.peerId} belongs to nobody`)
    this.#compareMetrics(views)
    this.#compareCalls()
    this.#compareTransitions()
    for (const p of model.peers.values()) {
      const isOurs = p.state === 'Connected' && !p.app
      expect(manager.get(p.peerId)?.peerId, `get(${p.peerId})`).toBe(isOurs ? p.peerId : undefined)
      if (isOurs) expect(manager.get(p.peerId)?.direction).toBe(p.direction)
    }
  }

  #compareMetrics(views: readonly { status: ConnectionStatus; pooled: boolean }[]): void {
    const { metrics } = this.manager
    const count = (status: ConnectionStatus): number => views.filter((v) => v.status === status).length
    const byStatus = Object.fromEntries(Object.values(ConnectionStatus).map((status) => [status, count(status)]))
    const { model } = this
    const closing = [...model.peers.values()].filter((p) => p.state === 'Disconnected.closing').length
    const pooled = views.filter((v) => v.pooled).length
    expect({ ...pick(metrics, 'byStatus', 'connections', 'dialing', 'pooled', 'closing', 'limit'), size: metrics.pool.size }).toEqual({
      byStatus,
      connections: count('Connected'),
      dialing: count('Connecting'),
      pooled,
      closing,
      limit: model.limit,
      size: pooled,
    })
    const { pool, dials, inbound } = metrics
    // A duel between two links for one peer, and what is stopped in its tracks, may be counted either way.
    if (model.duels > 0 || this.ended) return
    expect({ ...pick(pool, 'hits', 'misses', 'expired', 'evicted'), ...dials, ...inbound }).toEqual({
      hits: model.hits,
      misses: model.dials,
      expired: model.expired,
      evicted: model.evicted,
      started: model.dials,
      succeeded: model.opened,
      failed: model.failed,
      accepted: model.accepted,
      rejected: model.rejected,
    })
  }

  #compareCalls(): void {
    for (const { call, actual, controller } of this.calls) {
      if (!call.expected.includes(actual as Outcome)) {
        throw new Error(`${call.what} should be ${call.expected.join(' or ')}, is ${actual}`)
      }
      if (actual !== 'pending' && controller !== undefined && getEventListeners(controller.signal, 'abort').length > 0) {
        throw new Error(`${call.what} is settled, and still listens to its signal`)
      }
    }
    for (const { model, ended } of this.holds) {
      if (model.ended !== ended) throw new Error(`a hold of ${model.peer.peerId} should be ${model.ended}, is ${ended}`)
    }
    for (const { model, heard, hold, completed } of this.readers) {
      const expected = model.expected.filter((message) => !this.model.orphaned.has(message))
      expect(heard.filter((message) => !this.model.orphaned.has(message))).toEqual(expected)
      if (hold?.ended !== undefined && !completed) throw new Error(`a hold of ${hold.peer.peerId} ended, its stream did not`)
    }
  }

  /** What was told since the last comparison. */
  get #news(): readonly Transition[] {
    return this.transitions.slice(this.#told)
  }

  #compareTransitions(): void {
    assertLegalStream(this.transitions)
    const told = this.#news
    this.#told = this.transitions.length
    const expected = this.model.told.splice(0)
    if (this.ended && this.model.shutdownCall === undefined) return
    const actual = told.map(({ peerId, from, to, reason }): Told => ({ peerId, from, to, reasons: [reason] }))
    const accepted = expected.map((e): Told => ({ ...e, reasons: matching(e, actual) }))
    // Peers are independent of each other: the order is compared for each alone.
    expect(groupById(actual)).toEqual(groupById(accepted))
  }

  async #do(command: Command): Promise<void> {
    const { manager, model, transport, clock } = this
    switch (command.type) {
      case 'connect': {
        const peerId = PEERS[command.peer % PEERS.length] as string
        const controller = command.signal ? new AbortController() : undefined
        const promise = manager.connect(peerId, controller && { signal: controller.signal })
        model.connect(peerId, this.#track(`connect ${peerId}`, promise, controller))
        // Every command has happened, wholly, when the call returns.
        expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
        return
      }
      case 'abortCaller': {
        const waiting = this.calls.filter(({ controller, actual }) => controller !== undefined && actual === 'pending')
        const tracked = nth(waiting, command.nth)
        if (tracked === undefined) return
        tracked.controller?.abort(new Error('the caller left'))
        return model.abortCaller(tracked.call)
      }
      case 'disconnect': {
        const peerId = PEERS[command.peer % PEERS.length] as string
        const promise = manager.disconnect(peerId, command.pool === undefined ? undefined : { pool: command.pool })
        model.disconnect(peerId, command.pool, this.#track(`disconnect ${peerId}`, promise), this.#seen(peerId))
        this.#settleDelayed()
        expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
        return
      }
      case 'release': {
        const tracked = nth(this.holds, command.nth)
        if (tracked === undefined) return
        const promise = tracked.connection.release()
        const { peerId } = tracked.model.peer
        model.release(tracked.model, this.#track(`release ${peerId}`, promise), this.#seen(peerId))
        this.#settleDelayed()
        expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
        return
      }
      case 'hangUp': {
        const tracked = nth(this.holds, command.nth)
        if (tracked === undefined) return
        const { peerId } = tracked.model.peer
        model.hangUp(tracked.model, this.#track(`close ${peerId}`, tracked.connection.close()), this.#seen(peerId))
        this.#settleDelayed()
        expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
        return
      }
      case 'updateStatus': {
        const peerId = PEERS[command.peer % PEERS.length] as string
        const promise = manager.updateStatus(peerId, command.status)
        model.updateStatus(peerId, command.status, this.#track(`report ${peerId} ${command.status}`, promise))
        this.#settleDelayed()
        expect(manager.status(peerId), 'at once').toBe(model.status(peerId))
        return
      }
      case 'updateStatuses': {
        const entries = command.entries.map(([peer, status]): [string, ConnectionStatus] => [PEERS[peer % PEERS.length] as string, status])
        model.updateStatuses(entries, this.#track(`report ${JSON.stringify(entries)}`, manager.updateStatuses(entries)))
        return
      }
      case 'setLimits': {
        if (model.stopped) return
        const { maxConnections, poolTimeoutMs } = command
        this.#limit = maxConnections ?? this.#limit
        manager.setLimits({
          ...(maxConnections !== undefined && { maxConnections }),
          ...(poolTimeoutMs !== undefined && { poolTimeoutMs }),
        })
        model.setLimits(maxConnections, poolTimeoutMs)
        // What expires by a lower TTL may do so by the deadline queue, in the same instant.
        return clock.advanceAsync(0)
      }
      case 'recordMessage':
        return manager.recordMessage(PEERS[command.peer % PEERS.length] as string, { bytes: command.bytes })
      case 'send': {
        const tracked = nth(this.holds, command.nth)
        if (tracked === undefined) return
        const send = (): boolean => tracked.connection.send(new Uint8Array(command.bytes))
        if (tracked.model.ended === undefined) expect(send()).toBe(true)
        else expect(send).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
        return
      }
      case 'read': {
        const tracked = nth(
          this.holds.filter(({ ended }) => ended === undefined),
          command.nth,
        )
        if (tracked === undefined) return
        return this.#listen(model.read(tracked.model), tracked.model, (heard, over) =>
          tracked.connection.messages$.subscribe({ next: heard, complete: over }),
        )
      }
      case 'readAll': {
        const [reader] = this.readers.filter(({ hold }) => hold === undefined)
        if (command.on && reader === undefined && !model.stopped) {
          this.#listen(model.readAll(), undefined, (heard, over) =>
            manager.messages$.subscribe({ next: ({ data }) => heard(data), complete: over }),
          )
        } else if (!command.on && reader !== undefined) this.#stopReading(reader)
        return
      }
      case 'stopReading': {
        const reader = nth(
          this.readers.filter(({ hold }) => hold !== undefined && hold.ended === undefined),
          command.nth,
        )
        if (reader !== undefined) this.#stopReading(reader)
        return
      }
      case 'openDial': {
        const dial = nth(transport.pendingDials, command.nth)
        if (dial === undefined) return
        dial.open()
        return model.openDial(dial.peerId)
      }
      case 'failDial': {
        const dial = nth(transport.pendingDials, command.nth)
        if (dial === undefined) return
        dial.fail(faultError(command.fault))
        return model.failDial(dial.peerId, 'ERR_DIAL_FAILED')
      }
      case 'openLate': {
        const late = nth(
          transport.dials.filter((dial) => dial.aborted && !dial.settled),
          command.nth,
        )
        const link = late?.open()
        await flush()
        if (link !== undefined) expect(link.state, 'a link that came too late').toBe('over')
        return
      }
      case 'arrive': {
        if (transport.listeners.length === 0) return
        const remotePeerId = command.peer === undefined ? undefined : PEERS[command.peer % PEERS.length]
        const peer = remotePeerId === undefined ? undefined : model.peers.get(remotePeerId)
        // The table says nothing of a link from a peer whose link the app owns.
        if (peer?.app === true && holdsSlot(peer.state)) return
        const link = transport.arrive({ remotePeerId })
        await flush()
        const peerId = remotePeerId ?? unprovenPeerId(link.remoteAddress)
        const expected = model.arrive(peerId, {
          ...this.#seen(peerId),
          over: link.state === 'over',
          dialing: transport.ledger.dialsOf(peerId) > 0,
        })
        expect(link.state === 'over' ? 'over' : 'kept', `the link that arrived from ${peerId}`).toBe(expected)
        return
      }
      case 'receive': {
        const link = nth([...transport.links], command.nth)
        const message = ++this.#messages
        const data = new Uint8Array(Math.max(4, command.bytes))
        new DataView(data.buffer).setUint32(0, message)
        if (link?.receive(data) === true) model.receive(link.peerId, message)
        return
      }
      case 'remoteClose': {
        const link = nth([...transport.links], command.nth)
        if (link?.remoteClose() !== true) return
        if (link.state === 'over') model.remoteClosed(link.peerId)
        else this.#delayed.add(link)
        return
      }
      case 'failLink': {
        const link = nth([...transport.links], command.nth)
        if (link?.fail(faultError(command.fault)) === true) model.linkFailed(link.peerId, command.fault.code)
        return
      }
      case 'finishClose': {
        const link = nth(
          [...transport.links].filter(({ state }) => state === 'closing'),
          command.nth,
        )
        if (link?.finishClose() === true) model.closeFinished(link.peerId)
        return
      }
      case 'advance':
        return this.#advanceTo(clock.now() + command.ms)
      case 'advanceToDeadline':
        return model.next === Infinity ? undefined : this.#advanceTo(Math.max(clock.now(), model.next + command.offset))
      case 'shutdown':
        this.ended = true
        model.shutdown(command.timeoutMs, this.#track('shutdown', manager.shutdown({ timeoutMs: command.timeoutMs })))
        return
      case 'stop': {
        this.ended = true
        this.#stop()
        return model.stop(this.calls.map(({ call }) => call))
      }
    }
  }

  async #advanceTo(at: number): Promise<void> {
    await this.clock.advanceToAsync(at)
    this.model.advanceTo(at)
  }

  /** A link whose other side closed it behind messages that wait is over once they are read. */
  #settleDelayed(): void {
    for (const link of this.#delayed) {
      if (link.state !== 'over') continue
      this.#delayed.delete(link)
      const peer = this.model.peers.get(link.peerId)
      const isHeld = peer !== undefined && !peer.app && holdsSlot(peer.state) && peer.state !== 'Connecting.dialing'
      if (isHeld && this.transport.linkOf(link.peerId) === undefined) this.model.remoteClosed(link.peerId)
    }
  }

  #seen(peerId: string): Seen {
    const view = [...this.manager.peers()].find((v) => v.peerId === peerId)
    const state = view === undefined ? undefined : view.pooled ? 'Disconnected.pooled' : 'Disconnected.closing'
    return { state, over: false, dialing: false }
  }

  #track(what: string, promise: Promise<unknown>, controller?: AbortController): Call {
    const call: Call = { what, expected: ['pending'] }
    const tracked: Tracked = { call, controller, actual: 'pending', value: undefined }
    this.calls.push(tracked)
    void this.#follow(tracked, promise)
    return call
  }

  async #follow(tracked: Tracked, promise: Promise<unknown>): Promise<void> {
    const { call, controller } = tracked
    try {
      tracked.value = await promise
      tracked.actual = 'ok'
    } catch (error) {
      if (controller !== undefined && error === controller.signal.reason) tracked.actual = 'reason'
      else tracked.actual = ConnectionError.is(error) ? error.code : `unexpected ${String(error)}`
    }
    if (tracked.actual !== 'ok' || call.hold === undefined) return
    const hold: TrackedHold = { model: call.hold, connection: tracked.value as Connection, ended: undefined }
    this.holds.push(hold)
    hold.ended = (await hold.connection.closed).kind
  }

  #listen(
    model: Reader,
    hold: ModelHold | undefined,
    subscribe: (heard: (data: Uint8Array) => void, over: () => void) => { unsubscribe(): void },
  ): void {
    const heard: number[] = []
    const reader: TrackedReader = { model, hold, heard, completed: false, stop: () => subscription.unsubscribe() }
    this.readers.push(reader)
    const subscription = subscribe(
      (data) => heard.push(new DataView(data.buffer, data.byteOffset).getUint32(0)),
      () => (reader.completed = true),
    )
  }

  #stopReading(reader: TrackedReader): void {
    reader.stop()
    this.readers.splice(this.readers.indexOf(reader), 1)
    const readers = reader.hold?.readers ?? this.model.globalReaders
    readers.splice(readers.indexOf(reader.model), 1)
  }
}

function nth<T>(items: readonly T[], n: number): T | undefined {
  return items[n % items.length]
}

function byId<T extends { readonly peerId: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.peerId < b.peerId ? -1 : 1))
}

function groupById(told: readonly Told[]): Record<string, Told[]> {
  const groups: Record<string, Told[]> = {}
  for (const t of told) (groups[t.peerId] ??= []).push(t)
  return groups
}

/** The reason that was given, where it is one of those that may be. */
function matching(expected: Told, actual: readonly Told[]): Told['reasons'] {
  const same = actual.find(
    (a) =>
      a.peerId === expected.peerId &&
      a.from === expected.from &&
      a.to === expected.to &&
      a.reasons.every((r) => expected.reasons.includes(r)),
  )
  return same?.reasons ?? expected.reasons.slice(0, 1)
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>
}
