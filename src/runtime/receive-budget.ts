/** Keeps one thing true: messages that have begun to arrive hold no more memory than the budget, whoever sends them and on however many links. */

/** A link that may hold part of a message. */
export interface Receiver {
  /** Whether the transport has proven who sends. */
  readonly isProven: boolean
}

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

  /**
   * Notes what a link holds; 0: nothing any more.
   *
   * @returns the link that has to go, for which nothing is counted any more
   */
  note(link: R, bytes: number): R | undefined {
    this.forget(link)
    if (bytes === 0) return undefined
    this.#parts.set(link, { bytes, step: ++this.#steps })
    this.#bytes += bytes
    if (this.#bytes <= this.#maxBytes || this.#parts.size === 1) return undefined
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
    let victim: R | undefined
    let worst: Part | undefined
    for (const [link, part] of this.#parts) {
      if (worst !== undefined && victim !== undefined && !yieldsBefore(link, part, victim, worst)) continue
      victim = link
      worst = part
    }
    return victim
  }
}

/** Whether the first has to go rather than the second. */
function yieldsBefore(a: Receiver, { bytes, step }: Part, b: Receiver, other: Part): boolean {
  // About as much is within the same power of two: one byte less must not save whoever has stopped sending.
  const magnitude = Math.clz32(bytes) - Math.clz32(other.bytes)
  if (magnitude !== 0) return magnitude < 0
  if (a.isProven !== b.isProven) return b.isProven
  return step < other.step
}
