/** A map whose keys come and go: a key that comes back is found as fast as if it had never gone. */

/** So many keys that are gone a map may always keep. */
const FEWEST_GONE = 64

/**
 * A `Map` that forgets the keys that are deleted from it later, and all of them at once: until then the entry of such a key
 * stays, without a value.
 *
 * V8 leaves a deleted entry of a `Map` in the chain of its bucket until the whole table is written anew, which a table of N
 * keys is after about N deletions. Where one key comes and goes beside 100,000 others, its chain is longer each time, and each
 * look-up walks along it: twenty thousand entries cost some 60 µs. An entry that stays is used again instead.
 * (V8's `OrderedHashTable`, `src/objects/ordered-hash-table.cc`: `Delete` leaves a hole, `Rehash` takes the holes out.)
 *
 * At most as many keys are kept that are gone as there are keys in the map, and 64 where there are fewer; so keys are ids, and no
 * objects that would be kept alive with them. Values are visited in
 * the order in which the entries were made: a key that comes back has the place that it had, unless it was forgotten.
 */
export class TombstoneMap<K extends string | number | undefined, V extends object | string | number | true> {
  readonly #entries = new Map<K, V | undefined>()
  #size = 0

  /** How many keys have a value. */
  get size(): number {
    return this.#size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.get(key) !== undefined
  }

  set(key: K, value: V): this {
    if (this.#entries.get(key) === undefined) this.#size++
    this.#entries.set(key, value)
    return this
  }

  /** Takes a key's value away; false: it had none. */
  delete(key: K): boolean {
    if (this.#entries.get(key) === undefined) return false
    this.#entries.set(key, undefined)
    this.#size--
    const gone = this.#entries.size - this.#size
    if (gone > FEWEST_GONE && gone > this.#size) this.#forget()
    return true
  }

  clear(): void {
    this.#entries.clear()
    this.#size = 0
  }

  *keys(): IterableIterator<K> {
    for (const [key, value] of this.#entries) if (value !== undefined) yield key
  }

  *values(): IterableIterator<V> {
    for (const value of this.#entries.values()) if (value !== undefined) yield value
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const [key, value] of this.#entries) if (value !== undefined) yield [key, value]
  }

  /** Costs a few steps for each key that it forgets. */
  #forget(): void {
    for (const [key, value] of this.#entries) if (value === undefined) this.#entries.delete(key)
  }
}
