/** An alarm: one timer of a node, that is set anew or taken back, and a sleep that can be cut short. */
import type { FleetClock } from '../runtime/options/fleet-gate.ts'
import { storeError } from './stores/store-error.ts'

/** One timer. */
export class Alarm {
  readonly #clock: FleetClock
  readonly #ring: () => void
  #timer: unknown = undefined

  constructor(clock: FleetClock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  get isSet(): boolean {
    return this.#timer !== undefined
  }

  /** Rings after `ms` milliseconds, and not when it was to before. */
  set(ms: number): void {
    this.clear()
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#ring()
    }, ms)
  }

  clear(): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

/** A wait of one loop. */
export class Sleep {
  readonly #alarm: Alarm
  #wake: (() => void) | undefined = undefined

  constructor(clock: FleetClock) {
    this.#alarm = new Alarm(clock, () => this.end())
  }

  /** Resolves after `ms` milliseconds, or when it is ended. */
  for(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#alarm.set(ms)
    })
  }

  end(): void {
    this.#alarm.clear()
    this.#wake?.()
    this.#wake = undefined
  }
}

/**
 * Asks a store, and waits no longer than `ms`: whatever the store's own deadlines are, a renewal has one of its own.
 *
 * @param of the store by name, and what ends the wait because the node leaves
 * @throws ConnectionError `ERR_STORE`
 */
export function within<T>(
  clock: FleetClock,
  ms: number,
  { store, left }: { readonly store: string; readonly left: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const end = (): void => {
      alarm.clear()
      left.removeEventListener('abort', giveUp)
    }
    const giveUp = (): void => {
      end()
      const error = storeError(store, 'answer in time', 'deadline')
      controller.abort(error)
      reject(error)
    }
    const alarm = new Alarm(clock, giveUp)
    if (left.aborted) return giveUp()
    alarm.set(ms)
    left.addEventListener('abort', giveUp, { once: true })
    call(controller.signal).finally(end).then(resolve, reject)
  })
}
