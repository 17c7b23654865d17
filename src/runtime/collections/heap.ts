/** The item that comes before all others is found at once, and any item leaves in logarithmic time. */

/** What can stand in a {@link Heap}: it knows its own place. */
export interface HeapItem {
  /** Its place; -1: in no heap. An item stands in at most one heap at a time. */
  index: number
}

/** A binary heap of items that know their place. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  /** @param before whether `a` comes out before `b` */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** The item that comes out next. */
  get first(): T | undefined {
    return this.#items[0]
  }

  /** Puts an item in, or to its new place when what orders it has changed. */
  set(item: T): void {
    if (item.index < 0) {
      item.index = this.#items.length
      this.#items.push(item)
    }
    this.#up(item)
    this.#down(item)
  }

  /** Takes an item out, if it is in. */
  remove(item: T): void {
    if (item.index < 0) return
    const { index } = item
    const last = this.#items.pop()
    item.index = -1
    if (last === undefined || last === item) return
    this.#items[index] = last
    last.index = index
    this.#up(last)
    this.#down(last)
  }

  /** Takes every item out. */
  clear(): void {
    for (const item of this.#items) item.index = -1
    this.#items.length = 0
  }

  /** The items, in no order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]()
  }

  #up(item: T): void {
    const items = this.#items
    let { index } = item
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = items[above]
      if (parent === undefined || !this.#before(item, parent)) break
      items[index] = parent
      parent.index = index
      index = above
    }
    items[index] = item
    item.index = index
  }

  #down(item: T): void {
    const items = this.#items
    let { index } = item
    for (;;) {
      const left = items[2 * index + 1]
      const right = items[2 * index + 2]
      const least = right !== undefined && left !== undefined && this.#before(right, left) ? right : left
      if (least === undefined || !this.#before(least, item)) break
      const below = least.index
      items[index] = least
      least.index = index
      index = below
    }
    items[index] = item
    item.index = index
  }
}
