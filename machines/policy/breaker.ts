/** The breaker: a peer that fails again and again is left alone for a while, then half-open for one probe before it is trusted. */

/** How a breaker behaves. */
export interface BreakerPolicy {
  /** It opens after so many failures in a row. */
  readonly failures: number
  /** How long it stays open the first time, in milliseconds; the k-th time in a row, k times as long. */
  readonly openMs: number
  /** The longest it stays open, in milliseconds. */
  readonly maxOpenMs: number
}

/** What is kept of one peer's breaker. Plain data, forgotten with the peer. */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number
  /** How often it has opened in a row. */
  readonly opened: number
  /** Until when it is open, in milliseconds since the epoch; 0: closed. */
  readonly openUntil: number
  /** Whether the one attempt that a half-open breaker allows is under way. */
  readonly isProbing: boolean
}

/** What a breaker says to an attempt. */
export type BreakerVerdict =
  | { readonly kind: 'pass' }
  /** The breaker is half open: this attempt, and no other, may try. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number }

/** A breaker that has seen no failure. */
export const CLOSED: Breaker = { failures: 0, opened: 0, openUntil: 0, isProbing: false }

/** Up to this part of the time open is taken off at random, so that peers which failed together do not return together. */
const JITTER = 0.1

/** What a breaker says to an attempt at `at`. */
export function askBreaker(breaker: Breaker, at: number, { openMs }: BreakerPolicy): BreakerVerdict {
  if (breaker.openUntil === 0) return { kind: 'pass' }
  if (at < breaker.openUntil) return { kind: 'refuse', retryAfterMs: breaker.openUntil - at }
  // A probe under way may take as long as the breaker was open at first: whoever comes meanwhile waits for its outcome.
  return breaker.isProbing ? { kind: 'refuse', retryAfterMs: openMs } : { kind: 'probe' }
}

/** The breaker after an attempt was let through as a probe. */
export function probing(breaker: Breaker): Breaker {
  return { ...breaker, isProbing: true }
}

/** The breaker when the reason why its peer could not be reached may be gone: the next attempt is a probe. */
export function halfOpened(breaker: Breaker, at: number): Breaker {
  return breaker.openUntil > at ? { ...breaker, openUntil: at } : breaker
}

/** The breaker after a dial or the health of a link failed. @param random a number from 0 up to 1 */
export function afterFailure(breaker: Breaker, at: number, random: number, { failures, openMs, maxOpenMs }: BreakerPolicy): Breaker {
  const count = breaker.failures + 1
  if (count < failures && !breaker.isProbing) return { ...breaker, failures: count }
  const opened = breaker.opened + 1
  const open = Math.min(maxOpenMs, openMs * opened) * (1 - JITTER * random)
  return { failures: count, opened, openUntil: at + open, isProbing: false }
}

/** The breaker after an attempt that ended without telling anything of the peer: aborted, or refused by our own limits. */
export function afterNothing(breaker: Breaker): Breaker {
  return breaker.isProbing ? { ...breaker, isProbing: false } : breaker
}
