/** A world of a run: the real manager on a scripted transport and a virtual clock, and the model beside it. */
import { type Connection, ConnectionError, ConnectionManager, createSupervisorLogic, type Transition } from 'qudag-connections'
import { scripted, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'
import { createActor, setup } from 'xstate'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { Model } from './model.ts'
import type { Seen } from './model-links.ts'
import type { Call, ModelHold, Reader } from './model-peer.ts'
import type { Tracked, TrackedHold, TrackedReader } from './tracked.ts'
import { CLOSE_MS, CONNECT_MS, LOCAL, type Variant } from './variant.ts'

/** Its promises, holds and readers are tracked. */
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
  /** The limit that was set last. */
  limit: number
  #justOver: string | undefined
  /** How many transitions were compared. */
  told = 0
  /** How many messages arrived: each is its number. */
  messages = 0
  /** Links whose other side closed them behind messages that wait. */
  readonly delayed = new Set<ScriptedLink>()
  /** Stops the actor of the supervisor. */
  readonly stop: () => void

  constructor(variant: Variant) {
    this.limit = variant.maxConnections
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
        if (held > this.limit && ledger.linksOf(peerId) + ledger.dialsOf(peerId) < 2) {
          this.violations.push(`${event} of ${peerId} makes ${held} held, the limit is ${this.limit}`)
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
      this.stop = () => host.send({ type: 'leave' })
    } else {
      this.manager = new ConnectionManager(variant.maxConnections, options)
      const { supervisor } = this.manager
      this.stop = () => (supervisor as unknown as { stop(): void }).stop()
    }
    this.model = new Model({
      now: this.clock.now(),
      maxConnections: variant.maxConnections,
      poolTimeoutMs: variant.poolTimeoutMs,
      connectTimeoutMs: CONNECT_MS,
      closeTimeoutMs: CLOSE_MS,
      localPeerId: LOCAL,
      wasDialled: (peerId, at) => this.news.some((t) => t.peerId === peerId && t.at === at && t.reason === 'connect'),
      wasEvicted: (peerId) => this.news.some((t) => t.peerId === peerId && t.reason === 'pool-evicted'),
    })
    this.manager.transitions$.subscribe({ next: (t) => this.transitions.push(t), complete: () => (this.completed = true) })
  }

  /** What was told since the last comparison. */
  get news(): readonly Transition[] {
    return this.transitions.slice(this.told)
  }

  async advanceTo(at: number): Promise<void> {
    await this.clock.advanceToAsync(at)
    this.model.advanceTo(at)
  }

  /** A link whose other side closed it behind messages that wait is over once they are read. */
  settleDelayed(): void {
    for (const link of this.delayed) {
      if (link.state !== 'over') continue
      this.delayed.delete(link)
      const peer = this.model.peers.get(link.peerId)
      const isHeld = peer !== undefined && !peer.app && holdsSlot(peer.state) && peer.state !== 'Connecting.dialing'
      if (isHeld && this.transport.linkOf(link.peerId) === undefined) this.model.remoteClosed(link.peerId)
    }
  }

  seen(peerId: string): Seen {
    const view = [...this.manager.peers()].find((v) => v.peerId === peerId)
    const state = view === undefined ? undefined : view.pooled ? 'Disconnected.pooled' : 'Disconnected.closing'
    return { state, over: false, dialing: false }
  }

  track(what: string, promise: Promise<unknown>, controller?: AbortController): Call {
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

  listen(
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

  stopReading(reader: TrackedReader): void {
    reader.stop()
    this.readers.splice(this.readers.indexOf(reader), 1)
    const readers = reader.hold?.readers ?? this.model.globalReaders
    readers.splice(readers.indexOf(reader.model), 1)
  }
}
