/** The pings of all links, at most 200 pings a second: each link is asked in turn, by whoever needs an answer. */
import {
  answerTimeout,
  smoothRoundTrip,
  STALL_MS,
  type HeartbeatPolicy,
  type SmoothedRoundTrip,
} from '../../../machines/policy/heartbeat.ts'
import { nextPingAt, PINGS_PER_SECOND } from '../../../machines/policy/pinging.ts'
import type { Clock } from '../../clock.ts'
import type { Link, PongListener } from '../../transports/transport.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { FifoList } from '../collections/fifo-list.ts'
import { roundTripOf } from '../callbacks/foreign-link.ts'

/** Why a ping is waited for no longer. One for all: it is told to nobody, and each of its own would cost its stack. */
const FORGONE = new Error('the answer is waited for no longer')

/** The most pings of one link that wait for an answer: a late one still proves life. */
const MOST_UNANSWERED = 4

/** Whose links are measured. */
export interface Measured {
  /** The last measured round trip, in milliseconds. */
  latency: number | null
}

/** A link whose round trips are measured. */
export class RoundTrip {
  previous: RoundTrip | undefined = undefined
  next: RoundTrip | undefined = undefined
  /** When it is measured next, in milliseconds since the epoch. */
  due: number
  line: FifoList<RoundTrip>
  /** The pings since the last answer, which end together. */
  pending: Asking | undefined = undefined
  /** How many they are. */
  unanswered = 0
  /** When the last ping is overdue, in milliseconds since the epoch; 0: none waits. */
  answerBy = 0
  /** Pings in a row that were overdue. */
  misses = 0
  /** The last sign of life, in milliseconds since the epoch. */
  heardAt: number
  smoothed: SmoothedRoundTrip | undefined = undefined
  readonly link: Link
  /** Whose link it is. */
  readonly of: Measured

  constructor(link: Link, line: FifoList<RoundTrip>, at: number, of: Measured) {
    this.link = link
    this.line = line
    this.due = this.heardAt = at
    this.of = of
  }
}

/** Pings of a link that end together. An AbortController would cost more than the link: it is made where the link wants a signal. */
class Asking implements PongListener {
  readonly #trips: RoundTrips
  readonly #trip: RoundTrip
  #controller: AbortController | undefined = undefined

  constructor(trips: RoundTrips, trip: RoundTrip) {
    this.#trips = trips
    this.#trip = trip
  }

  /** Pings a link that wants a signal. */
  ping(): void {
    this.#controller ??= new AbortController()
    this.#trip.link.ping?.(this.#controller.signal).then(
      (ms) => this.pong(ms),
      () => this.pong(),
    )
  }

  pong(given?: unknown): void {
    if (this.#trip.pending === this) this.#trips.answered(this.#trip, given)
  }

  forgo(): void {
    this.#controller?.abort(FORGONE)
  }
}

/** Measures round trips: once when a link opens, then round robin, and whenever a link is asked for a sign of life. */
export class RoundTrips implements Deadline {
  at = 0
  order = 0
  index = -1
  /** Links that are asked for a sign of life, before links that were never measured, before those that were. */
  readonly #asked = new FifoList<RoundTrip>()
  readonly #fresh = new FifoList<RoundTrip>()
  readonly #known = new FifoList<RoundTrip>()
  /** When the last pings left, as a ring. */
  readonly #sent = new Float64Array(PINGS_PER_SECOND)
  #count = 0
  readonly #clock: Clock
  readonly #deadlines: DeadlineQueue
  readonly #everyMs: number
  readonly #policy: HeartbeatPolicy
  readonly #measured: (ms: number) => void

  /** @param measured called with each round trip */
  constructor(clock: Clock, deadlines: DeadlineQueue, everyMs: number, policy: HeartbeatPolicy, measured: (ms: number) => void) {
    this.#clock = clock
    this.#deadlines = deadlines
    this.#everyMs = everyMs
    this.#policy = policy
    this.#measured = measured
  }

  /** Begins to measure a link; undefined where it cannot ping. */
  add(link: Link, of: Measured): RoundTrip | undefined {
    if (link.ping === undefined) return undefined
    const now = this.#clock.now()
    const trip = new RoundTrip(link, this.#fresh, now, of)
    this.#fresh.push(trip)
    this.#serve(now, false)
    return trip
  }

  remove(trip: RoundTrip): void {
    trip.line.remove(trip)
    this.#forgo(trip)
  }

  /** Has a link pinged as soon as the budget allows, unless a ping of it waits already. */
  ask(trip: RoundTrip, now: number): void {
    if (trip.answerBy > 0 || trip.line !== this.#known) return
    this.#known.remove(trip)
    trip.due = now
    trip.line = this.#asked
    this.#asked.push(trip)
    this.#serve(now, false)
  }

  /** Counts a ping whose answer is overdue as missed. */
  expire(trip: RoundTrip, now: number): void {
    if (trip.answerBy === 0 || now < trip.answerBy) return
    trip.answerBy = 0
    trip.misses++
  }

  /** Time has leapt ahead: silence is what somebody was awake for, and a ping that was under way meanwhile says nothing. */
  leapt(ms: number): void {
    for (let place = 0; place < this.#sent.length; place++) this.#sent[place]! += ms
    for (const trip of this.#all()) {
      trip.due += ms
      trip.heardAt += ms
      trip.answerBy = 0
    }
  }

  /** Has every link that no ping is under way on pinged as soon as the budget allows. */
  askAll(now: number): void {
    // Who is asked changes its line: the lines are walked before.
    const trips = Array.from(this.#all())
    for (const trip of trips) this.ask(trip, now)
  }

  *#all(): Generator<RoundTrip, void, undefined> {
    for (const line of [this.#asked, this.#fresh, this.#known]) {
      for (let trip = line.first; trip !== undefined; trip = trip.next) yield trip
    }
  }

  due(): void {
    const now = this.#clock.now()
    this.#serve(now, now - this.at >= STALL_MS)
  }

  /** @param isStalled our own process came late: answers may lie unread, so none is overdue yet */
  #serve(now: number, isStalled: boolean): void {
    for (;;) {
      const trip = this.#asked.first ?? this.#fresh.first ?? this.#known.first
      if (trip === undefined) return this.#deadlines.clear(this)
      const at = nextPingAt(trip.due, this.#count < PINGS_PER_SECOND ? undefined : this.#sent[this.#count % PINGS_PER_SECOND])
      if (at > now) return this.#deadlines.set(this, at)
      trip.line.remove(trip)
      trip.due = now + this.#everyMs
      trip.line = this.#known
      this.#known.push(trip)
      if (!isStalled) this.expire(trip, now)
      if (trip.answerBy === 0) this.#measure(trip, now)
    }
  }

  #measure(trip: RoundTrip, now: number): void {
    this.#sent[this.#count++ % PINGS_PER_SECOND] = now
    if (trip.unanswered === MOST_UNANSWERED) this.#forgo(trip)
    const { link } = trip
    const pending = (trip.pending ??= new Asking(this, trip))
    trip.unanswered++
    trip.answerBy = now + answerTimeout(trip.smoothed, trip.misses, this.#policy)
    try {
      if (link.measure === undefined) pending.ping()
      else link.measure(pending)
    } catch {
      // A link that cannot be measured now is measured in its next turn; that it is over it says by itself.
      pending.pong()
    }
  }

  /** A ping was answered, or will not be. @param given a round trip in milliseconds, where it is one */
  answered(trip: RoundTrip, given: unknown): void {
    const ms = roundTripOf(given)
    if (ms === undefined) this.#forgo(trip)
    else this.#answered(trip, ms)
  }

  /** Waits for the answers to a link's pings no longer. */
  #forgo(trip: RoundTrip): void {
    const { pending } = trip
    trip.pending = undefined
    trip.unanswered = trip.answerBy = 0
    pending?.forgo()
  }

  #answered(trip: RoundTrip, ms: number): void {
    if (trip.unanswered > 1) this.#forgo(trip)
    // Kept for the next ping it would be the largest thing that an idle link has.
    trip.pending = undefined
    trip.misses = trip.unanswered = trip.answerBy = 0
    trip.heardAt = this.#clock.now()
    trip.smoothed = smoothRoundTrip(trip.smoothed, ms)
    trip.of.latency = ms
    this.#measured(ms)
  }
}
