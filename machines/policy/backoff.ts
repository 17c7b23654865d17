/** The retry pause: the longer a peer fails, the longer the pause before it is tried again, and no two are tried in step. */

/** How reconnecting is paced. */
export interface BackoffPolicy {
  /** The first pause is drawn from 0 to this, in milliseconds. */
  readonly baseMs: number
  /** No pause is drawn from more than this, in milliseconds. */
  readonly maxMs: number
  /** How many attempts in a row; `Infinity`: endless. */
  readonly attempts: number
}

/**
 * The pause before the next attempt, in milliseconds; undefined: no more attempts.
 *
 * Exponential backoff with full jitter: a random part of `min(maxMs, baseMs · 2^attempt)`, after Marc Brooker,
 * "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 *
 * @param attempt how many attempts have failed since the last stable connection
 * @param random a number from 0 up to 1
 */
export function backoffPause(attempt: number, random: number, { baseMs, maxMs, attempts }: BackoffPolicy): number | undefined {
  return attempt >= attempts ? undefined : random * Math.min(maxMs, baseMs * 2 ** attempt)
}

/**
 * A reconnecting dial takes one of the `concurrency` places for at least so long, in milliseconds, however fast it ends:
 * else a network that answers at once would be met by as many dials as the first pauses spread, which is too many.
 */
export const LEAST_DIAL_MS = 20

/** How many failed attempts count after a connection that lasted `connectedMs`: none, once it was stable. */
export function attemptsAfter(attempt: number, connectedMs: number, stableMs: number): number {
  return connectedMs >= stableMs ? 0 : attempt
}
