/** A signal that counts its listeners, in browsers too. */

/** A controller whose signal counts its listeners. */
export class CountedAbort {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #listeners = new Set<unknown>()

  constructor() {
    const { signal } = this.#controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      this.#listeners.add(args[1])
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
      this.#listeners.delete(args[1])
      remove(...args)
    }
    this.signal = signal
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }
}
