/** A caller, one connect that waits: it is answered once, and its abort listener goes when it is. */
import type { Connection } from './connection.ts'
import type { Ended } from '../callbacks/observer.ts'

/** One connect that waits for a link. What its signal throws, where it is one of the app's own making, ends this connect alone. */
export class Caller {
  readonly promise: Promise<Connection>
  readonly #signal: AbortSignal | undefined
  readonly #leave: (caller: Caller) => void
  readonly #ended: Ended | undefined
  #resolve: ((connection: Connection) => void) | undefined
  #reject: ((error: unknown) => void) | undefined
  /** Listens to the signal, where there is one. */
  readonly #onAbort: (() => void) | undefined
  /** What the signal threw when it was to be listened to. */
  #fault: { readonly thrown: unknown } | undefined = undefined

  /** @param leave called when the caller's own signal aborts it, before it is rejected @param ended called when the wait is over */
  constructor(signal: AbortSignal | undefined, leave: (caller: Caller) => void, ended?: Ended) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#signal = signal
    this.#leave = leave
    this.#ended = ended
    if (signal === undefined) return
    this.#onAbort = () => this.#aborted()
    try {
      signal.addEventListener('abort', this.#onAbort)
    } catch (thrown) {
      this.#fault = { thrown }
    }
  }

  resolve(connection: Connection): void {
    const resolve = this.#resolve
    if (resolve === undefined) return
    this.#settled()
    this.#ended?.(undefined)
    resolve(connection)
  }

  reject(error: unknown): void {
    const reject = this.#reject
    if (reject === undefined) return
    this.#settled()
    this.#fail(reject, error)
  }

  /** Has a caller leave whose signal was aborted before it was listened to, or cannot be listened to. */
  leaveIfAborted(): void {
    if (this.#fault !== undefined || this.#isAborted()) this.#aborted()
  }

  #fail(reject: (error: unknown) => void, error: unknown): void {
    this.#ended?.(error)
    reject(error)
  }

  #isAborted(): boolean {
    try {
      return this.#signal?.aborted === true
    } catch (thrown) {
      this.#fault = { thrown }
      return true
    }
  }

  /** It is answered, or about to be: nothing more is heard of its signal. */
  #settled(): void {
    this.#resolve = this.#reject = undefined
    if (this.#onAbort === undefined) return
    try {
      this.#signal?.removeEventListener('abort', this.#onAbort)
    } catch {
      // A listener that stays finds nothing left to do.
    }
  }

  #aborted(): void {
    const reject = this.#reject
    this.#settled()
    if (reject === undefined) return
    this.#leave(this)
    this.#fail(reject, this.#reason())
  }

  #reason(): unknown {
    if (this.#fault !== undefined) return this.#fault.thrown
    try {
      return this.#signal?.reason
    } catch (thrown) {
      return thrown
    }
  }
}
