/** Pings of a scripted link: each waits until the test answers it, fails it, or its signal is aborted. */

/** The pings that wait, oldest first. */
export class ScriptedPings {
  readonly #settles: ((outcome: number | Error) => void)[] = []

  /** How many wait. */
  get length(): number {
    return this.#settles.length
  }

  /** Waits for a round trip in milliseconds; rejects with the reason of the signal. */
  wait(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: unknown): void => {
        signal.removeEventListener('abort', onAbort)
        this.#settles.splice(this.#settles.indexOf(settle), 1)
        if (typeof outcome === 'number') resolve(outcome)
        else reject(outcome)
      }
      const onAbort = (): void => settle(signal.reason)
      signal.addEventListener('abort', onAbort)
      this.#settles.push(settle)
    })
  }

  /** Answers the oldest, or fails it; false: none waits. */
  settleOldest(outcome: number | Error): boolean {
    const settle = this.#settles[0]
    if (settle === undefined) return false
    settle(outcome)
    return true
  }
}
