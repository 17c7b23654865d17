/** Selection: of several connected peers one is picked by its numbers, and equals take turns. */
import type { PeerId } from '../domain/peer-id.ts'
import type { Direction } from './duel.ts'

/** A connected peer, as a selection strategy sees it. @since 0.1.0 */
export interface SelectionCandidate {
  readonly peerId: PeerId
  readonly direction: Direction
  /** The last measured round trip, in milliseconds; null: none. */
  readonly latency: number | null
  /** How many connections (holds) there are on its link now. */
  readonly holds: number
  /** What it is worth: its weight. */
  readonly score: number
  /** When it was picked last, as a count of picks; 0: never. */
  readonly picked: number
}

/** How a connected peer is selected: by a strategy's name, or by a function that returns the selected one, or undefined. @since 0.1.0 */
export type SelectionStrategy =
  /** The one that was picked longest ago. */
  | 'round-robin'
  /** The one with the fewest holds. */
  | 'least-used'
  /** The one with the shortest round trip; those without one come last. */
  | 'fastest'
  /** Each with a chance in proportion to its score; what is worth 0 or less has none, unless all are. */
  | 'weighted'
  | ((candidates: readonly SelectionCandidate[]) => PeerId | undefined)

/** The strategies that have a name. */
export const SELECTION_STRATEGIES = ['round-robin', 'least-used', 'fastest', 'weighted'] as const

/**
 * Picks one; undefined: there is none, or a function named none of them. Of equals, the one that was picked longest
 * ago is picked, and of those the one given first.
 *
 * @param random a number from 0 up to 1, asked for by `'weighted'` alone
 */
export function select(
  candidates: readonly SelectionCandidate[],
  strategy: SelectionStrategy,
  random: () => number,
): SelectionCandidate | undefined {
  if (typeof strategy === 'function') {
    const peerId = strategy(candidates)
    return candidates.find((candidate) => candidate.peerId === peerId)
  }
  switch (strategy) {
    case 'round-robin':
      return least(candidates, () => 0)
    case 'least-used':
      return least(candidates, ({ holds }) => holds)
    case 'fastest':
      return least(candidates, ({ latency }) => latency ?? Infinity)
    case 'weighted':
      return weighted(candidates, random)
  }
}

function least(candidates: readonly SelectionCandidate[], cost: (candidate: SelectionCandidate) => number): SelectionCandidate | undefined {
  let best: SelectionCandidate | undefined
  for (const candidate of candidates) {
    if (best === undefined || cost(candidate) < cost(best) || (cost(candidate) === cost(best) && candidate.picked < best.picked)) {
      best = candidate
    }
  }
  return best
}

function weighted(candidates: readonly SelectionCandidate[], random: () => number): SelectionCandidate | undefined {
  // In parts of the greatest: the sum of the scores themselves may be more than a number can be.
  const greatest = candidates.reduce((most, { score }) => Math.max(most, score), 0)
  const weightOf = ({ score }: SelectionCandidate): number => {
    if (greatest === 0 || score === greatest) return 1
    return Math.max(0, score) / greatest
  }
  let left = random() * candidates.reduce((sum, candidate) => sum + weightOf(candidate), 0)
  let last: SelectionCandidate | undefined
  for (const candidate of candidates) {
    const weight = weightOf(candidate)
    if (weight === 0) continue
    last = candidate
    left -= weight
    if (left < 0) return candidate
  }
  return last
}
