/** A row's door: each arrival is given out once, and one that nobody took is refused at the end. */
import type { Arrival } from '../../transports/transport.ts'

interface Caller {
  readonly resolve: (arrival: Arrival) => void
  readonly reject: (error: Error) => void
}

/** The connections of one side that wait to be admitted. */
export class Door {
  readonly #all: Arrival[] = []
  readonly #waiting: Arrival[] = []
  readonly #callers: Caller[] = []

  /** A connection has come. */
  arrived(arrival: Arrival): void {
    this.#all.push(arrival)
    const caller = this.#callers.shift()
    if (caller === undefined) this.#waiting.push(arrival)
    else caller.resolve(arrival)
  }

  /** The next that comes. */
  next(): Promise<Arrival> {
    const arrival = this.#waiting.shift()
    if (arrival !== undefined) return Promise.resolve(arrival)
    return new Promise((resolve, reject) => this.#callers.push({ resolve, reject }))
  }

  /** None will come, because of this. */
  fail(error: Error): void {
    for (const { reject } of this.#callers.splice(0)) reject(error)
  }

  /** Refuses what is there; what was admitted or refused already is over for it. */
  shut(): void {
    for (const arrival of this.#all) arrival.refuse({ code: 'ERR_STOPPED', reason: 'stopped' })
  }
}
