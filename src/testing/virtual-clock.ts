/** Time moves only when a test says so, and every timer fires at exactly its own instant. */
import type { Clock } from '../clock.ts'
import { flush } from './flush.ts'

/** Where a {@link VirtualClock} starts unless told otherwise: 2025-01-01T00:00:00Z, in milliseconds since the epoch. @since 0.1.0 */
export const DEFAULT_EPOCH = 1_735_689_600_000

/**
 * How many timers may fire in one instant that were armed in that same instant. A loop that re-arms itself
 * with no delay would otherwise hang the test instead of failing it.
 */
const MOST_CHAINED_IN_ONE_INSTANT = 1_000_000

/** A timer of a {@link VirtualClock}; opaque, good for `clearTimeout` alone. */
interface VirtualTimer {
  readonly at: number
  readonly order: number
  /** Undefined once it fired or was cleared, so that a kept handle keeps nothing else alive. */
  f: (() => void) | undefined
  /** Where it stands in the heap, which makes clearing O(log n). */
  index: number
}

/**
 * A clock that a test advances. Timers fire in order of their time, then of their arming, those
 * that are armed while others fire included, and `now()` is each timer's own time while it fires.
 *
 * @since 0.1.0
 * @example
 * const clock = new VirtualClock()
 * const manager = new ConnectionManager(10, { transport: scripted(), clock })
 * clock.advance(30_000)
 */
export class VirtualClock implements Clock {
  readonly #heap: VirtualTimer[] = []
  #now: number
  #armed = 0
  #firing = false
  #chained = 0
  #leapt = 0

  /** @param epoch the first instant, in milliseconds since the epoch. @default {@link DEFAULT_EPOCH} */
  constructor(epoch: number = DEFAULT_EPOCH) {
    if (!Number.isFinite(epoch)) throw new RangeError(`epoch must be a finite number of milliseconds, got ${epoch}`)
    this.#now = epoch
  }

  /** The present instant, in milliseconds since the epoch. */
  now(): number {
    return this.#now
  }

  /** The instant that the wall clock shows: `now`, and by how much it has leapt. */
  wall(): number {
    return this.now() + this.#leapt
  }

  /**
   * Has the wall clock leap by `ms` milliseconds, and nothing else happen. Ahead, it is what a process sees that was suspended, or
   * whose clock was set; below 0, whose clock was set back.
   */
  leap(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`ms must be a finite number of milliseconds, got ${ms}`)
    this.#leapt += ms
  }

  /** How many timers are armed. */
  get pending(): number {
    return this.#heap.length
  }

  /** When the next timer is due, in milliseconds since the epoch; undefined: none is armed. */
  get next(): number | undefined {
    return this.#heap[0]?.at
  }

  /** How many timers were ever armed: what an operation costs the clock can be counted. */
  get armed(): number {
    return this.#armed
  }

  /** Calls `f` once, `ms` milliseconds from now; what is not a number above 0 counts as 0. Nothing fires before time is moved. */
  setTimeout(f: () => void, ms: number): unknown {
    const timer: VirtualTimer = { at: this.#now + (ms > 0 ? ms : 0), order: this.#armed++, f, index: this.#heap.length }
    this.#heap.push(timer)
    this.#rise(timer)
    return timer
  }

  /** Disarms a timer; one that has fired or was cleared, or what is no timer at all, is ignored. */
  clearTimeout(id: unknown): void {
    const timer = id as VirtualTimer | undefined | null
    if (typeof timer !== 'object' || timer === null || this.#heap[timer.index] !== timer) return
    this.#remove(timer)
    timer.f = undefined
  }

  /**
   * Moves time on by `ms` milliseconds and fires what falls due, all of it before this returns.
   *
   * @throws what a timer throws, at once: time then stands at that timer's instant, and the rest stays armed
   */
  advance(ms: number): void {
    this.advanceTo(this.#target(ms))
  }

  /** Moves time on to the instant `at`, in milliseconds since the epoch, as {@link advance} does. */
  advanceTo(at: number): void {
    this.#refuseBackwards(at)
    while (this.#fireNext(at));
    this.#now = at
  }

  /** As {@link advance}, and lets every promise job run before the first timer, after each, and at the end. */
  async advanceAsync(ms: number): Promise<void> {
    await this.advanceToAsync(this.#target(ms))
  }

  /** As {@link advanceTo}, and lets every promise job run before the first timer, after each, and at the end. */
  async advanceToAsync(at: number): Promise<void> {
    this.#refuseBackwards(at)
    await flush()
    while (this.#fireNext(at)) await flush()
    if (at > this.#now) {
      this.#now = at
      await flush()
    }
  }

  #target(ms: number): number {
    if (!(ms >= 0) || ms === Infinity) throw new RangeError(`ms must be a finite number of milliseconds >= 0, got ${ms}`)
    return this.#now + ms
  }

  #refuseBackwards(at: number): void {
    if (this.#firing) throw new Error('a timer must not move the time that it fires in: arm another timer instead')
    if (!(at >= this.#now) || at === Infinity) throw new RangeError(`time never goes backwards: it is ${this.#now}, asked for ${at}`)
  }

  /** Fires the first timer that is due by `until`; false: there is none. */
  #fireNext(until: number): boolean {
    const timer = this.#heap[0]
    if (timer === undefined || timer.at > until) return false
    this.#remove(timer)
    if (timer.at > this.#now) {
      this.#now = timer.at
      this.#chained = 0
    } else if (++this.#chained > MOST_CHAINED_IN_ONE_INSTANT) {
      throw new Error(`more than ${MOST_CHAINED_IN_ONE_INSTANT} timers fired at ${this.#now}: something re-arms itself without a delay`)
    }
    const f = timer.f
    timer.f = undefined
    this.#firing = true
    try {
      f?.()
    } finally {
      this.#firing = false
    }
    return true
  }

  #remove(timer: VirtualTimer): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last !== undefined && last !== timer) {
      last.index = timer.index
      heap[last.index] = last
      this.#rise(last)
      this.#sink(last)
    }
    timer.index = -1
  }

  #rise(timer: VirtualTimer): void {
    const heap = this.#heap
    let index = timer.index
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || !isEarlier(timer, parent)) break
      heap[index] = parent
      parent.index = index
      index = parentIndex
    }
    heap[index] = timer
    timer.index = index
  }

  #sink(timer: VirtualTimer): void {
    const heap = this.#heap
    let index = timer.index
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const child = right !== undefined && left !== undefined && isEarlier(right, left) ? right : left
      if (child === undefined || !isEarlier(child, timer)) break
      const childIndex = child.index
      heap[index] = child
      child.index = index
      index = childIndex
    }
    heap[index] = timer
    timer.index = index
  }
}

function isEarlier(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
