/** Keeps one thing true: however many deadlines there are, one timer of the clock is armed, for the earliest. */
import type { Clock } from '../clock.ts'

/** The longest wait that platforms' timers take; a later deadline is reached in steps. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/** Something that happens at a time. Made by its owner, and in at most one queue. */
export interface Deadline {
  /** When, in milliseconds since the epoch. */
  at: number
  /** Its place in the queue; -1: in none. */
  index: number
  /** Called once, when the time has come. */
  due(): void
}

/**
 * A binary heap of deadlines behind one timer. The timer is left armed when its deadline is taken out: it finds
 * nothing to do and arms itself anew, so that a wait which is nearly always cut short costs no timer of its own.
 */
export class DeadlineQueue {
  readonly #clock: Clock
  readonly #heap: Deadline[] = []
  #timer: unknown = undefined
  #armedFor = Infinity
  #running = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#heap.length
  }

  /** Sets a deadline, or moves one that is set. */
  set(deadline: Deadline, at: number): void {
    deadline.at = at
    if (deadline.index < 0) {
      deadline.index = this.#heap.length
      this.#heap.push(deadline)
      this.#up(deadline)
    } else {
      this.#up(deadline)
      this.#down(deadline)
    }
    this.#arm()
  }

  /** Takes a deadline out, if it is set. */
  clear(deadline: Deadline): void {
    if (deadline.index >= 0) this.#take(deadline)
  }

  /** Forgets every deadline and the timer. */
  stop(): void {
    for (const deadline of this.#heap) deadline.index = -1
    this.#heap.length = 0
    this.#disarm()
  }

  #arm(): void {
    const next = this.#heap[0]
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
    this.#timer = undefined
    this.#armedFor = Infinity
    this.#running = true
    try {
      for (let next = this.#heap[0]; next !== undefined && next.at <= this.#clock.now(); next = this.#heap[0]) {
        this.#take(next)
        next.due()
      }
    } finally {
      this.#running = false
      this.#arm()
    }
  }

  #take(deadline: Deadline): void {
    const heap = this.#heap
    const last = heap.pop()
    const index = deadline.index
    deadline.index = -1
    if (last === undefined || last === deadline) return
    heap[index] = last
    last.index = index
    this.#up(last)
    this.#down(last)
  }

  #up(deadline: Deadline): void {
    const heap = this.#heap
    let index = deadline.index
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= deadline.at) break
      heap[index] = parent
      parent.index = index
      index = above
    }
    heap[index] = deadline
    deadline.index = index
  }

  #down(deadline: Deadline): void {
    const heap = this.#heap
    let index = deadline.index
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      const least = right !== undefined && left !== undefined && right.at < left.at ? right : left
      if (least === undefined || least.at >= deadline.at) break
      const below = least.index
      heap[index] = least
      least.index = index
      index = below
    }
    heap[index] = deadline
    deadline.index = index
  }
}
