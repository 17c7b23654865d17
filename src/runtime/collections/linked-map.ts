/** A map that knows which of its keys came first: queues in which a place can be given up, and caches of what was used last. */
import { FifoList, type FifoNode } from './fifo-list.ts'
import { TombstoneMap } from './tombstone-map.ts'

interface LinkedEntry<K extends string | number | undefined, V> extends FifoNode<LinkedEntry<K, V>> {
  readonly key: K
  value: V
}

/**
 * A map whose entries are linked in the order in which they came. The first is found at once: of a `Map` whose first entries
 * were deleted, V8 passes the holes that they left each time. A key that is deleted and set again comes last, and is found as
 * fast as before (see {@link TombstoneMap}).
 */
export class LinkedMap<K extends string | number | undefined, V> {
  readonly #byKey = new TombstoneMap<K, LinkedEntry<K, V>>()
  readonly #list = new FifoList<LinkedEntry<K, V>>()

  get size(): number {
    return this.#byKey.size
  }

  /** The key that came first; undefined: there is none. */
  get first(): K | undefined {
    return this.#list.first?.key
  }

  get(key: K): V | undefined {
    return this.#byKey.get(key)?.value
  }

  has(key: K): boolean {
    return this.#byKey.has(key)
  }

  /** Sets the value of a key. One that is there keeps its place, another comes last. */
  set(key: K, value: V): this {
    const known = this.#byKey.get(key)
    if (known !== undefined) {
      known.value = value
      return this
    }
    const entry = { key, value, previous: undefined, next: undefined }
    this.#byKey.set(key, entry)
    this.#list.push(entry)
    return this
  }

  /** Takes a key out; false: it was not there. */
  delete(key: K): boolean {
    const entry = this.#byKey.get(key)
    if (entry === undefined) return false
    this.#byKey.delete(key)
    this.#list.remove(entry)
    return true
  }

  clear(): void {
    while (this.#list.first !== undefined) this.#list.remove(this.#list.first)
    this.#byKey.clear()
  }
}
