/** Round trips are measured round robin, and never more often than the budget allows. */

/** The most pings that one manager sends in any second. @since 0.1.0 */
export const PINGS_PER_SECOND = 200

/**
 * When the next ping may leave, in milliseconds since the epoch.
 *
 * @param due when the next link in turn is due
 * @param oldest when the {@link PINGS_PER_SECOND}th-last ping left; undefined while there were fewer
 * @since 0.1.0
 */
export function nextPingAt(due: number, oldest: number | undefined): number {
  return oldest === undefined ? due : Math.max(due, oldest + 1_000)
}
