/** The links held are counted as peers move, so admission never has to look at the crowd. */
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'

/** How many peers are in a slot: dialing, Connected, pooled or closing. */
export class Slots {
  #held = 0

  get held(): number {
    return this.#held
  }

  moved(from: PeerState | undefined, to: PeerState | undefined): void {
    if (from !== undefined && holdsSlot(from)) this.#held--
    if (to !== undefined && holdsSlot(to)) this.#held++
  }
}
