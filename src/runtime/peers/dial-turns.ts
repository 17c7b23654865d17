/** Turns to dial, the limit on dialing: only so many dials are under way; the others keep their slots and wait, the most urgent first. */
import type { PeerState } from '../../../machines/domain/peer-state.ts'
import { Heap } from '../collections/heap.ts'
import type { PeerRecord } from './peer-record.ts'

/** Who is being dialled, and who waits for it. */
export class DialTurns {
  readonly #most: number
  readonly #waiting = new Heap<PeerRecord>((a, b) => (a.priority === b.priority ? a.place < b.place : a.priority > b.priority))
  #dialing = 0

  /** @param most how many dials may be under way at one time */
  constructor(most: number) {
    this.#most = most
  }

  /** How many dials are under way. */
  get dialing(): number {
    return this.#dialing
  }

  /** How many peers wait for their turn. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether a dial may begin at once. */
  get isFree(): boolean {
    return this.#dialing < this.#most
  }

  /** Who is dialled next; undefined: nobody may be, or nobody waits. */
  get next(): PeerRecord | undefined {
    return this.isFree ? this.#waiting.first : undefined
  }

  /** Raises how urgent a peer is, where it waits. */
  raise(peer: PeerRecord, priority: number): void {
    if (priority <= peer.priority) return
    peer.priority = priority
    if (peer.index >= 0) this.#waiting.set(peer)
  }

  /** Has a peer wait behind all that somebody asks for, until somebody asks for it. */
  lower(peer: PeerRecord): void {
    peer.priority = -Infinity
    if (peer.index >= 0) this.#waiting.set(peer)
  }

  moved(peer: PeerRecord, from: PeerState | undefined, to: PeerState | undefined): void {
    if (from === 'Connecting.dialing') this.#dialing--
    if (from === 'Connecting.waiting') this.#waiting.remove(peer)
    if (to === 'Connecting.dialing') this.#dialing++
    if (to === 'Connecting.waiting') this.#waiting.set(peer)
  }
}
