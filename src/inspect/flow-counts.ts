/** Each transition of a chart has been counted once for each time that it was taken. */
import type { FlowPlace } from './peer-flows.ts'

/** How often each transition of an outline was taken, and when last. */
export class FlowCounts {
  readonly #places: readonly FlowPlace[]
  readonly #counts: Float64Array
  readonly #changed: Float64Array

  constructor(places: readonly FlowPlace[]) {
    this.#places = places
    this.#counts = new Float64Array(places.length)
    this.#changed = new Float64Array(places.length)
  }

  /** Counts one; a negative place is none. */
  add(place: number, version: number): void {
    if (place < 0) return
    this.#counts[place]!++
    this.#changed[place] = version
  }

  clear(): void {
    this.#counts.fill(0)
    this.#changed.fill(0)
  }

  /** Those that were taken after a version: edge, transition, count. */
  since(version: number): (readonly [edge: number, transition: number, count: number])[] {
    return this.#places.flatMap(([edge, transition], place) =>
      this.#changed[place]! > version ? [[edge, transition, this.#counts[place]!] as const] : [],
    )
  }
}
