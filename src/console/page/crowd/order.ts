/** The order of the crowd follows from the filter and the sort alone; equals are ordered by id. */
import { SAFETY_WORDS } from '../../../transports/link-safety.ts'
import { NOBODY, type CrowdBook } from '../state/crowd-book.ts'

/** What the crowd can be sorted by. */
export const SORTS = ['id', 'status', 'address', 'latency', 'failure'] as const
export type Sort = (typeof SORTS)[number]

/** What is shown of the crowd. `shown[state]`: whether peers in that state are. */
export interface View {
  readonly text: string
  readonly shown: readonly boolean[]
  readonly sort: Sort
  readonly isDescending: boolean
}

/** Above any rank of an id: keys are `major * RANKS + rank`, exact in a double. */
const RANKS = 2 ** 22
const LAST = 2 ** 30

/** Puts the crowd in order. It keeps what is dear to find out, such as the order of ids. */
export class Order {
  /** The slots that are shown, the first first. */
  slots = new Int32Array(0)
  /** Where each slot is shown; -1: not at all. */
  place = new Int32Array(0)
  readonly #book: CrowdBook
  readonly #ids: Ranks
  readonly #addresses: Ranks
  readonly #failures: Ranks

  constructor(book: CrowdBook) {
    this.#book = book
    this.#ids = new Ranks((slot) => book.sortKeys[slot] ?? '', true)
    this.#addresses = new Ranks((slot) => book.addresses[slot] ?? '', false)
    this.#failures = new Ranks((slot) => book.failures[slot] ?? '\uFFFF', false)
  }

  /** Orders anew. */
  rebuild(view: View): void {
    const { top, state, names } = this.#book
    this.#ids.refresh(top, names)
    const major = this.#majorOf(view.sort)
    const keys = new Float64Array(top)
    const text = view.text.toLowerCase()
    let length = 0
    for (let slot = 0; slot < top; slot++) {
      const at = state[slot]!
      if (at === NOBODY || view.shown[at] === false || (text !== '' && !this.#matches(slot, text))) continue
      keys[length++] = major(slot) * RANKS + this.#ids.of(slot)
    }
    const sorted = keys.subarray(0, length).toSorted()
    if (view.isDescending) sorted.reverse()
    if (this.place.length < top) this.place = new Int32Array(Math.max(1024, top * 2))
    this.place.fill(-1)
    this.slots = Int32Array.from(sorted, (key) => this.#ids.at(key % RANKS))
    for (let index = 0; index < length; index++) this.place[this.slots[index]!] = index
  }

  #majorOf(sort: Sort): (slot: number) => number {
    const { state, latency, top, names, facts } = this.#book
    switch (sort) {
      case 'id':
        return () => 0
      case 'status':
        return (slot) => state[slot]!
      case 'latency':
        return (slot) => (Number.isNaN(latency[slot]) ? LAST : Math.min(LAST - 1, Math.round(latency[slot]! * 1000)))
      case 'address':
        this.#addresses.refresh(top, names + facts)
        return (slot) => this.#addresses.of(slot)
      case 'failure':
        this.#failures.refresh(top, names + facts)
        return (slot) => this.#failures.of(slot)
    }
  }

  #matches(slot: number, text: string): boolean {
    const { ids, addresses, failures, safety } = this.#book
    return (
      ids[slot]!.toLowerCase().includes(text) ||
      addresses[slot]!.toLowerCase().includes(text) ||
      (failures[slot] ?? '').toLowerCase().includes(text) ||
      (SAFETY_WORDS[safety[slot]!] ?? '').includes(text)
    )
  }
}

/** The rank of each slot by a text. Equal texts rank alike, unless each is to have a rank of its own. */
class Ranks {
  readonly #textOf: (slot: number) => string
  readonly #isDistinct: boolean
  #ranks = new Int32Array(0)
  #slots: number[] = []
  #version = -1

  constructor(textOf: (slot: number) => string, isDistinct: boolean) {
    this.#textOf = textOf
    this.#isDistinct = isDistinct
  }

  refresh(top: number, version: number): void {
    if (version === this.#version && this.#slots.length === top) return
    this.#version = version
    const texts = Array.from({ length: top }, (_, slot) => this.#textOf(slot))
    this.#slots = Array.from({ length: top }, (_, slot) => slot).toSorted((a, b) =>
      texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b,
    )
    this.#ranks = new Int32Array(top)
    for (const [rank, slot] of this.#slots.entries()) {
      const before = this.#slots[rank - 1]
      const isAlike = !this.#isDistinct && before !== undefined && texts[before] === texts[slot]
      this.#ranks[slot] = isAlike ? this.#ranks[before]! : rank
    }
  }

  /** The rank of a slot. */
  of(slot: number): number {
    return this.#ranks[slot]!
  }

  /** The slot of a rank. */
  at(rank: number): number {
    return this.#slots[rank]!
  }
}
