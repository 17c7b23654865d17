/** The book of the crowd: what is known of every peer lies in arrays by slot, as of the latest batch. */
import type { Batch } from '../../wire.ts'

/** The state of a slot that names no peer. */
export const NOBODY = 15

/** How a slot changed: something else is known of it, or its peer moved. */
const TOLD = 1
const MOVED = 2

/** Digits are filled up, so that `peer-2` sorts before `peer-10` by comparing code units. */
const sortable = (id: string): string => id.replace(/\d+/g, (digits) => digits.padStart(10, '0'))

/** The peers, by slot. */
export class CrowdBook {
  /** The state of each slot, by its place in the server's list. */
  state = new Uint8Array(1024).fill(NOBODY)
  /** The last round trip of each slot in milliseconds; NaN: none. */
  latency = new Float64Array(1024).fill(NaN)
  inbound = new Uint8Array(1024)
  /** How safe the link of each slot is. */
  safety = new Uint8Array(1024)
  readonly ids: string[] = []
  readonly sortKeys: string[] = []
  readonly addresses: string[] = []
  readonly failures: (string | null)[] = []
  /** One above the highest slot that ever named a peer. */
  top = 0
  /** How many peers there are. */
  size = 0
  /** Counts up with each change of who is there. */
  names = 0
  /** Counts up with each change of an address or a failure. */
  facts = 0
  /** Slots that changed since somebody took them. */
  readonly #touched: number[] = []
  #marks = new Uint8Array(1024)

  /** Takes a batch in. */
  apply(batch: Batch): void {
    if (batch.reset) this.#clear()
    for (const [slot, id] of batch.names) this.#name(slot, id)
    for (const move of batch.moved) this.#move(Math.floor(move / 16), move & 15)
    for (const [slot, address, failure, latency, inbound, safety] of batch.facts) {
      this.#reach(slot)
      if (this.addresses[slot] !== address || this.failures[slot] !== failure) this.facts++
      this.addresses[slot] = address
      this.failures[slot] = failure
      this.latency[slot] = latency ?? NaN
      this.inbound[slot] = inbound
      this.safety[slot] = safety
      this.#touch(slot, TOLD)
    }
  }

  /** Puts the slots that changed since the last call into a list, and those whose peer moved into another. */
  takeTouched(into: number[], moved: number[]): void {
    into.length = moved.length = 0
    for (const slot of this.#touched) {
      if (this.#marks[slot] === MOVED) moved.push(slot)
      this.#marks[slot] = 0
      into.push(slot)
    }
    this.#touched.length = 0
  }

  /** The slot of a peer; -1: it is not here. */
  slotOf(id: string): number {
    return this.ids.findIndex((name, slot) => name === id && this.state[slot] !== NOBODY)
  }

  #clear(): void {
    for (let slot = 0; slot < this.top; slot++) this.#move(slot, NOBODY)
    this.size = 0
    this.names++
  }

  #name(slot: number, id: string): void {
    this.#reach(slot)
    this.ids[slot] = id
    this.sortKeys[slot] = sortable(id)
    this.addresses[slot] = ''
    this.failures[slot] = null
    this.latency[slot] = NaN
    this.inbound[slot] = this.safety[slot] = 0
    this.names++
  }

  #move(slot: number, state: number): void {
    this.#reach(slot)
    const before = this.state[slot]
    this.state[slot] = state
    if ((before === NOBODY) !== (state === NOBODY)) {
      this.size += state === NOBODY ? -1 : 1
      this.names++
    }
    this.#touch(slot, MOVED)
  }

  #touch(slot: number, mark: number): void {
    if (this.#marks[slot] === 0) this.#touched.push(slot)
    if (this.#marks[slot]! < mark) this.#marks[slot] = mark
  }

  #reach(slot: number): void {
    if (slot >= this.top) {
      for (let fresh = this.top; fresh <= slot; fresh++) {
        this.ids[fresh] = ''
        this.sortKeys[fresh] = ''
        this.addresses[fresh] = ''
        this.failures[fresh] = null
      }
      this.top = slot + 1
    }
    if (slot < this.state.length) return
    const room = 2 ** Math.ceil(Math.log2(slot + 1))
    const grown = new CrowdRoom(room)
    grown.state.set(this.state)
    grown.latency.set(this.latency)
    grown.inbound.set(this.inbound)
    grown.safety.set(this.safety)
    grown.marks.set(this.#marks)
    this.state = grown.state
    this.latency = grown.latency
    this.inbound = grown.inbound
    this.safety = grown.safety
    this.#marks = grown.marks
  }
}

/** Arrays for more slots. */
class CrowdRoom {
  readonly state: Uint8Array<ArrayBuffer>
  readonly latency: Float64Array<ArrayBuffer>
  readonly inbound: Uint8Array<ArrayBuffer>
  readonly safety: Uint8Array<ArrayBuffer>
  readonly marks: Uint8Array<ArrayBuffer>
  constructor(room: number) {
    this.state = new Uint8Array(room).fill(NOBODY)
    this.latency = new Float64Array(room).fill(NaN)
    this.inbound = new Uint8Array(room)
    this.safety = new Uint8Array(room)
    this.marks = new Uint8Array(room)
  }
}
