/** Messages that have begun to arrive hold no more memory than the budget, whoever sends them and on however many links. */

/** A link that may hold part of a message. */
export interface Receiver {
  /** Whether the transport has proven who sends. */
  readonly isProven: boolean
}

/** At least so large a part of what the largest one holds is about as much: rooms for messages grow by as much at a time. */
const ABOUT = 4

interface Part {
  readonly bytes: number
  /** When it went on last, as a count of such steps. */
  readonly step: number
}

/** Sums up what unfinished messages hold on all links of a manager. */
export class ReceiveBudget<R extends Receiver> {
  readonly #parts = new Map<R, Part>()
  readonly #maxBytes: number
  #bytes = 0
  #steps = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** What they hold together. */
  get bytes(): number {
    return this.#bytes
  }

  /** Notes what a link holds; 0: nothing any more. Then {@link overflow} says who has to go. */
  note(link: R, bytes: number): void {
    this.forget(link)
    if (bytes === 0) return
    this.#parts.set(link, { bytes, step: ++this.#steps })
    this.#bytes += bytes
  }

  /** A link that has to go, for which nothing is counted any more; undefined: they hold no more than they may. */
  overflow(): R | undefined {
    if (this.#bytes <= this.#maxBytes || this.#parts.size <= 1) return undefined
    const victim = this.#victim()
    if (victim !== undefined) this.forget(victim)
    return victim
  }

  /** A link is over, or holds nothing any more. */
  forget(link: R): void {
    const part = this.#parts.get(link)
    if (part === undefined) return
    this.#parts.delete(link)
    this.#bytes -= part.bytes
  }

  #victim(): R | undefined {
    let most = 0
    for (const { bytes } of this.#parts.values()) most = Math.max(most, bytes)
    let victim: R | undefined
    let worst: Part | undefined
    for (const [link, part] of this.#parts) {
      // One byte less than the others must not save whoever has stopped sending.
      if (part.bytes * ABOUT < most) continue
      if (worst !== undefined && victim !== undefined && !yieldsBefore(link, part, victim, worst)) continue
      victim = link
      worst = part
    }
    return victim
  }
}

/** Of two links that hold about as much, whether the first has to go. */
function yieldsBefore(a: Receiver, { step }: Part, b: Receiver, other: Part): boolean {
  return a.isProven === b.isProven ? step < other.step : b.isProven
}
