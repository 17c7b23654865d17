/** The links held are counted as peers move, so admission never has to look at the crowd. */

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

  /** So many more are held, or fewer. */
  changed(by: number): void {
    this.#held += by
  }
}
