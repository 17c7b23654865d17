/** Items leave in the order they came, and joining or leaving costs the same in any crowd. */

/** What can stand in a {@link FifoList}: it carries its own neighbours, so a list allocates nothing. */
export interface FifoNode<T> {
  previous: T | undefined
  next: T | undefined
}

/** A doubly linked list through its items. An item stands in at most one list at a time. */
export class FifoList<T extends FifoNode<T>> {
  #first: T | undefined
  #last: T | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The item that came first. */
  get first(): T | undefined {
    return this.#first
  }

  push(item: T): void {
    item.previous = this.#last
    item.next = undefined
    if (this.#last === undefined) this.#first = item
    else this.#last.next = item
    this.#last = item
    this.#size++
  }

  /** Takes out an item that stands in this list. */
  remove(item: T): void {
    if (item.previous === undefined) this.#first = item.next
    else item.previous.next = item.next
    if (item.next === undefined) this.#last = item.previous
    else item.next.previous = item.previous
    item.previous = item.next = undefined
    this.#size--
  }
}
