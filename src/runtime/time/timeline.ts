/**
 * Durations are those that went by, instants are those of the wall clock, and neither goes backwards.
 *
 * A manager has one line of time, {@link Timeline.now}: every event, deadline and comparison is on it. It goes as the wall clock
 * goes, with two exceptions. Where the wall clock is set back, the line goes on as the steady clock says. Where it leaps ahead,
 * the process was suspended, or the clock was set, and nothing can tell which from inside: the line leaps along, and whoever
 * has registered with {@link Timeline.onLeap} is told by how much. What counts the time in which nobody was awake (a TTL, a
 * pause) is then over; what waits for an answer waits on, as nobody had the chance to answer.
 *
 * Instants that are shown are {@link Timeline.instant} of those on the line. They are the same but after the wall clock
 * was set back: then they are ahead of it, go at a tenth of its pace until it has caught up, and are right from there on.
 */
import type { Clock } from '../../clock.ts'

/** How far the two clocks must part between two looks for it to be a leap, in milliseconds: no correction of a running clock is as fast. */
export const LEAP_MS = 2_000

/** How long the wall clock is trusted without a look at the steady one, in milliseconds. */
const GLANCE_MS = 1_000

/** The pace of shown instants while the wall clock catches up with them: slow, that it soon has; and not 0, that they still tell an order. */
const PACE = 0.1

/** How many changes of pace are remembered. Of what was before the oldest one, instants are as good as they can be. */
const MOST_BENDS = 64

/** How far apart two looks at the steady clock may be for the one at the wall clock between them to count, in milliseconds. */
const SAME_MOMENT_MS = 50

/** From `from` on the line, instants go on from `at` at this pace. */
interface Bend {
  readonly from: number
  readonly at: number
  readonly pace: number
}

/** The time of one manager. Itself a clock, whose `now` is the line. */
export class Timeline implements Clock {
  readonly #clock: Clock
  /** The wall clock as it was read last, and how far the line is ahead of it: by as much as that was set back. */
  #wall: number
  #ahead = 0
  /** When the steady clock is looked at next, by the wall clock. */
  #glanceAt: number
  /** Where both clocks were when they were compared last. */
  #steadyThen: number
  #lineThen: number
  #leapt = 0
  #bends: readonly Bend[] = []
  readonly #heeding = new Set<(ms: number) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = this.#lineThen = this.#readWall()
    this.#steadyThen = clock.now()
    this.#glanceAt = this.#nextGlance()
  }

  /** A clock's timeline; a timeline is its own. */
  static of(clock: Clock): Timeline {
    return clock instanceof Timeline ? clock : new Timeline(clock)
  }

  /** The present place on the line, in milliseconds since the epoch. Costs one look at the wall clock, mostly. */
  now(): number {
    const wall = this.#readWall()
    if (wall < this.#wall || wall >= this.#glanceAt) return this.#compare()
    this.#wall = wall
    return wall + this.#ahead
  }

  /** The present place on the line without the time that was leapt over: how long it has been awake since the beginning. */
  awake(): number {
    return this.now() - this.#leapt
  }

  wall(): number {
    return this.#readWall()
  }

  /** The steady clock, whatever the system's clock is set to; it may stand still while the machine sleeps. Only differences mean something. */
  steady(): number {
    return this.#clock.now()
  }

  /** What is shown of a place on the line, in milliseconds since the epoch: of two places, never the later one's first. */
  instant(at: number): number {
    if (this.#bends.length === 0) return at
    const bend = this.#bends.findLast(({ from }) => from <= at)
    if (bend !== undefined) return bend.at + (at - bend.from) * bend.pace
    // Before the oldest bend that is remembered, time went at its usual pace.
    const first = this.#bends[0] as Bend
    return first.at + (at - first.from)
  }

  /** Calls back at each leap ahead, with its length in milliseconds, whoever asks for the time then: it must not throw, nor command. Gives what ends it. */
  onLeap(heed: (ms: number) => void): () => void {
    this.#heeding.add(heed)
    return () => void this.#heeding.delete(heed)
  }

  setTimeout(f: () => void, ms: number): unknown {
    return this.#clock.setTimeout(f, ms)
  }

  clearTimeout(id: unknown): void {
    this.#clock.clearTimeout(id)
  }

  #readWall(): number {
    const clock = this.#clock
    return clock.wall === undefined ? clock.now() : clock.wall()
  }

  /** A clock of one hand has nothing to be compared with. */
  #nextGlance(): number {
    return this.#clock.wall === undefined ? Infinity : this.#wall + GLANCE_MS
  }

  /** The wall clock has gone further than it is trusted, or back. */
  #compare(): number {
    const last = this.#wall + this.#ahead
    const { wall, steady } = this.#readBoth()
    // Without a wall clock, what the clock says of itself is all that there is: where it goes back, it stood still.
    const due = this.#clock.wall === undefined ? last : this.#lineThen + Math.max(0, steady - this.#steadyThen)
    const leapMs = wall + this.#ahead - due
    this.#wall = wall
    // Corrections of less than a leap are followed: ahead at once, back by standing still where need be.
    const line = Math.max(last, leapMs <= -LEAP_MS ? due : wall + this.#ahead)
    if (line !== wall + this.#ahead) this.#fallBack(line, last)
    this.#ahead = line - wall
    this.#steadyThen = steady
    this.#lineThen = line
    this.#glanceAt = this.#nextGlance()
    if (leapMs >= LEAP_MS && this.#clock.wall !== undefined) {
      this.#leapt += leapMs
      for (const heed of this.#heeding) heed(leapMs)
    }
    return line
  }

  /** A process may be suspended between the looks at its two clocks as well: then they are looked at again. */
  #readBoth(): { readonly wall: number; readonly steady: number } {
    for (let tries = 3; ; tries--) {
      const before = this.#clock.now()
      const wall = this.#readWall()
      const steady = this.#clock.now()
      if (steady - before <= SAME_MOMENT_MS || tries === 0) return { wall, steady }
    }
  }

  /** The wall clock was set back: instants slow down from here on, until it has caught up. */
  #fallBack(line: number, last: number): void {
    const shown = this.instant(last)
    // Of the time that went by unseen nothing was shown: some of what is to be caught up may lie in it.
    const at = Math.max(shown, this.#wall)
    const slowMs = (at - this.#wall) / (1 - PACE)
    const kept = this.#bends.filter(({ from }) => from < last).slice(3 - MOST_BENDS)
    this.#bends = [
      ...kept,
      { from: last, at: shown, pace: line > last ? (at - shown) / (line - last) : 0 },
      { from: line, at, pace: PACE },
      { from: line + slowMs, at: this.#wall + slowMs, pace: 1 },
    ]
  }
}
