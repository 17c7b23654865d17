/** The calls of a store over a network: each settles within its deadline, is tried again where that is exact, and ends when the store is closed. */
import type { Clock } from '../../clock.ts'
import { ConnectionError } from '../../errors.ts'
import { storeError } from './store-error.ts'

/** A failure that may pass: the connection was lost, or the server is no master at this moment. */
export class PassingFailure extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'the connection was lost', { cause })
  }
}

/** What an attempt is told. */
export interface Attempt {
  /** Aborted when this attempt is no longer waited for. */
  readonly signal: AbortSignal
  /** An earlier attempt of the same call may have been done, or may be done yet. */
  readonly isRetry: boolean
}

const SHORTEST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 500
/** What is left of the time is not halved again below this. */
const SHORTEST_HALVED_MS = 200
/** Why a wait was cut short by us. */
const TIME_IS_UP = new Error('no answer in time')

/** The calls of one store. */
export class StoreCalls {
  readonly #store: string
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #isHalving: boolean
  readonly #running = new Set<(error: unknown) => void>()
  #isClosed = false

  /**
   * @param attempts `two`: the second has the rest of the time, since it has a connection that is new. `halving`: each has half of what
   * is left, since it may be given another old connection of a pool, and each that is given up is one less
   */
  constructor(store: string, clock: Clock, deadlineMs: number, attempts: 'two' | 'halving' = 'two') {
    this.#isHalving = attempts === 'halving'
    this.#store = store
    this.#clock = clock
    this.#deadlineMs = deadlineMs
  }

  /**
   * Makes attempts until one is answered. The first has half of the time, so that an answer that is lost in a path that has vanished
   * can be asked for on another.
   *
   * @param call what is asked, for the message: `renew a lease`
   */
  async run<T>(call: string, signal: AbortSignal | undefined, attempt: (context: Attempt) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw storeError(this.#store, call, 'closed')
    const end = this.#clock.now() + this.#deadlineMs
    let pauseMs = SHORTEST_PAUSE_MS
    // What the last answer was, where there was one: it says more than that time is up.
    let last: PassingFailure | undefined
    for (let tries = 0; ; tries++) {
      const leftMs = end - this.#clock.now()
      try {
        const isShared = tries === 0 || (this.#isHalving && leftMs > SHORTEST_HALVED_MS)
        return await this.#bounded(call, isShared ? leftMs / 2 : leftMs, signal, (cut) => attempt({ signal: cut, isRetry: tries > 0 }))
      } catch (error) {
        if (error === TIME_IS_UP) {
          if (end - this.#clock.now() <= 1)
            throw storeError(this.#store, call, last === undefined ? 'deadline' : 'unreachable', last?.cause)
          continue
        }
        if (signal?.aborted === true && error === signal.reason) throw error
        if (ConnectionError.is(error)) throw error
        if (!(error instanceof PassingFailure)) throw storeError(this.#store, call, 'refused', error)
        last = error
        if (end - this.#clock.now() <= pauseMs) throw storeError(this.#store, call, 'unreachable', error.cause)
        await this.#bounded(call, pauseMs, signal, () => new Promise<never>(() => {})).catch((cut: unknown) => {
          if (cut !== TIME_IS_UP) throw cut
        })
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      }
    }
  }

  /** Ends all calls, those to come as well. */
  close(): void {
    this.#isClosed = true
    for (const end of this.#running) end(undefined)
  }

  #bounded<T>(call: string, ms: number, outer: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cut = new AbortController()
      const settle = (): void => {
        this.#clock.clearTimeout(timer)
        this.#running.delete(onClose)
        outer?.removeEventListener('abort', onAbort)
      }
      const stop = (reason: unknown): void => {
        settle()
        reject(reason)
        cut.abort(reason)
      }
      const onAbort = (): void => stop(outer?.reason)
      const onClose = (): void => stop(storeError(this.#store, call, 'closed'))
      const timer = this.#clock.setTimeout(() => stop(TIME_IS_UP), Math.max(0, ms))
      this.#running.add(onClose)
      outer?.addEventListener('abort', onAbort, { once: true })
      start(cut.signal).finally(settle).then(resolve, reject)
    })
  }
}
