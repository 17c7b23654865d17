/** Slots of watched peers: what changed since any instant is found in as many steps as there were changes. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { TombstoneMap } from '../runtime/collections/tombstone-map.ts'

const NONE = -1
const FIRST_SIZE = 256

/**
 * One slot a peer, a small number that is given anew when its peer is forgotten. Slots stand in a row by their last
 * change, the latest first. A change is dated with a version, a number that never goes back.
 */
export class Slots {
  /** The version of a slot's last change of any kind, of its last move, of its last new fact, and of its name. */
  changed = new Float64Array(FIRST_SIZE)
  moved = new Float64Array(FIRST_SIZE)
  told = new Float64Array(FIRST_SIZE)
  named = new Float64Array(FIRST_SIZE)
  /** The state of its peer. */
  state = new Uint8Array(FIRST_SIZE)
  readonly ids: PeerId[] = []
  readonly #slots = new TombstoneMap<PeerId, number>()
  readonly #free: number[] = []
  #newer = new Int32Array(FIRST_SIZE)
  #older = new Int32Array(FIRST_SIZE)
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
    return this.#older[slot]!
  }

  find(peerId: PeerId): number | undefined {
    return this.#slots.get(peerId)
  }

  /** Gives a peer a slot; it stands last in the row, until it {@link touch}es. */
  give(peerId: PeerId, version: number): number {
    const slot = this.#free.pop() ?? this.#make()
    this.ids[slot] = peerId
    this.#slots.set(peerId, slot)
    this.named[slot] = this.told[slot] = version
    return slot
  }

  /** Takes a peer's slot back. What it shows last stays until it is given anew. */
  free(slot: number): void {
    this.#slots.delete(this.ids[slot]!)
    this.#free.push(slot)
  }

  /** Puts a slot first in the row. */
  touch(slot: number, version: number): void {
    this.changed[slot] = version
    if (this.#latest === slot) return
    const newer = this.#newer[slot]!
    const older = this.#older[slot]!
    if (newer !== NONE) this.#older[newer] = older
    if (older !== NONE) this.#newer[older] = newer
    this.#newer[slot] = NONE
    this.#older[slot] = this.#latest
    if (this.#latest !== NONE) this.#newer[this.#latest] = slot
    this.#latest = slot
  }

  #make(): number {
    const slot = this.ids.length
    if (slot === this.state.length) this.#grow(slot * 2)
    this.#newer[slot] = this.#older[slot] = NONE
    this.ids.push('')
    return slot
  }

  #grow(size: number): void {
    this.changed = grow(this.changed, new Float64Array(size))
    this.moved = grow(this.moved, new Float64Array(size))
    this.told = grow(this.told, new Float64Array(size))
    this.named = grow(this.named, new Float64Array(size))
    this.state = grow(this.state, new Uint8Array(size))
    this.#newer = grow(this.#newer, new Int32Array(size))
    this.#older = grow(this.#older, new Int32Array(size))
  }
}

function grow<T extends Float64Array | Int32Array | Uint8Array>(array: T, larger: T): T {
  larger.set(array)
  return larger
}
