/** A tally of moves keeps one count each kind since the last look, and folds into what folding each would give. */
import { MOVE_KINDS, moveKindOf } from '../../machines/domain/move-kind.ts'
import { reduceMoves, type MetricsState } from './fold.ts'

/**
 * Moves that wait to be folded. The fold asks of a move only what kind it is, and of all the latest instant: so a move
 * costs one addition when it happens, and the fold is carried out for whoever looks.
 */
export class MoveTally {
  readonly #counts = new Float64Array(MOVE_KINDS)
  readonly #codes: number[] = []
  #at = 0

  /** Counts a move. @param code that of its kind */
  add(at: number, code: number): void {
    const count = this.#counts[code] ?? 0
    if (count === 0) this.#codes.push(code)
    this.#counts[code] = count + 1
    if (at > this.#at) this.#at = at
  }

  /** Folds what was counted into a state, and counts from zero again. */
  take(state: MetricsState): MetricsState {
    let next = state
    for (const code of this.#codes) {
      next = reduceMoves(next, moveKindOf(code), this.#counts[code] ?? 0, this.#at)
      this.#counts[code] = 0
    }
    this.#codes.length = 0
    return next
  }
}
