/** The watches of a store: each event goes to those whose prefix its key has, in order, and never inside a call of the store. */
import { throwLater } from '../../transports/later-error.ts'
import type { StoreEvent } from '../store.ts'

/** One who listens below a prefix. */
interface Watch {
  readonly listener: (event: StoreEvent) => void
  isOver: boolean
}

/** What is told, to whom. */
interface News {
  readonly to: Watch
  readonly event: StoreEvent
}

/**
 * Listeners by prefix. Events are told in a microtask of their own, in the order in which they were handed in, so that a listener
 * may call the store. What a listener throws is thrown to nobody's call: it is an uncaught exception, as of an event listener.
 */
export class StoreWatches {
  readonly #byPrefix = new Map<string, Set<Watch>>()
  #waiting: News[] = []

  /** How many listen. */
  get size(): number {
    let sum = 0
    for (const watches of this.#byPrefix.values()) sum += watches.size
    return sum
  }

  /** The prefixes that somebody listens to. */
  get prefixes(): IterableIterator<string> {
    return this.#byPrefix.keys()
  }

  /** Adds a listener, and hands out what ends it. */
  add(prefix: string, listener: (event: StoreEvent) => void): WatchHandle {
    const watch: Watch = { listener, isOver: false }
    const watches = this.#byPrefix.get(prefix) ?? new Set()
    this.#byPrefix.set(prefix, watches.add(watch))
    return {
      tell: (event) => this.#tell(watch, event),
      end: () => {
        watch.isOver = true
        watches.delete(watch)
        if (watches.size === 0 && this.#byPrefix.get(prefix) === watches) this.#byPrefix.delete(prefix)
      },
    }
  }

  /** Tells all who listen for this key. */
  tell(key: string, event: StoreEvent): void {
    for (const [prefix, watches] of this.#byPrefix) {
      if (key.startsWith(prefix)) for (const watch of watches) this.#tell(watch, event)
    }
  }

  /** Tells everybody that changes may have been missed. */
  lost(): void {
    for (const watches of this.#byPrefix.values()) for (const watch of watches) this.#tell(watch, { type: 'lost' })
  }

  /** Ends them all; what waits to be told is not told. */
  close(): void {
    for (const watches of this.#byPrefix.values()) for (const watch of watches) watch.isOver = true
    this.#byPrefix.clear()
    this.#waiting = []
  }

  #tell(to: Watch, event: StoreEvent): void {
    if (this.#waiting.push({ to, event }) === 1) queueMicrotask(this.#drain)
  }

  readonly #drain = (): void => {
    // A listener may hand in more: `for…of` reaches it in this same turn, after all that came before.
    for (const { to, event } of this.#waiting) {
      if (to.isOver) continue
      try {
        to.listener(event)
      } catch (error) {
        throwLater(error)
      }
    }
    this.#waiting = []
  }
}

/** One watch: tells it alone, or ends it. */
export interface WatchHandle {
  tell(event: StoreEvent): void
  end(): void
}
