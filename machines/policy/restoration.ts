/** Restoration: what was remembered from an earlier run holds for as long as it still would, and no longer than now allowed. */
import { CLOSED, type Breaker, type BreakerPolicy } from './breaker.ts'

/** A breaker as it is kept between two runs: a probe under way ends with its run. @since 0.1.0 */
export type SavedBreaker = Omit<Breaker, 'isProbing'>

/**
 * How long a peer of an earlier run pauses before it is dialled, in milliseconds: what is left of the pause it was in, or,
 * where it was in none, a random part of the first pause, so that those who come back together do not dial together.
 *
 * @param resumeAt when its pause was to end, in milliseconds since the epoch; undefined: it was in none
 * @param random a number from 0 up to 1
 */
export function restoredPause(
  resumeAt: number | undefined,
  now: number,
  random: number,
  { baseMs, maxMs }: { readonly baseMs: number; readonly maxMs: number },
): number {
  // A clock that was set back meanwhile must not make a pause longer than any pause may be.
  return resumeAt === undefined ? random * Math.min(baseMs, maxMs) : Math.min(maxMs, Math.max(0, resumeAt - now))
}

/** A breaker of an earlier run as it stands now; undefined: as one that has seen no failure. */
export function restoredBreaker(saved: SavedBreaker, now: number, { maxOpenMs }: BreakerPolicy): Breaker | undefined {
  const { failures, opened, openUntil } = saved
  if (failures === 0) return undefined
  return { ...CLOSED, failures, opened, openUntil: openUntil === 0 ? 0 : Math.min(openUntil, now + maxOpenMs) }
}

/**
 * How long a tag of an earlier run still has, in milliseconds: where the clock was set back meanwhile, as long as it had when it was saved.
 *
 * @param until when it was to go @param savedAt when it was saved @param now all in milliseconds since the epoch
 */
export function restoredTtl(until: number, savedAt: number, now: number): number {
  return Math.max(0, Math.min(until - now, until - savedAt))
}
