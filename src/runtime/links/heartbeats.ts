/** A link that has died in silence is found, and none is called dead while anything says that it lives. */
import { isAsked, isLost, lookEveryMs, STALL_MS, type HeartbeatPolicy, type HeartbeatView } from '../../../machines/policy/heartbeat.ts'
import type { Clock } from '../../clock.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { FifoList } from '../collections/fifo-list.ts'
import type { RoundTrip, RoundTrips } from './round-trips.ts'

/** Where it is seen that a link lives. */
export interface Pulse {
  /** Grows with every byte, or message. That a clock need not be asked for each, it is compared when the link is looked at. */
  readonly heard: number
  /** Whether we ourselves do not read it: its silence says nothing then. */
  readonly isPaused: boolean
  /** Whether we did not at some time since it was looked at last. */
  wasPaused: boolean
  /** Tells the other side that we live, where the link can. */
  assure(): void
}

/** When so much has come since the last look, the other side's pings may wait behind as much again, in bytes. */
const MUCH = 64 * 1024

/** A paused link says that we live at least so often, however patient we are ourselves: a quarter of the default silence. */
const ASSURE_MS = 15_000

/** A link of a peer that is looked at in turn. */
export class Heartbeat<P> {
  previous: Heartbeat<P> | undefined = undefined
  next: Heartbeat<P> | undefined = undefined
  /** When it is looked at next, in milliseconds since the epoch. */
  due: number
  /** What its pulse said when it was looked at last. */
  heard: number
  readonly peer: P
  readonly pulse: Pulse
  /** Left out where it cannot ping: then it is never judged. */
  readonly trip: RoundTrip | undefined

  constructor(peer: P, pulse: Pulse, trip: RoundTrip | undefined, due: number) {
    this.peer = peer
    this.pulse = pulse
    this.trip = trip
    this.heard = pulse.heard
    this.due = due
  }
}

/** Looks at every link that can ping or say that we live, all equally often: the list is queue and deadlines in one. */
export class Heartbeats<P> implements Deadline {
  at = 0
  order = 0
  index = -1
  readonly #line = new FifoList<Heartbeat<P>>()
  readonly #policy: HeartbeatPolicy & { readonly isOn: boolean }
  readonly #everyMs: number
  readonly #clock: Clock
  readonly #deadlines: DeadlineQueue
  readonly #trips: RoundTrips
  readonly #lost: (peer: P, view: HeartbeatView) => void

  /** @param lost called when a link has died */
  constructor(
    policy: HeartbeatPolicy & { readonly isOn: boolean },
    clock: Clock,
    deadlines: DeadlineQueue,
    trips: RoundTrips,
    lost: (peer: P, view: HeartbeatView) => void,
  ) {
    this.#policy = policy
    this.#everyMs = Math.min(lookEveryMs(policy), ASSURE_MS)
    this.#clock = clock
    this.#deadlines = deadlines
    this.#trips = trips
    this.#lost = lost
  }

  add(peer: P, pulse: Pulse, trip: RoundTrip | undefined): Heartbeat<P> {
    const beat = new Heartbeat(peer, pulse, trip, this.#clock.now() + this.#everyMs)
    this.#line.push(beat)
    if (this.index < 0) this.#deadlines.set(this, beat.due)
    return beat
  }

  remove(beat: Heartbeat<P>): void {
    this.#line.remove(beat)
  }

  /** Time has leapt ahead: each link is looked at as late as it would have been. */
  leapt(ms: number): void {
    for (let beat = this.#line.first; beat !== undefined; beat = beat.next) beat.due += ms
  }

  due(): void {
    const now = this.#clock.now()
    const lateMs = now - this.at
    for (let beat = this.#line.first; beat !== undefined; beat = this.#line.first) {
      if (beat.due > now) return this.#deadlines.set(this, beat.due)
      this.#line.remove(beat)
      beat.due = now + this.#everyMs
      this.#line.push(beat)
      this.#look(beat, now, lateMs)
    }
  }

  #look(beat: Heartbeat<P>, now: number, lateMs: number): void {
    const { pulse, trip } = beat
    const { heard, wasPaused } = pulse
    const more = heard - beat.heard
    beat.heard = heard
    pulse.wasPaused = pulse.isPaused
    // The other side's pings wait behind what we have not read: it would take our silence for death.
    if (wasPaused || more >= MUCH) pulse.assure()
    if (trip === undefined) return
    if (more !== 0 || wasPaused) {
      trip.heardAt = now
      trip.misses = 0
      return
    }
    if (!this.#policy.isOn) return
    // What was answered while our own process stood still lies unread until this tick is over.
    if (lateMs < STALL_MS) this.#trips.expire(trip, now)
    const view = { misses: trip.misses, silentMs: now - trip.heardAt, lateMs }
    if (isLost(view, this.#policy)) this.#lost(beat.peer, view)
    else if (isAsked(view, this.#policy)) this.#trips.ask(trip, now)
  }
}
