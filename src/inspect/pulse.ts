/** A pulse tells what is new at most once in a while, and while nothing is new no timer runs. */
import type { Clock } from '../clock.ts'

/** Beats once after it is woken, and not before a while has passed since it beat last. */
export class Pulse {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #beat: () => void
  #timer: unknown = undefined
  #lastAt = -Infinity

  constructor(clock: Clock, everyMs: number, beat: () => void) {
    this.#clock = clock
    this.#everyMs = everyMs
    this.#beat = beat
  }

  /** Something is new. */
  wake(): void {
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#lastAt + this.#everyMs - this.#clock.now())
    this.#timer = this.#clock.setTimeout(this.#due, wait)
  }

  /** Nobody wants to be told. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #due = (): void => {
    this.#timer = undefined
    this.#lastAt = this.#clock.now()
    this.#beat()
  }
}
