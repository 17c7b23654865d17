/** The last moves of every peer can be told, and all of them together take a bounded room. */
import type { PeerState } from '../../../machines/domain/peer-state.ts'
import { moveKindOf } from '../../../machines/domain/move-kind.ts'
import type { TransitionReason } from '../../../machines/domain/transition.ts'

/** The most moves that are remembered, of all peers together. */
const MOST_ENTRIES = 65_536

/** The most moves that are told of one peer. */
const MOST_TOLD = 32

/** One move of a peer, as it is remembered. @since 0.1.0 */
export interface PastMove {
  /** In milliseconds since the epoch. */
  readonly at: number
  readonly from: PeerState | undefined
  readonly to: PeerState | undefined
  readonly reason: TransitionReason
}

/** What a peer carries of its history: the number of its last entry, counted from 1; 0: none. */
export interface Remembered {
  lastEntry: number
}

/** One shared ring of packed entries; each points to the one before it of the same peer. It grows as it fills. */
export class History {
  #at = new Float64Array(64)
  #before = new Float64Array(64)
  #kinds = new Uint16Array(64)
  #count = 0

  /** Remembers a move. @param code that of its kind */
  add(peer: Remembered, at: number, code: number): void {
    if (this.#count === this.#at.length && this.#count < MOST_ENTRIES) this.#grow()
    const place = this.#count % this.#at.length
    this.#at[place] = at
    this.#before[place] = peer.lastEntry
    this.#kinds[place] = code
    peer.lastEntry = ++this.#count
  }

  /** The last moves of a peer that are still remembered, the latest first. */
  of(peer: Remembered): readonly PastMove[] {
    const moves: PastMove[] = []
    const oldest = this.#count - this.#at.length
    for (let entry = peer.lastEntry; entry > 0 && entry > oldest && moves.length < MOST_TOLD;) {
      const place = (entry - 1) % this.#at.length
      const { fromState: from, toState: to, reason } = moveKindOf(this.#kinds[place] ?? 0)
      moves.push({ at: this.#at[place] ?? 0, from, to, reason })
      entry = this.#before[place] ?? 0
    }
    return moves
  }

  #grow(): void {
    const size = this.#at.length * 4
    this.#at = copy(this.#at, new Float64Array(size))
    this.#before = copy(this.#before, new Float64Array(size))
    this.#kinds = copy(this.#kinds, new Uint16Array(size))
  }
}

function copy<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from)
  return to
}
