/** A call that cannot wait gets a slot at the limit too, at the cost of one peer that is worth less. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../../connection-manager.ts'
import { pause } from '../pause.ts'
import type { Errands } from './errands.ts'
import { WORTH } from './regulars.ts'

/** What an urgent call is worth, and for how long: more than any other, less than a regular. */
const URGENT = WORTH - 2
const URGENT_MS = 2_000
/** Between two that cost somebody a slot. */
const CALM_MS = 1_500
/** In a rush whoever can be called is, again and again, until somebody has to yield. */
const RUSH_MS = 100

/** Calls peers now and then, more of them than there are slots, from the moment it is made until the signal is aborted. */
export class UrgentCalls {
  readonly #manager: ConnectionManager
  readonly #errands: Errands
  readonly #signal: AbortSignal
  #evicted = 0

  constructor(manager: ConnectionManager, errands: Errands, signal: AbortSignal) {
    this.#manager = manager
    this.#errands = errands
    this.#signal = signal
    manager.transitions$.subscribe(({ reason }) => (this.#evicted += Number(reason === 'evicted')))
    void this.#callNowAndThen()
  }

  async #callNowAndThen(): Promise<void> {
    const signal = this.#signal
    while (!signal.aborted) {
      await pause(CALM_MS, signal)
      const before = this.#evicted
      while (!signal.aborted && this.#evicted === before) {
        for (const peerId of this.#callable) this.#call(peerId)
        await pause(RUSH_MS, signal)
      }
    }
  }

  /** Those that nobody talks to, and that did not fail last. */
  get #callable(): readonly PeerId[] {
    return this.#errands.idle.filter((peerId) => [undefined, 'Disconnected'].includes(this.#manager.status(peerId)))
  }

  #call(peerId: PeerId): void {
    this.#manager.tag(peerId, 'urgent', URGENT, { ttlMs: URGENT_MS })
    void this.#errands.call(peerId)
  }
}
