/** A histogram that only grows: durations counted by the bounds that all of them share. */
import { BOUNDS } from './instruments.ts'

/** Counts durations. */
export class DurationCounts {
  readonly #counts = new Float64Array(BOUNDS.length + 1)
  #sum = 0
  #count = 0

  /** The sum of all durations, in seconds. */
  get sum(): number {
    return this.#sum
  }

  /** How many there were. */
  get count(): number {
    return this.#count
  }

  /** Counts one. What is no duration is not counted. @param seconds at least 0 */
  add(seconds: number): void {
    if (!(seconds >= 0 && seconds < Infinity)) return
    let index = 0
    while (index < BOUNDS.length && seconds > (BOUNDS[index] ?? Infinity)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += seconds
    this.#count += 1
  }

  /** How many lasted at most so long, for each bound; the last one, `+Inf`, is {@link count}. */
  *cumulative(): Generator<readonly [bound: number | '+Inf', count: number], void, undefined> {
    let seen = 0
    for (const [index, bound] of BOUNDS.entries()) {
      seen += this.#counts[index] ?? 0
      yield [bound, seen]
    }
    yield ['+Inf', this.#count]
  }
}
