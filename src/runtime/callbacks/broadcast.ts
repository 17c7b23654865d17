/** A broadcast reaches all that listen just then, in the order in which they came, and costs little more than the calls. */
import type { Observable, Subscriber } from 'rxjs'
import type { AppErrors } from './app-callback.ts'
import { GuardedObservable } from './guarded-observable.ts'

/**
 * A hot stream and its source in one. Like a Subject that only its owner feeds, at a third of the price: a Subject makes
 * a closure and a copy of its observers for each value.
 */
export class Broadcast<T> {
  /** Hot; completes when its source {@link complete}s. */
  readonly observable: Observable<T>
  // Replaced, never changed: whoever comes or goes while a value is told does not disturb that.
  #listeners: readonly Subscriber<T>[] = []
  #completed = false

  /** @param errors is told what listeners throw */
  constructor(errors: AppErrors) {
    this.observable = new GuardedObservable(errors, (subscriber) => {
      if (this.#completed) return subscriber.complete()
      this.#listeners = [...this.#listeners, subscriber]
      return () => {
        this.#listeners = this.#listeners.filter((listener) => listener !== subscriber)
      }
    })
  }

  /** Whether anybody listens. */
  get observed(): boolean {
    return this.#listeners.length > 0
  }

  /** Tells a value. What a listener throws is reported, and stops nobody. */
  next(value: T): void {
    const listeners = this.#listeners
    for (let index = 0; index < listeners.length; index++) listeners[index]?.next(value)
  }

  complete(): void {
    if (this.#completed) return
    this.#completed = true
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener.complete()
  }
}
