/**
 * One live manager can be taken from state to state, says what state it is in as a short text, and is asked at
 * every instant for what must hold there.
 *
 * Instants are reduced to their order exactly: every wait (dial, close, pool) is equally long and no two begin in the same
 * instant, but for those that one command begins, so deadlines fall due in the order in which they were set and nothing
 * else about them can matter.
 */
import { type Connection, ConnectionManager, type ConnectionStatus, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, type ScriptedDial, type ScriptedLink, VirtualClock } from 'qudag-connections/testing'
import { holdsSlot, type PeerState, spellState } from '../../machines/domain/peer-state.ts'
import { TRANSITION_REASONS } from '../../machines/domain/transition.ts'
import type { PeerRecord } from '../../src/runtime/peers/peer-record.ts'
import type { SlotRequest } from '../../src/runtime/waiting/slot-queue.ts'
import type { SlotWaiters } from '../../src/runtime/waiting/slot-waiters.ts'
import type { World } from '../../src/runtime/world/world.ts'
import { runningOn } from '../../src/supervisor-logic.ts'
import type { Link, Transport } from '../../src/transports/transport.ts'
import { type Place, type RowTitle, rowsOf } from '../machines/design-table.ts'

/** How long a dial, a close and a wait in the pool may take. */
const WAIT_MS = 2 ** 20
/** How far time moves between two deadlines that are set, where nothing falls due meanwhile; else it moves half way there. */
const APART_MS = 2 ** 10
/** A half that is no longer a step for numbers of this size. */
const TOO_CLOSE_MS = 2 ** -10
/** Two ids below it and one above, so that a duel is won by either side. */
const LOCAL = 'scripted://m'

/** After so many failures in a row a breaker opens; more are no different. */
const FAILURES = 2

/** One dial at a time, a line of one for slots, and breakers that are open for as long as any other wait. */
const POLICIES: ManagerOptions = {
  admission: 'queue',
  maxWaiting: 1,
  waitTimeoutMs: WAIT_MS,
  limits: { dialing: 1 },
  breaker: { failures: FAILURES, openMs: WAIT_MS, maxOpenMs: WAIT_MS },
  random: () => 0,
}

/** A clock whose timers may be late: `now` is ahead of what has fired. */
class LateClock extends VirtualClock {
  /** As late as this at least, in milliseconds since the epoch: never set back, as no clock goes backwards. */
  lateUntil = 0

  override now(): number {
    return Math.max(super.now(), this.lateUntil)
  }
}

interface Waiting {
  readonly controller: AbortController
  settled: boolean
}

/** What a test does to one peer, beside what it holds of it. */
export class Hand {
  readonly peerId: string
  /** Connects that were made and that may not be settled yet. */
  calls: Waiting[] = []
  /** Connections that may be over. */
  holds: Connection[] = []
  /** Disconnects and releases that are not settled. */
  leaving = 0
  dial: ScriptedDial | undefined
  /** The link that was held, and the state that it was held in, when it was looked at last. */
  port: unknown
  state: PeerState | undefined
  /** Whether it was told since then that its link was replaced. */
  replaced = false

  constructor(peerId: string) {
    this.peerId = peerId
  }
}

/** One manager on its way through the states. */
export class Subject {
  readonly clock = new LateClock(0)
  readonly transport
  readonly manager: ConnectionManager
  readonly world: World
  readonly hands: readonly Hand[]
  /** How often each row of the transition table was taken in the last step. */
  taken: RowTitle[] = []
  /** What was wrong in the last step. */
  wrong: string[] = []
  limit: number
  stopped = false
  /** When a shutdown that is under way gives up on what is left. */
  shutdownAt: number | undefined
  settledShutdowns = 0
  shutdowns = 0
  /** The next links' `attach` throws. */
  breakLinks = false
  readonly #waiters: SlotWaiters
  readonly #hand = new Map<string, Hand>()
  readonly #places = new Map<string, PeerState | undefined>()
  readonly #eventOf = new Map<number, string>()
  #seq = 0
  #completed = false

  /** Makes one that listens, with nobody known to it. @param hasPolicies whether it has turns, a line for slots, and breakers */
  static async make(peerIds: readonly string[], limit: number, hasPolicies: boolean): Promise<Subject> {
    const subject = new Subject(peerIds, limit, hasPolicies)
    await subject.manager.listen('scripted://here:1')
    return subject
  }

  private constructor(peerIds: readonly string[], limit: number, hasPolicies: boolean) {
    this.limit = limit
    this.hands = peerIds.map((peerId) => new Hand(peerId))
    for (const hand of this.hands) this.#hand.set(hand.peerId, hand)
    this.transport = scripted({ localPeerId: LOCAL, onAbort: 'ignore', watch: (event, peerId) => this.#watch(event, peerId) })
    this.manager = new ConnectionManager(limit, {
      transport: this.#wrapped(),
      clock: this.clock,
      poolTimeoutMs: WAIT_MS,
      closeTimeoutMs: WAIT_MS,
      connectTimeoutMs: WAIT_MS,
      ...(hasPolicies ? POLICIES : { breaker: false }),
      // It remembers more than a state has room for, and has tests of its own.
      heartbeat: false,
      // No sample falls due: traffic and its rates have tests of their own.
      metrics: { sampleMs: 2 ** 40, windowMs: 2 ** 41 },
    })
    const { supervisor } = runningOn(this.manager.supervisor) as NonNullable<ReturnType<typeof runningOn>>
    this.world = supervisor.world
    this.#waiters = supervisor.waiters
    this.#noteEvents()
    this.manager.transitions$.subscribe({ next: (move) => this.#told(move), complete: () => (this.#completed = true) })
    this.manager.supervisor.on('peer.move', (move) => this.#told(move))
    // Somebody reads, so that no messages wait.
    this.manager.messages$.subscribe()
  }

  /** Does one thing, lets it settle, and asks for everything that must hold. */
  async step(act: (subject: Subject) => void): Promise<void> {
    this.taken = []
    this.wrong = []
    this.#part()
    act(this)
    await flush()
    if (await this.#answerLateDials()) await flush()
    this.#check()
  }

  /** Whether time can still be parted: after many deadlines just before another one it cannot. */
  get isWornOut(): boolean {
    const [first] = this.#deadlines()
    return this.phase === 'Accepting' && first !== undefined && first.at - this.clock.now() < TOO_CLOSE_MS
  }

  /** Moves on in time, but to no deadline, so that what is set next falls due after what is set already. */
  #part(): void {
    // Once it closes, nothing is set any more.
    if (this.phase !== 'Accepting') return
    const now = this.clock.now()
    const deadlines = this.#deadlines()
    const [first] = deadlines
    if (first === undefined || deadlines.at(-1)?.at !== now + WAIT_MS) return
    this.clock.advance(Math.min(APART_MS, (first.at - now) / 2))
  }

  // What a test does.

  connect(hand: Hand): void {
    const controller = new AbortController()
    const call: Waiting = { controller, settled: false }
    hand.calls.push(call)
    void this.#keep(hand, call, this.manager.connect(hand.peerId, { signal: controller.signal }))
  }

  abort(hand: Hand): void {
    hand.calls.findLast(({ settled }) => !settled)?.controller.abort(new Error('the caller left'))
  }

  disconnect(hand: Hand, pool: boolean | undefined): void {
    this.#leave(hand, this.manager.disconnect(hand.peerId, pool === undefined ? {} : { pool }))
  }

  release(hand: Hand): void {
    const connection = hand.holds.pop()
    if (connection !== undefined) this.#leave(hand, connection.release())
  }

  hangUp(hand: Hand): void {
    const connection = hand.holds.at(-1)
    if (connection !== undefined) this.#leave(hand, connection.close())
  }

  report(hand: Hand, status: ConnectionStatus): void {
    const before = this.record(hand)?.state
    this.manager.updateStatus(hand.peerId, status).catch(() => {})
    // What needs no slot is never refused.
    if (this.phase !== 'Accepting' || (status !== 'Disconnected' && status !== 'Failed')) return
    const record = this.record(hand)
    if (record === undefined || this.manager.status(hand.peerId) !== status) {
      this.wrong.push(`${hand.peerId} is reported ${status}, and is ${record?.state}`)
      return
    }
    if ((before === undefined || !holdsSlot(before)) && this.world.ownerOf(record) !== 'app')
      this.wrong.push(`${hand.peerId} is reported, and not the app’s`)
    const failure = this.world.failureOf(record)
    if (status === 'Failed' && failure?.at !== this.clock.now()) this.wrong.push(`${hand.peerId} is reported Failed, and failed before`)
    if (before === 'Failed' && status === 'Disconnected' && failure !== undefined)
      this.wrong.push(`${hand.peerId} is reported Disconnected, and failed`)
  }

  /** The memory is full, and this peer is the one that goes, if it is in there. */
  forget(hand: Hand): void {
    const before = this.record(hand)?.state
    this.manager.actor(hand.peerId)?.send({ type: 'memory.full', at: this.clock.now() })
    const isGone = this.record(hand) === undefined
    if (before !== undefined && isGone === holdsSlot(before))
      this.wrong.push(`${hand.peerId} in ${before} is ${isGone ? '' : 'not '}forgotten`)
  }

  arrive(hand: Hand): void {
    this.transport.arrive({ remotePeerId: hand.peerId })
  }

  shutdown(timeoutMs: number): void {
    if (this.shutdowns === 0 && !this.stopped) this.shutdownAt = this.clock.now() + timeoutMs
    this.shutdowns++
    void this.manager.shutdown({ timeoutMs }).then(() => this.settledShutdowns++)
  }

  stop(): void {
    this.stopped = true
    ;(this.manager.supervisor as unknown as { stop(): void }).stop()
  }

  /** The next deadline falls due, alone, or with those of the same instant. */
  advance(): void {
    const [first] = this.#deadlines()
    if (first === undefined) return
    this.clock.advanceTo(first.at)
    if (this.shutdownAt !== undefined && this.shutdownAt <= first.at) this.shutdownAt = undefined
  }

  /** Does something at the instant in which the next deadline falls due, before its timer fires. */
  beforeTimer(act: () => void): void {
    const [first] = this.#deadlines()
    if (first === undefined) return
    this.clock.lateUntil = first.at
    act()
    this.clock.advanceTo(first.at)
  }

  // What there is.

  record(hand: Hand): PeerRecord | undefined {
    return this.world.peers.get(hand.peerId)
  }

  /** Its request, where it waits for a slot. */
  request(hand: Hand): SlotRequest | undefined {
    return this.#waiters.of(hand.peerId)
  }

  /** Connects that wait, for the link or for a slot. */
  callersOf(hand: Hand): number {
    return (this.record(hand)?.callers?.size ?? 0) + (this.request(hand)?.callers.size ?? 0)
  }

  /** The dial that waits, where there is one. */
  pendingDial({ dial }: Hand): ScriptedDial | undefined {
    return dial?.pending === true ? dial : undefined
  }

  /** The link that is held. */
  link(hand: Hand): ScriptedLink | undefined {
    return this.record(hand)?.port?.link as ScriptedLink | undefined
  }

  /** Connections that are open. */
  holdsOf(hand: Hand): number {
    let count = 0
    for (let hold = this.record(hand)?.firstHold; hold !== undefined; hold = hold.next) count++
    return count
  }

  get phase(): 'Accepting' | 'Draining' | 'Closing' | 'Stopped' {
    return this.stopped ? 'Stopped' : this.manager.supervisor.getSnapshot().value
  }

  /** Whether the next deadline is this peer's own. */
  isFirst(hand: Hand): boolean {
    const [first, second] = this.#deadlines()
    return first?.who === this.hands.indexOf(hand) && second?.at !== first.at
  }

  /** Where each peer stands, in words that hold all that its future depends on. */
  spellPeer(hand: Hand, ownersOfTheGone: boolean): string {
    const record = this.record(hand)
    const request = this.request(hand)
    const line = request === undefined ? '' : ` in line ${request.callers.size}`
    if (record?.state === undefined) return `-${line}`
    const { state, callers, wanted, dial, port, direction } = record
    const owner = this.world.ownerOf(record) === 'app' && (ownersOfTheGone || holdsSlot(state)) ? 'app' : ''
    const link = port === undefined ? '' : direction
    return `${state} ${owner} ${link} ${dial === undefined ? '' : 'dials'} ${callers?.size ?? 0} ${this.holdsOf(hand)}${wanted ? ' wanted' : ''}${line}${this.#spellBreaker(record)}`
  }

  #spellBreaker({ breaker }: PeerRecord): string {
    if (breaker === undefined) return ''
    const { failures, openUntil, isProbing } = breaker
    if (openUntil === 0) return ` failed ${failures}`
    return this.clock.now() < openUntil ? ' open' : isProbing ? ' probing' : ' half open'
  }

  /** Who has a deadline, the earliest first; those of one instant together. `order` maps a peer to its name. */
  spellOrder(order: readonly number[]): string {
    let text = ''
    let last: number | undefined
    let group: string[] = []
    for (const { at, who, what } of this.#deadlines()) {
      if (at !== last) {
        text += `${group.toSorted().join('+')}<`
        group = []
      }
      last = at
      group.push(who < 0 ? what : `${order[who]} ${what}`)
    }
    return text + group.toSorted().join('+')
  }

  #deadlines(): { readonly at: number; readonly who: number; readonly what: string }[] {
    const deadlines: { at: number; who: number; what: string }[] = []
    for (const [who, hand] of this.hands.entries()) {
      const request = this.request(hand)
      if (request !== undefined) deadlines.push({ at: request.deadline.at, who, what: 'slot' })
      const record = this.record(hand)
      if (record === undefined) continue
      const openUntil = record.breaker?.openUntil ?? 0
      if (openUntil > this.clock.now()) deadlines.push({ at: openUntil, who, what: 'breaker' })
      if (record.deadline !== undefined && record.deadline.index >= 0)
        deadlines.push({ at: record.deadline.at, who, what: record.deadline.then })
      if (record.state === 'Disconnected.pooled') deadlines.push({ at: record.since + WAIT_MS, who, what: 'pool.expired' })
    }
    if (this.shutdownAt !== undefined && this.phase === 'Closing') deadlines.push({ at: this.shutdownAt, who: -1, what: 'end' })
    return deadlines.toSorted((a, b) => a.at - b.at)
  }

  async #keep(hand: Hand, call: Waiting, connecting: Promise<Connection>): Promise<void> {
    const connection = await connecting.catch(() => undefined)
    call.settled = true
    if (connection !== undefined) hand.holds.push(connection)
  }

  #leave(hand: Hand, promise: Promise<unknown>): void {
    hand.leaving++
    const settle = (): void => void hand.leaving--
    promise.then(settle, settle)
  }

  /** A link that opens although its dial was aborted must be let go of. */
  async #answerLateDials(): Promise<boolean> {
    let any = false
    for (const dial of this.transport.dials) {
      if (dial.settled) continue
      if (dial.aborted) {
        any = true
        dial.open()
      }
    }
    // What is settled is not looked at again.
    this.transport.dials.splice(0, this.transport.dials.length, ...this.transport.dials.filter(({ settled }) => !settled))
    return any
  }

  #wrapped(): Transport {
    const { transport } = this
    return {
      schemes: transport.schemes,
      localPeerId: LOCAL,
      dial: async (address, options) => {
        const dialing = transport.dial(address, options)
        const hand = this.#hand.get(options.peerId)
        if (hand !== undefined) hand.dial = transport.dials.at(-1)
        return this.#mangled(await dialing)
      },
      listen: (address, { onLink }) => transport.listen(address, { onLink: (link) => onLink(this.#mangled(link)) }),
    }
  }

  #mangled(link: Link): Link {
    if (!this.breakLinks) return link
    link.attach = () => {
      throw new Error('attach throws')
    }
    return link
  }

  /** Notes which event of the machine each move comes from. */
  #noteEvents(): void {
    const { world } = this
    const send = world.send.bind(world)
    world.send = (peer, event) => {
      const before = world.seq
      send(peer, event)
      // What an event made of another peer, or of a fresh actor, was noted there.
      for (let seq = before + 1; seq <= world.seq; seq++) if (!this.#eventOf.has(seq)) this.#eventOf.set(seq, event.type)
    }
  }

  #told(move: Transition): void {
    const { seq, peerId, fromState, toState, reason, from, to, failure } = move
    const say = (what: string): void => void this.wrong.push(`invariant 5: ${what}: ${JSON.stringify(move)}`)
    // An actor that is being stopped emits nothing; its streams are told to the end.
    if (this.stopped ? seq <= this.#seq : seq !== this.#seq + 1) say(`not the one after ${this.#seq}`)
    this.#seq = seq
    if (!this.stopped && this.#places.get(peerId) !== fromState) say(`a gap, it was ${this.#places.get(peerId)}`)
    this.#places.set(peerId, toState)
    const hand = this.#hand.get(peerId)
    // A link that came and went, and another in its place, are told of too.
    if (hand !== undefined && (reason === 'replaced' || toState === 'Connected')) hand.replaced = true
    if (!TRANSITION_REASONS.includes(reason)) say('no such reason')
    if (from !== fromState?.split('.')[0] || to !== toState?.split('.')[0]) say('a state of another status')
    if ((failure !== undefined) !== (to === 'Failed')) say('a failure is told where it fails, and only there')
    const rows = rowsOf(place(fromState), place(toState), reason, this.#eventOf.get(seq))
    this.#eventOf.delete(seq)
    if (rows.length === 0) say('not in the table')
    this.taken.push(...rows)
  }

  /** At every instant in which something is taken at the transport's end. */
  #watch(event: string, peerId: string): void {
    const { ledger } = this.transport
    if (ledger.linksOf(peerId) > 2) this.wrong.push(`invariant 2: ${ledger.linksOf(peerId)} links for ${peerId} at one instant`)
    if (event !== 'dial' && event !== 'attach' && event !== 'open') return
    if (ledger.linksOf(peerId) + ledger.dialsOf(peerId) > 1 || this.#slotsBefore.has(peerId)) return
    const held = this.#inSlots().size
    // A link that opens was a dial before.
    if (held > this.limit && event !== 'open') this.wrong.push(`invariant 1: ${event} of ${peerId} makes ${held} of ${this.limit}`)
  }

  /** Peers that hold something at the transport's end, and those that the app says are live. */
  #inSlots(): Set<string> {
    const held = new Set<string>()
    for (const { peerId } of this.transport.ledger.peers()) held.add(peerId)
    for (const [peerId, record] of this.world.peers) {
      // Who waits for its turn has a slot, and nothing else yet.
      if (record.state === 'Connecting.waiting') held.add(peerId)
      if (record.state !== undefined && holdsSlot(record.state) && this.world.ownerOf(record) === 'app') held.add(peerId)
    }
    return held
  }

  #slotsBefore = new Set<string>()

  #check(): void {
    const { transport, world, wrong } = this
    const slots = this.#inSlots()
    const came = [...slots].filter((peerId) => !this.#slotsBefore.has(peerId))
    if (came.length > 0 && slots.size > this.limit)
      wrong.push(`invariant 1: ${came.join()} came, which makes ${slots.size} of ${this.limit}`)
    this.#slotsBefore = slots
    if (world.slots.held !== slots.size) wrong.push(`invariant 1: ${world.slots.held} slots are counted, ${slots.size} are taken`)
    const { dialing, waiting, isFree } = world.turns
    const isDialing = this.hands.filter((hand) => this.record(hand)?.state === 'Connecting.dialing').length
    if (dialing !== isDialing || isDialing > world.settings.maxDialing) wrong.push(`${isDialing} are dialled, ${dialing} are counted`)
    if (isFree && waiting > 0) wrong.push(`${waiting} wait for a turn that nobody has`)
    if (this.#waiters.size > world.settings.maxWaiting) wrong.push(`${this.#waiters.size} wait for a slot`)
    if (this.#waiters.size > 0 && slots.size < this.limit) wrong.push(`${this.#waiters.size} wait for a slot, and one is free`)
    for (const hand of this.hands) this.#checkPeer(hand)
    for (const link of transport.links) if (!link.attached) wrong.push(`invariant 2: a link of ${link.peerId} belongs to nobody`)
    this.#checkGauges()
    if (this.phase === 'Stopped') this.#checkEnd()
  }

  #checkPeer(hand: Hand): void {
    const { transport, wrong, world } = this
    const { peerId } = hand
    const record = this.record(hand)
    const isOurs = record !== undefined && world.ownerOf(record) === 'manager'
    const state = record?.state
    const dials = Number(record?.dial !== undefined)
    const links = Number(isOurs && state !== undefined && holdsSlot(state) && !state.startsWith('Connecting'))
    const { ledger } = transport
    if (ledger.linksOf(peerId) > 1) wrong.push(`invariant 2: ${ledger.linksOf(peerId)} links for ${peerId}`)
    if (ledger.linksOf(peerId) !== links || ledger.dialsOf(peerId) !== dials) {
      wrong.push(`invariant 2: ${peerId} in ${state} has ${ledger.linksOf(peerId)} links and ${ledger.dialsOf(peerId)} dials`)
    }
    if (state === 'Connecting.dialing' && dials === 0) wrong.push(`${peerId} is dialing, and nothing is dialled`)
    if (record !== undefined && state !== undefined) {
      const is = spellState(record.ref.getSnapshot().value)
      if (is !== state) wrong.push(`invariant 5: the machine of ${peerId} is in ${is}, what was told is ${state}`)
    }
    if (this.#places.get(peerId) !== state && !this.stopped)
      wrong.push(`invariant 5: ${peerId} was told ${this.#places.get(peerId)}, it is ${state}`)
    if (record?.deadline !== undefined && !(state?.startsWith('Connecting') === true || state === 'Disconnected.closing' || dials > 0)) {
      wrong.push(`invariant 4: ${peerId} in ${state} still waits for ${record.deadline.then}`)
    }
    if (record?.wanted === true && !(state?.startsWith('Connect') === true || state === 'Disconnected.closing')) {
      wrong.push(`${peerId} in ${state} is held by an event, and nothing of it is`)
    }
    if (dials > 0 && (record?.deadline === undefined || record.deadline.index < 0))
      wrong.push(`${peerId} is dialled, and nothing ends that`)
    if (state === 'Connected' && record !== undefined && world.failureOf(record) !== undefined)
      wrong.push(`${peerId} is Connected, and failed`)
    if (this.phase === 'Closing' && record !== undefined && state !== 'Disconnected.closing')
      wrong.push(`${peerId} is ${state}, and a shutdown waits for it`)
    const isReplaced = state === 'Connected' && hand.state === 'Connected' && record?.port !== hand.port
    if (isReplaced && !hand.replaced) wrong.push(`the link of ${peerId} is another one, and nobody was told`)
    hand.port = record?.port
    hand.state = state
    hand.replaced = false
    if (record?.incoming !== undefined) wrong.push(`a link of ${peerId} was neither taken nor let go of`)
    hand.calls = hand.calls.filter(({ settled }) => !settled)
    hand.holds = hand.holds.filter((hold) => !(hold as unknown as { isOver: boolean }).isOver)
    if (hand.calls.length !== this.callersOf(hand)) {
      wrong.push(`invariant 4: ${hand.calls.length} connects to ${peerId} wait, ${this.callersOf(hand)} are waited for`)
    }
    if (this.request(hand) !== undefined && isOurs && state?.startsWith('Connect') === true)
      wrong.push(`${peerId} waits for a slot, and is ${state}`)
    if (record?.breaker !== undefined && state === 'Connected') wrong.push(`${peerId} is Connected, and its breaker has seen a failure`)
    if (state === 'Connecting.dialing' && (record?.breaker?.openUntil ?? 0) > this.clock.now())
      wrong.push(`${peerId} is dialled, and its breaker is open`)
    if (hand.holds.length !== this.holdsOf(hand))
      wrong.push(`${hand.holds.length} holds of ${peerId} are open, ${this.holdsOf(hand)} are counted`)
    if (hand.leaving > 0 && state !== 'Disconnected.closing') wrong.push(`invariant 4: a disconnect of ${peerId} waits for nothing`)
  }

  #checkGauges(): void {
    const byStatus: Record<ConnectionStatus, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
    let pooled = 0
    let closing = 0
    for (const view of this.manager.peers()) {
      byStatus[view.status]++
      if (view.pooled) pooled++
      if (view.state === 'Disconnected.closing') closing++
    }
    const { metrics } = this.manager
    const gauges = { ...byStatus, ...metrics.byStatus }
    const same =
      gauges.Connecting === byStatus.Connecting &&
      gauges.Connected === byStatus.Connected &&
      gauges.Disconnected === byStatus.Disconnected &&
      gauges.Failed === byStatus.Failed &&
      metrics.connections === byStatus.Connected &&
      metrics.dialing === byStatus.Connecting &&
      metrics.pooled === pooled &&
      metrics.pool.size === pooled &&
      metrics.closing === closing &&
      metrics.limit === this.limit
    if (!same) this.wrong.push(`invariant 3: gauges ${JSON.stringify(metrics)}, recount ${JSON.stringify({ byStatus, pooled, closing })}`)
  }

  #checkEnd(): void {
    const { transport, wrong, world, clock } = this
    const left = {
      timers: clock.pending,
      links: transport.links.size,
      held: transport.ledger.live,
      listeners: transport.listeners.length,
      peers: world.peers.size,
      shutdowns: this.shutdowns - this.settledShutdowns,
      streams: Number(!this.#completed),
    }
    if (Object.values(left).some((count) => count !== 0)) wrong.push(`invariant 4: after the end there is left ${JSON.stringify(left)}`)
  }
}

function place(state: PeerState | undefined): Place {
  return state ?? 'unknown'
}
