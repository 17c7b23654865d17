/** Held messages: what has arrived on a link that nobody reads, in order, and what it costs in memory. */

/** What a held message costs besides its bytes, and at least, measured in V8: the array, its buffer and their places. */
const MESSAGE_COST = 104
const LEAST_COST = 256

/** A smaller part of its buffer is copied before it is held: it would keep the whole. */
const LEAST_SHARE = 1 / 2

/** Messages that wait for a reader, oldest first. */
export class HeldMessages {
  readonly #messages: Uint8Array[] = []
  /** Where the oldest is. */
  #head = 0
  #bytes = 0

  get isEmpty(): boolean {
    return this.#head === this.#messages.length
  }

  /** Holds one more; returns what all of them cost now, in bytes. */
  add(data: Uint8Array): number {
    this.#messages.push(data.byteLength < data.buffer.byteLength * LEAST_SHARE ? data.slice() : data)
    return (this.#bytes += costOf(data))
  }

  /** Takes the oldest. There must be one. */
  take(): Uint8Array {
    const data = this.#messages[this.#head++]!
    this.#bytes -= costOf(data)
    if (this.#head >= 1024) {
      this.#messages.splice(0, this.#head)
      this.#head = 0
    }
    return data
  }
}

function costOf({ byteLength }: Uint8Array): number {
  return Math.max(LEAST_COST, byteLength + MESSAGE_COST)
}
