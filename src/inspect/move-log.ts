/** The log of moves remembers the latest thousand, and none costs more than a place in a ring. */
import type { Move } from '../../machines/domain/transition.ts'
import type { LoggedMove } from './changes.ts'
import { codeOfState, NO_STATE } from '../../machines/domain/peer-state.ts'

const CAPACITY = 1_000
/** The latest moves. */
export class MoveLog {
  /** The most that one reading shows. */
  static readonly MOST_SHOWN = 100
  /** How many there were, ever. */
  total = 0
  readonly #ring: Move[] = []

  add(move: Move): void {
    this.#ring[this.total++ % CAPACITY] = move
  }

  clear(): void {
    this.total = this.#ring.length = 0
  }

  /** Those after the first `seen`, the oldest first, as many as are shown at a time. */
  after(seen: number): readonly LoggedMove[] {
    const from = Math.max(seen, this.total - MoveLog.MOST_SHOWN)
    return Array.from({ length: this.total - from }, (_, i) => logged(this.#ring[(from + i) % CAPACITY]!))
  }
}

function logged({ seq, at, peerId, fromState, toState, reason, failure }: Move): LoggedMove {
  const base = { seq, at, peerId, from: placeOf(fromState), to: placeOf(toState), reason }
  return failure === undefined ? base : { ...base, failure: failure.code }
}

function placeOf(state: Move['toState']): number {
  const code = codeOfState(state)
  return code === NO_STATE ? -1 : code
}
