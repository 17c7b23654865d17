/** Keeps one thing true: the last moves of every peer can be told, and all of them together take a bounded room. */
import { PEER_STATES, type PeerState } from '../../machines/domain/peer-state.ts'
import { TRANSITION_REASONS, type Move, type TransitionReason } from '../../machines/domain/transition.ts'

/** The most moves that are remembered, of all peers together. */
const MOST_ENTRIES = 65_536

/** The most moves that are told of one peer. */
const MOST_TOLD = 32

/** One move of a peer, as it is remembered. */
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

const UNKNOWN = PEER_STATES.length

/** One shared ring of packed entries; each points to the one before it of the same peer. It grows as it fills. */
export class History {
  #at = new Float64Array(64)
  #before = new Float64Array(64)
  #packed = new Uint16Array(64)
  #count = 0

  /** Remembers a move. */
  add(peer: Remembered, { at, fromState, toState, reason }: Move): void {
    if (this.#count === this.#at.length && this.#count < MOST_ENTRIES) this.#grow()
    const place = this.#count % this.#at.length
    this.#at[place] = at
    this.#before[place] = peer.lastEntry
    this.#packed[place] = (codeOf(fromState) << 9) | (codeOf(toState) << 5) | TRANSITION_REASONS.indexOf(reason)
    peer.lastEntry = ++this.#count
  }

  /** The last moves of a peer that are still remembered, the latest first. */
  of(peer: Remembered): readonly PastMove[] {
    const moves: PastMove[] = []
    const oldest = this.#count - this.#at.length
    for (let entry = peer.lastEntry; entry > 0 && entry > oldest && moves.length < MOST_TOLD;) {
      const place = (entry - 1) % this.#at.length
      const packed = this.#packed[place] ?? 0
      const reason = TRANSITION_REASONS[packed & 31]
      if (reason === undefined) break
      moves.push({ at: this.#at[place] ?? 0, from: PEER_STATES[packed >> 9], to: PEER_STATES[(packed >> 5) & 15], reason })
      entry = this.#before[place] ?? 0
    }
    return moves
  }

  #grow(): void {
    const size = this.#at.length * 4
    this.#at = copy(this.#at, new Float64Array(size))
    this.#before = copy(this.#before, new Float64Array(size))
    this.#packed = copy(this.#packed, new Uint16Array(size))
  }
}

function codeOf(state: PeerState | undefined): number {
  return state === undefined ? UNKNOWN : PEER_STATES.indexOf(state)
}

function copy<T extends Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from)
  return to
}
