/** The fact sheet of a peer is looked up a few peers at a time, never all at once. */
import { type LinkSafety, safetyOf } from '../transports/link-safety.ts'
import type { SlotFacts } from './changes.ts'
import type { PeerFacts } from './source.ts'

/** Shown facts by slot, and which of them may be out of date. */
export class FactSheet {
  readonly #addresses: string[] = []
  readonly #failures: (string | null)[] = []
  readonly #latencies: (number | null)[] = []
  readonly #inbound: (0 | 1)[] = []
  readonly #safety: LinkSafety[] = []
  readonly #isStale: boolean[] = []
  #stale: number[] = []
  #sweep = 0

  /** Whether some are known to be out of date. */
  get isStale(): boolean {
    return this.#stale.length > 0
  }

  /** The slot has another peer now, of which nothing is known. */
  clear(slot: number): void {
    this.#addresses[slot] = ''
    this.#failures[slot] = this.#latencies[slot] = null
    this.#inbound[slot] = this.#safety[slot] = 0
  }

  /** The peer has moved: what is shown of it may not be so any more. */
  doubt(slot: number): void {
    if (this.#isStale[slot] === true) return
    this.#isStale[slot] = true
    this.#stale.push(slot)
  }

  /** Up to `most` slots that are to be looked up now: first those in doubt, oldest first. */
  takeStale(most: number): readonly number[] {
    const taken = this.#stale.length <= most ? this.#stale : this.#stale.slice(0, most)
    this.#stale = taken === this.#stale ? [] : this.#stale.slice(most)
    for (const slot of taken) this.#isStale[slot] = false
    return taken
  }

  /** The next `most` slots of `size`, in turn. */
  *takeTurn(most: number, size: number): Generator<number, void, undefined> {
    for (let taken = Math.min(most, size); taken > 0; taken--) {
      if (this.#sweep >= size) this.#sweep = 0
      yield this.#sweep++
    }
  }

  /** Notes what a peer is like now; whether that is news. */
  note(slot: number, { remoteAddress, failure, latency, direction, security }: PeerFacts): boolean {
    const inbound = direction === 'inbound' ? 1 : 0
    const code = failure?.code ?? null
    const safety = safetyOf(security, remoteAddress)
    const isNews =
      this.#addresses[slot] !== remoteAddress ||
      this.#failures[slot] !== code ||
      this.#latencies[slot] !== latency ||
      this.#inbound[slot] !== inbound ||
      this.#safety[slot] !== safety
    this.#addresses[slot] = remoteAddress
    this.#failures[slot] = code
    this.#latencies[slot] = latency
    this.#inbound[slot] = inbound
    this.#safety[slot] = safety
    return isNews
  }

  /** Whether there is nothing to show of a slot. */
  isBlank(slot: number): boolean {
    return this.#addresses[slot] === '' && this.#failures[slot] === null && this.#latencies[slot] === null && this.#inbound[slot] === 0
  }

  of(slot: number): SlotFacts {
    return [slot, this.#addresses[slot]!, this.#failures[slot]!, this.#latencies[slot]!, this.#inbound[slot]!, this.#safety[slot]!]
  }
}
