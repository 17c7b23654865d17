/** Keeps one thing true: each link that can ping is measured in turn, and all together never above the budget. */
import { nextPingAt, PINGS_PER_SECOND } from '../../machines/policy/pinging.ts'
import type { Clock } from '../clock.ts'
import type { Link } from '../transports/transport.ts'
import type { Deadline, DeadlineQueue } from './deadline-queue.ts'
import { FifoList } from './fifo-list.ts'

/** A link whose round trips are measured. */
export class RoundTrip {
  previous: RoundTrip | undefined = undefined
  next: RoundTrip | undefined = undefined
  /** When it is measured next, in milliseconds since the epoch. */
  due = 0
  line: FifoList<RoundTrip>
  pending: AbortController | undefined = undefined
  readonly link: Link
  readonly measured: (ms: number) => void

  constructor(link: Link, line: FifoList<RoundTrip>, measured: (ms: number) => void) {
    this.link = link
    this.line = line
    this.measured = measured
  }
}

/** Measures round trips: once when a link opens, then round robin. */
export class RoundTrips implements Deadline {
  at = 0
  index = -1
  /** Links that were never measured, before those that were. */
  readonly #fresh = new FifoList<RoundTrip>()
  readonly #known = new FifoList<RoundTrip>()
  /** When the last pings left, as a ring. */
  readonly #sent = new Float64Array(PINGS_PER_SECOND)
  #count = 0
  readonly #clock: Clock
  readonly #deadlines: DeadlineQueue
  readonly #everyMs: number

  constructor(clock: Clock, deadlines: DeadlineQueue, everyMs: number) {
    this.#clock = clock
    this.#deadlines = deadlines
    this.#everyMs = everyMs
  }

  /** Begins to measure a link; undefined where it cannot ping. */
  add(link: Link, measured: (ms: number) => void): RoundTrip | undefined {
    if (link.ping === undefined) return undefined
    const trip = new RoundTrip(link, this.#fresh, measured)
    trip.due = this.#clock.now()
    this.#fresh.push(trip)
    this.due()
    return trip
  }

  remove(trip: RoundTrip): void {
    trip.line.remove(trip)
    trip.pending?.abort()
    trip.pending = undefined
  }

  due(): void {
    const now = this.#clock.now()
    for (;;) {
      const trip = this.#fresh.first ?? this.#known.first
      if (trip === undefined) return this.#deadlines.clear(this)
      const at = nextPingAt(trip.due, this.#count < PINGS_PER_SECOND ? undefined : this.#sent[this.#count % PINGS_PER_SECOND])
      if (at > now) return this.#deadlines.set(this, at)
      this.#measure(trip, now)
    }
  }

  #measure(trip: RoundTrip, now: number): void {
    this.#sent[this.#count++ % PINGS_PER_SECOND] = now
    trip.line.remove(trip)
    trip.due = now + this.#everyMs
    trip.line = this.#known
    this.#known.push(trip)
    trip.pending?.abort()
    const pending = new AbortController()
    trip.pending = pending
    const finish = (ms?: number): void => {
      if (trip.pending !== pending) return
      trip.pending = undefined
      if (ms !== undefined) trip.measured(ms)
    }
    try {
      trip.link.ping?.(pending.signal).then(finish, () => finish())
    } catch {
      // A link that cannot be measured now is measured in its next turn; that it is over it says by itself.
      finish()
    }
  }
}
