/** Restarts after a crash: an actor that crashes again and again is not started again and again. */

/** The most restarts of one peer in {@link RESTART_WINDOW_MS}. */
const MAX_RESTARTS = 5

/** Over which restarts are counted, in milliseconds. */
const RESTART_WINDOW_MS = 10_000

/** The restarts that still count at `at`, this one included, oldest first. At most one more than {@link MAX_RESTARTS}. */
export function restartsAt(restarts: readonly number[], at: number): readonly number[] {
  return [...restarts.filter((earlier) => at - earlier < RESTART_WINDOW_MS), at].slice(-MAX_RESTARTS - 1)
}

/** Whether a peer that has been restarted at these times may be dialled again by itself. */
export function mayRestart(restarts: readonly number[]): boolean {
  return restarts.length <= MAX_RESTARTS
}
