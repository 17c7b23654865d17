/** Those who wait for a node to register: each is told once, or gives up by its signal and is forgotten. */
import type { ConnectionError } from '../errors.ts'

/** Who waits for one node. */
export class Joining {
  readonly #waiting = new Set<(error: ConnectionError | undefined) => void>()

  /** Resolves at the next {@link settle} without an error. Rejects with its error, or with the reason of the signal. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(settle)
        reject(signal?.reason)
      }
      const settle = (error: ConnectionError | undefined): void => {
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve()
        else reject(error)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(settle)
    })
  }

  settle(error: ConnectionError | undefined): void {
    for (const settle of this.#waiting) settle(error)
    this.#waiting.clear()
  }
}
