/** The links held are counted as peers move, so admission never has to look at the crowd. */
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'

/** How many peers are in a slot: dialing, Connected, pooled or closing. */
export class Slots {
  #held = 0
  /** How many may be in one as far as a fleet permits it; Infinity: there is no fleet. */
  permits: number

  constructor(permits: number) {
    this.permits = permits
  }

  get held(): number {
    return this.#held
  }

  /** How many slots of a limit cannot be had: those that are held, and those that a fleet does not permit. */
  taken(limit: number): number {
    return limit > this.permits ? this.#held + limit - this.permits : this.#held
  }

  moved(from: PeerState | undefined, to: PeerState | undefined): void {
    if (from !== undefined && holdsSlot(from)) this.#held--
    if (to !== undefined && holdsSlot(to)) this.#held++
  }
}
