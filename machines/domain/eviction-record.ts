/** An eviction is told with what both sides of it were worth. */

/** An eviction: the peer that lost its slot, the one that took it, and why. Plain data. @since 0.1.0 */
export interface EvictionRecord {
  /** Who came in its place. */
  readonly by: string
  /** When, in milliseconds since the epoch. */
  readonly at: number
  /** What it was worth, and what the newcomer is. */
  readonly score: number
  readonly newcomerScore: number
}
