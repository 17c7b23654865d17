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
    try {
      signal?.addEventListener('abort', this.#onAbort)
    } catch (thrown) {
      this.#fault = { thrown }
    }
  }

  resolve(connection: Connection): void {
    const { resolve } = this.#settle()
    if (resolve === undefined) return
    this.#ended?.(undefined)
    resolve(connection)
  }

  reject(error: unknown): void {
    const { reject } = this.#settle()
    if (reject !== undefined) this.#fail(reject, error)
  }

  /** Has a caller leave whose signal was aborted before it was listened to, or cannot be listened to. */
  leaveIfAborted(): void {
    if (this.#fault !== undefined || this.#isAborted()) this.#onAbort()
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

  #settle() {
    const resolve = this.#resolve
    const reject = this.#reject
    this.#resolve = this.#reject = undefined
    try {
      this.#signal?.removeEventListener('abort', this.#onAbort)
    } catch {
      // A listener that stays finds nothing left to do.
    }
    return { resolve, reject }
  }

  readonly #onAbort = (): void => {
    const { reject } = this.#settle()
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
