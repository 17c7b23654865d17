/** Every ping settles once, by its pong, its signal or the end of its link, and leaves no listener behind. */

/** The most pings of one link that may be under way. */
const MAX_PINGS = 64

interface Ping {
  readonly sentAt: number
  readonly signal: AbortSignal
  readonly onAbort: () => void
  readonly resolve: (ms: number) => void
  readonly reject: (reason: unknown) => void
}

/** The pings of one link that wait for their pongs. */
export class Pings {
  readonly #waiting = new Map<number, Ping>()
  #lastId = 0

  /** Whether any waits for its pong. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /**
   * Sends a ping through `write` and waits for its pong.
   *
   * @returns the round trip in milliseconds
   * @throws the signal's reason; RangeError beyond {@link MAX_PINGS}
   */
  send(signal: AbortSignal, write: (id: number) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      if (this.#waiting.size >= MAX_PINGS) throw new RangeError(`${MAX_PINGS} pings of this link are under way already`)
      const id = (this.#lastId = (this.#lastId + 1) >>> 0)
      const onAbort = (): void => {
        this.#waiting.delete(id)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.set(id, { sentAt: performance.now(), signal, onAbort, resolve, reject })
      write(id)
    })
  }

  /** A pong came: it answers the ping `id` and all before it, so that a busy side may answer only the latest. */
  answered(id: number): void {
    const now = performance.now()
    for (const [sent, ping] of this.#waiting) {
      if (((id - sent) | 0) < 0) return
      this.#waiting.delete(sent)
      ping.signal.removeEventListener('abort', ping.onAbort)
      ping.resolve(now - ping.sentAt)
    }
  }

  /** The link is over: nothing will be answered any more. */
  fail(error: Error): void {
    for (const ping of this.#waiting.values()) {
      ping.signal.removeEventListener('abort', ping.onAbort)
      ping.reject(error)
    }
    this.#waiting.clear()
  }
}
