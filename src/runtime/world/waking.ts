/** The guard against a stalled process, or a machine that slept: no link is trusted for what it was before, and none is called dead for it. */
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import type { Heartbeats } from '../links/heartbeats.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { RoundTrips } from '../links/round-trips.ts'
import type { Settings } from '../options/settings.ts'

/** What waking asks of the world that it is in. */
export interface WakingHost {
  readonly settings: Pick<Settings, 'clock' | 'watchWakeUps'>
  readonly deadlines: DeadlineQueue
  readonly expiries: DeadlineQueue
  readonly roundTrips: RoundTrips
  readonly heartbeats: Heartbeats<PeerRecord>
  now(): number
}

/** How late a timer must come for the process to have been suspended, in milliseconds: nothing that runs stalls for so long. */
const SUSPENDED_MS = 30_000

/** Two wakings that are closer, in milliseconds, are one: a clock that leaps again and again must not keep links from being given up. */
const APART_MS = 10_000

/** Notices that the process was suspended, or its clock set, and has everything looked at anew. */
export class Waking implements Deadline {
  at = 0
  order = 0
  index = -1
  readonly #world: WakingHost
  /** When it woke last, in milliseconds since the epoch; 0: never. */
  #wokeAt = 0
  readonly #unwatch: (() => void) | undefined
  readonly #unheed: () => void

  constructor(world: WakingHost) {
    this.#world = world
    this.#unheed = world.settings.clock.onLeap((ms) => this.#leapt(ms))
    // A page that comes into view is a moment to look at the clock.
    this.#unwatch = world.settings.watchWakeUps?.(() => this.look())
  }

  /** Whether nothing was heard of a peer's link since it woke, though it could be asked. */
  doubts({ roundTrip }: PeerRecord): boolean {
    return this.#wokeAt > 0 && roundTrip !== undefined && roundTrip.heardAt <= this.#wokeAt
  }

  /** Looks at the clock: what it finds is carried out in the next turn. */
  look(): void {
    const { settings, deadlines } = this.#world
    // A leap is told by the clock itself; where the steady clock goes on in a sleep, timers come late.
    const now = settings.clock.now()
    this.late(deadlines.lateMs(now))
  }

  /** A timer came. @param lateMs how much later than asked */
  late(lateMs: number): void {
    if (lateMs < SUSPENDED_MS) return
    // By all clocks that time has gone by: only a ping of before says nothing.
    this.#world.roundTrips.leapt(0)
    this.#wake(this.#world.now())
  }

  due(): void {
    this.#world.roundTrips.askAll(this.#world.now())
  }

  stop(): void {
    this.#unwatch?.()
    this.#unheed()
  }

  #leapt(ms: number): void {
    const { deadlines, expiries, roundTrips, heartbeats } = this.#world
    const now = this.#world.now()
    roundTrips.leapt(ms)
    heartbeats.leapt(ms)
    deadlines.leapt(ms)
    expiries.leapt(ms)
    this.#wake(now)
  }

  #wake(now: number): void {
    if (this.#wokeAt > 0 && now - this.#wokeAt < APART_MS) return
    this.#wokeAt = now
    this.#world.deadlines.set(this, now)
  }
}
