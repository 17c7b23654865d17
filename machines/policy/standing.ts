/** A peer's standing is the sum of its tags, unless the app says otherwise. */
import type { ConnectionStatus } from '../domain/connection-status.ts'
import type { PeerId } from '../domain/peer-id.ts'
import type { Direction } from './duel.ts'

/** What the option `score` judges a peer by. @since 0.1.0 */
export interface ScoredPeer {
  readonly peerId: PeerId
  /** Undefined: it is not known, or only about to be. */
  readonly status: ConnectionStatus | undefined
  readonly direction: Direction
  /** How many connections (holds) there are on its link. */
  readonly holds: number
  /** The last measured round trip, in milliseconds; null: none. */
  readonly latency: number | null
  /** Its tags by name. */
  readonly tags: Readonly<Record<string, number>>
  /** The sum of its tags: what it is worth by default. */
  readonly sum: number
}

/** The most unknown peers whose tags are kept. */
const MAX_TAGGED_STRANGERS = 10_000

/** Whether the tags of the unknown peer that was tagged or forgotten longest ago must go. */
export function isStrangersFull(strangers: number): boolean {
  return strangers > MAX_TAGGED_STRANGERS
}

/** The sum of a peer's tags. Summed anew each time: adding and subtracting floats would drift, and two equals would not be equal. */
export function sumOfTags(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
