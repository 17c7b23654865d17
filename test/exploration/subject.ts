/**
 * A subject is one live manager that can be taken from state to state, says what state it is in as a short text, and is
 * asked at every instant for what must hold there.
 *
 * Instants are reduced to their order exactly: every wait (dial, close, pool) is equally long and no two begin in the same
 * instant, but for those that one command begins, so deadlines fall due in the order in which they were set and nothing
 * else about them can matter.
 */
import { type Connection, ConnectionManager, type ConnectionStatus } from 'qudag-connections'
import { flush, scripted, type ScriptedDial, type ScriptedLink, type ScriptedTransport } from 'qudag-connections/testing'
import { holdsSlot, type PeerState } from '../../machines/domain/peer-state.ts'
import type { PeerRecord } from '../../src/runtime/peers/peer-record.ts'
import type { SlotRequest } from '../../src/runtime/waiting/slot-queue.ts'
import type { SlotWaiters } from '../../src/runtime/waiting/slot-waiters.ts'
import type { World } from '../../src/runtime/world/world.ts'
import { runningOn } from '../../src/supervisor-logic.ts'
import type { RowTitle } from '../machines/design-table.ts'
import { breakingTransport, LOCAL } from './breaking-transport.ts'
import { checkAll, slotsOf } from './checks.ts'
import { deadlinesOf, WAIT_MS } from './deadlines.ts'
import type { ExploredManager } from './explored-manager.ts'
import { Hand, type Waiting } from './hand.ts'
import { LateClock } from './late-clock.ts'
import { POLICIES } from './policies.ts'
import { ToldMoves } from './told-moves.ts'

/** How far time moves between two deadlines that are set, where nothing falls due meanwhile; else it moves half way there. */
const APART_MS = 2 ** 10
/** A half that is no longer a step for numbers of this size. */
const TOO_CLOSE_MS = 2 ** -10

/** One manager on its way through the states. */
export class Subject implements ExploredManager {
  readonly clock = new LateClock(0)
  readonly transport: ScriptedTransport
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
  /** Requests that wait for a slot. */
  readonly waiters: SlotWaiters
  readonly #hand = new Map<string, Hand>()
  /** What was told of each peer last. */
  readonly places = new Map<string, PeerState | undefined>()
  /** Whether the stream of transitions is over. */
  isCompleted = false
  /** Who was in a slot when it was looked at last. */
  slotsBefore: ReadonlySet<string> = new Set<string>()

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
      transport: breakingTransport(this),
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
    this.waiters = supervisor.waiters
    const moves = new ToldMoves(this)
    this.manager.transitions$.subscribe({ next: (move) => moves.told(move), complete: () => (this.isCompleted = true) })
    this.manager.supervisor.on('peer.move', (move) => moves.told(move))
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
    checkAll(this)
  }

  /** Whether time can still be parted: after many deadlines just before another one it cannot. */
  get isWornOut(): boolean {
    const [first] = deadlinesOf(this)
    return this.phase === 'Accepting' && first !== undefined && first.at - this.clock.now() < TOO_CLOSE_MS
  }

  /** Moves on in time, but to no deadline, so that what is set next falls due after what is set already. */
  #part(): void {
    // Once it closes, nothing is set any more.
    if (this.phase !== 'Accepting') return
    const now = this.clock.now()
    const deadlines = deadlinesOf(this)
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
    const [first] = deadlinesOf(this)
    if (first === undefined) return
    this.clock.advanceTo(first.at)
    if (this.shutdownAt !== undefined && this.shutdownAt <= first.at) this.shutdownAt = undefined
  }

  /** Does something at the instant in which the next deadline falls due, before its timer fires. */
  beforeTimer(act: () => void): void {
    const [first] = deadlinesOf(this)
    if (first === undefined) return
    this.clock.lateUntil = first.at
    act()
    this.clock.advanceTo(first.at)
  }

  // What there is.

  handOf(peerId: string): Hand | undefined {
    return this.#hand.get(peerId)
  }

  record(hand: Hand): PeerRecord | undefined {
    return this.world.peers.get(hand.peerId)
  }

  /** Its request, where it waits for a slot. */
  request(hand: Hand): SlotRequest | undefined {
    return this.waiters.of(hand.peerId)
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
    const [first, second] = deadlinesOf(this)
    return first?.who === this.hands.indexOf(hand) && second?.at !== first.at
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

  /** At every instant in which something is taken at the transport's end. */
  #watch(event: string, peerId: string): void {
    const { ledger } = this.transport
    if (ledger.linksOf(peerId) > 2) this.wrong.push(`invariant 2: ${ledger.linksOf(peerId)} links for ${peerId} at one instant`)
    if (event !== 'dial' && event !== 'attach' && event !== 'open') return
    if (ledger.linksOf(peerId) + ledger.dialsOf(peerId) > 1 || this.slotsBefore.has(peerId)) return
    const held = slotsOf(this).size
    // A link that opens was a dial before.
    if (held > this.limit && event !== 'open') this.wrong.push(`invariant 1: ${event} of ${peerId} makes ${held} of ${this.limit}`)
  }
}
