/** Keeps one thing true: a connect that waits is answered once, and its abort listener goes when it is. */
import type { Connection } from './connection.ts'

/** One connect that waits for a link. */
export class Caller {
  readonly promise: Promise<Connection>
  readonly #signal: AbortSignal | undefined
  readonly #leave: (caller: Caller) => void
  #resolve: ((connection: Connection) => void) | undefined
  #reject: ((error: unknown) => void) | undefined

  /** @param leave called when the caller's own signal aborts it, before it is rejected */
  constructor(signal: AbortSignal | undefined, leave: (caller: Caller) => void) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#signal = signal
    this.#leave = leave
    signal?.addEventListener('abort', this.#onAbort)
  }

  resolve(connection: Connection): void {
    this.#settle()?.resolve?.(connection)
  }

  reject(error: unknown): void {
    this.#settle()?.reject?.(error)
  }

  #settle() {
    const resolve = this.#resolve
    const reject = this.#reject
    this.#resolve = this.#reject = undefined
    this.#signal?.removeEventListener('abort', this.#onAbort)
    return { resolve, reject }
  }

  readonly #onAbort = (): void => {
    const { reject } = this.#settle()
    this.#leave(this)
    reject?.(this.#signal?.reason)
  }
}
