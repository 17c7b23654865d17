/** A queue of deadlines: however many there are, one timer of the clock is armed, for the earliest. */
import { LONGEST_WAIT_MS, type Clock } from '../../clock.ts'
import { Heap, type HeapItem } from '../collections/heap.ts'

/** Something that happens at a time. Made by its owner, and in at most one queue. */
export interface Deadline extends HeapItem {
  /** When, in milliseconds since the epoch. */
  at: number
  /** Its queue counts with it: of two that are due in one instant, the one that was set first comes first. */
  order: number
  /** Called once, when the time has come. */
  due(): void
}

/**
 * Deadlines behind one timer. The timer is left armed when its deadline is taken out: it finds
 * nothing to do and arms itself anew, so that a wait which is nearly always cut short costs no timer of its own.
 */
export class DeadlineQueue {
  readonly #clock: Clock
  readonly #heap = new Heap<Deadline>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order))
  #timer: unknown = undefined
  #armedFor = Infinity
  #count = 0
  #running = false
  readonly #isAwake: boolean
  readonly #late: ((lateMs: number) => void) | undefined

  /**
   * @param late is told how much later than asked the timer came, before anything that is due
   * @param counting whether time that was leapt over counts: `awake` for what waits for an answer, `all` for a TTL or a pause
   */
  constructor(clock: Clock, counting: 'awake' | 'all' = 'awake', late?: (lateMs: number) => void) {
    this.#clock = clock
    this.#late = late
    this.#isAwake = counting === 'awake'
  }

  /** Sets a deadline, or moves one that is set. */
  set(deadline: Deadline, at: number): void {
    deadline.at = at
    deadline.order = ++this.#count
    this.#heap.set(deadline)
    this.#arm()
  }

  /** Time has leapt ahead: what waits for an answer waits as long as it would have, the rest is looked at anew. */
  leapt(ms: number): void {
    if (this.#isAwake) for (const deadline of this.#heap) deadline.at += ms
    this.#disarm()
    this.#arm()
  }

  /** How much later than asked the timer comes that is armed, in milliseconds. */
  lateMs(now: number): number {
    return Math.max(0, now - this.#armedFor)
  }

  /** Takes a deadline out, if it is set. */
  clear(deadline: Deadline): void {
    this.#heap.remove(deadline)
  }

  /** Forgets every deadline and the timer. */
  stop(): void {
    this.#heap.clear()
    this.#disarm()
  }

  #arm(): void {
    const next = this.#heap.first
    if (next === undefined || this.#running || next.at >= this.#armedFor) return
    this.#disarm()
    this.#armedFor = next.at
    this.#timer = this.#clock.setTimeout(this.#fire, Math.min(LONGEST_WAIT_MS, Math.max(0, next.at - this.#clock.now())))
  }

  #disarm(): void {
    if (this.#armedFor === Infinity) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#armedFor = Infinity
  }

  readonly #fire = (): void => {
    const lateMs = this.#late === undefined ? 0 : this.lateMs(this.#clock.now())
    this.#timer = undefined
    this.#armedFor = Infinity
    this.#running = true
    try {
      if (lateMs > 0) this.#late?.(lateMs)
      for (let next = this.#heap.first; next !== undefined && this.#clock.now() >= next.at; next = this.#heap.first) {
        this.#heap.remove(next)
        next.due()
      }
    } finally {
      this.#running = false
      this.#arm()
    }
  }
}
