/** A tally of moves keeps one count each kind since the last look, and folds into what folding each would give. */
import { statusOf, type PeerState } from '../../machines/domain/peer-state.ts'
import { kindOfMove, MOVE_KINDS } from '../../machines/domain/transition.ts'
import type { MoveKind } from './event-counts.ts'
import { reduceMoves, type MetricsState } from './fold.ts'

/** What each kind of move means to the fold; made when one of that kind first happens. */
const KINDS: (MoveKind | undefined)[] = Array.from({ length: MOVE_KINDS }, () => undefined)

/**
 * Moves that wait to be folded. The fold asks of a move only what kind it is, and of all the latest instant: so a move
 * costs one addition when it happens, and the fold is carried out for whoever looks.
 */
export class MoveTally {
  readonly #counts = new Float64Array(MOVE_KINDS)
  readonly #codes: number[] = []
  #at = 0

  /** Counts a move. @param code what kind of move it is, as `codeOfMove` has it */
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
      const kind = (KINDS[code] ??= kindOf(code))
      next = reduceMoves(next, kind, this.#counts[code] ?? 0, this.#at)
      this.#counts[code] = 0
    }
    this.#codes.length = 0
    return next
  }
}

function kindOf(code: number): MoveKind {
  const { from: fromState, to: toState, reason } = kindOfMove(code)
  return { from: statusOfAny(fromState), to: statusOfAny(toState), fromState, toState, reason }
}

function statusOfAny(state: PeerState | undefined): MoveKind['from'] {
  return state === undefined ? undefined : statusOf(state)
}
