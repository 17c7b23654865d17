/** Slots of watched peers: what changed since any instant is found in as many steps as there were changes. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { TombstoneMap } from '../runtime/collections/tombstone-map.ts'

const NONE = -1
const FIRST_SIZE = 256

/*
 * All that is noted of a slot stands side by side, in as many bytes as a processor fetches at once: peers move in any order,
 * and each place of memory that a move touches anew costs more than what is done there.
 */
const WIDTH = 8
const CHANGED = 0
const MOVED = 1
const TOLD = 2
const NAMED = 3
const STATE = 4
const NEWER = 5
const OLDER = 6

/**
 * One slot a peer, a small number that is given anew when its peer is forgotten. Slots stand in a row by their last
 * change, the latest first. A change is dated with a version, a number that never goes back.
 */
export class Slots {
  readonly ids: PeerId[] = []
  readonly #slots = new TombstoneMap<PeerId, number>()
  readonly #free: number[] = []
  #notes = new Float64Array(FIRST_SIZE * WIDTH)
  #latest = NONE

  /** How many slots there are, given ones and free ones. */
  get size(): number {
    return this.ids.length
  }

  /** The slot that changed last; negative: none. */
  get latest(): number {
    return this.#latest
  }

  /** The slot that changed just before this one; negative: none. */
  before(slot: number): number {
    return this.#notes[slot * WIDTH + OLDER]!
  }

  /** The state of its peer, as a number. */
  stateOf(slot: number): number {
    return this.#notes[slot * WIDTH + STATE]!
  }

  /** The version of its last change of any kind. */
  changedAt(slot: number): number {
    return this.#notes[slot * WIDTH + CHANGED]!
  }

  /** The version of its peer's last move. */
  movedAt(slot: number): number {
    return this.#notes[slot * WIDTH + MOVED]!
  }

  /** The version of its last new fact. */
  toldAt(slot: number): number {
    return this.#notes[slot * WIDTH + TOLD]!
  }

  /** The version in which it got its peer. */
  namedAt(slot: number): number {
    return this.#notes[slot * WIDTH + NAMED]!
  }

  find(peerId: PeerId): number | undefined {
    return this.#slots.get(peerId)
  }

  /** Gives a peer a slot; it stands last in the row, until it changes. */
  give(peerId: PeerId, version: number): number {
    const slot = this.#free.pop() ?? this.#make()
    this.ids[slot] = peerId
    this.#slots.set(peerId, slot)
    this.#notes[slot * WIDTH + NAMED] = this.#notes[slot * WIDTH + TOLD] = version
    return slot
  }

  /** Takes a peer's slot back. What it shows last stays until it is given anew. */
  free(slot: number): void {
    this.#slots.delete(this.ids[slot]!)
    this.#free.push(slot)
  }

  /** Its peer has moved. */
  move(slot: number, state: number, version: number): void {
    const at = slot * WIDTH
    this.#notes[at + STATE] = state
    this.#notes[at + MOVED] = version
    this.#change(slot, version)
  }

  /** Something new is known of its peer. */
  tell(slot: number, version: number): void {
    this.#notes[slot * WIDTH + TOLD] = version
    this.#change(slot, version)
  }

  /** Puts a slot first in the row. */
  #change(slot: number, version: number): void {
    const notes = this.#notes
    const at = slot * WIDTH
    notes[at + CHANGED] = version
    const latest = this.#latest
    if (latest === slot) return
    const newer = notes[at + NEWER]!
    const older = notes[at + OLDER]!
    if (newer !== NONE) notes[newer * WIDTH + OLDER] = older
    if (older !== NONE) notes[older * WIDTH + NEWER] = newer
    notes[at + NEWER] = NONE
    notes[at + OLDER] = latest
    if (latest !== NONE) notes[latest * WIDTH + NEWER] = slot
    this.#latest = slot
  }

  #make(): number {
    const slot = this.ids.length
    if (slot * WIDTH === this.#notes.length) {
      const larger = new Float64Array(this.#notes.length * 2)
      larger.set(this.#notes)
      this.#notes = larger
    }
    this.#notes[slot * WIDTH + NEWER] = this.#notes[slot * WIDTH + OLDER] = NONE
    this.ids.push('')
    return slot
  }
}
