/** The async context of a subscriber: it is told in the context that it subscribed in, whichever context the news comes from. */
import { Subscriber } from 'rxjs'

/** Runs a function of two arguments in a context that was captured. */
export type InContext = <A, B>(f: (a: A, b: B) => void, a: A, b: B) => void

/** What a platform knows of the contexts that code runs in, `AsyncLocalStorage` for one. */
export interface AsyncContexts {
  /** Captures the present context; undefined: it is empty, and nothing has to be carried over. */
  capture(): InContext | undefined
  /** Runs a function in no caller's context: what it opens outlives whoever happened to ask first. */
  outside<A, B, R>(f: (a: A, b: B) => R, a: A, b: B): R
}

/** Hands on to its destination in a context that was captured. */
export class ContextSubscriber<T> extends Subscriber<T> {
  readonly #inContext: InContext

  constructor(destination: Subscriber<T>, inContext: InContext) {
    super(destination)
    this.#inContext = inContext
  }

  protected override _next(value: T): void {
    this.#inContext(next<T>, this.destination, value)
  }

  protected override _error(error: unknown): void {
    this.#inContext((destination, thrown) => destination.error(thrown), this.destination, error)
    this.unsubscribe()
  }

  protected override _complete(): void {
    this.#inContext((destination) => destination.complete(), this.destination, undefined)
    this.unsubscribe()
  }
}

function next<T>(destination: { next(value: T): void }, value: T): void {
  destination.next(value)
}
