/** The first word to stop stops in order, and a second one, meant as such, at once. */

import { setMaxListeners } from 'node:events'

/**
 * Signals that come closer together than this are one: Ctrl-C under `npm start` reaches us twice, from the terminal and
 * from npm.
 */
const SAME_WORD_MS = 500

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** What a command waits for until it ends. Whoever makes it must {@link Stop.dispose} it. */
export class Stop {
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined
  readonly #others: readonly AbortSignal[]
  #toldAt = 0

  /** @param others stops when one of these is aborted */
  constructor(...others: readonly AbortSignal[]) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#onSignal)
    // Every conversation may wait for it.
    setMaxListeners(0, this.signal)
    this.#others = others
    for (const other of others) other.addEventListener('abort', this.#stop)
  }

  /** Aborted when it is time to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Resolves when it is time to stop. */
  get told(): Promise<void> {
    const { signal } = this
    return signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  }

  /** Stops `seconds` from now. */
  after(seconds: number): void {
    if (!this.signal.aborted) this.#timer = setTimeout(this.#stop, seconds * 1_000)
  }

  /** Leaves signals to the platform again. */
  dispose(): void {
    clearTimeout(this.#timer)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal)
    for (const other of this.#others) other.removeEventListener('abort', this.#stop)
  }

  readonly #stop = (): void => {
    clearTimeout(this.#timer)
    this.#controller.abort()
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (this.#toldAt > 0 && now - this.#toldAt > SAME_WORD_MS) process.exit(EXIT_CODES[signal as keyof typeof EXIT_CODES])
    if (this.#toldAt === 0) this.#toldAt = now
    this.#stop()
  }
}
