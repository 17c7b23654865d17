/** A count of the handshakes under way at all listeners of one manager: those that have proven nothing yet, and hold no slot. */
import type { HandshakeTally } from '../../transports/transport.ts'

/** Counts them. */
export class Handshakes implements HandshakeTally {
  readonly limit: number
  #current = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get current(): number {
    return this.#current
  }

  entered(): void {
    this.#current++
  }

  left(): void {
    this.#current--
  }
}
