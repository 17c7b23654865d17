/** Keeps one thing true: a link is called dead only after long silence and several unanswered questions, never for a stall of our own. */

/** When a link is asked, and when it is given up. Durations in milliseconds. */
export interface HeartbeatPolicy {
  /** Silence after which a link is asked for a sign of life. */
  readonly idleMs: number
  /** The shortest and the longest wait for an answer. */
  readonly minTimeoutMs: number
  readonly maxTimeoutMs: number
  /** Lost after so many unanswered questions … */
  readonly misses: number
  /** … and so much silence, both. */
  readonly silenceMs: number
}

/** The smoothed round trip of one link and how much it varies, in milliseconds. */
export interface SmoothedRoundTrip {
  readonly mean: number
  readonly deviation: number
}

/** Takes one more round trip in: Jacobson's estimator with the gains of RFC 6298, section 2. */
export function smoothRoundTrip(smoothed: SmoothedRoundTrip | undefined, ms: number): SmoothedRoundTrip {
  if (smoothed === undefined) return { mean: ms, deviation: ms / 2 }
  const deviation = smoothed.deviation * 0.75 + Math.abs(smoothed.mean - ms) * 0.25
  return { mean: smoothed.mean * 0.875 + ms * 0.125, deviation }
}

/** How long an answer may take: the mean and four deviations (RFC 6298), within the policy's bounds. */
export function answerTimeout(smoothed: SmoothedRoundTrip | undefined, { minTimeoutMs, maxTimeoutMs }: HeartbeatPolicy): number {
  if (smoothed === undefined) return maxTimeoutMs
  return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, smoothed.mean + 4 * smoothed.deviation))
}

/** What is known of a link when a question to it stays unanswered. */
export interface HeartbeatView {
  /** Questions in a row without an answer, this one included. */
  readonly misses: number
  /** Since the last byte from the other side, in milliseconds. */
  readonly silentMs: number
  /** How much later than asked our own timer came, in milliseconds. */
  readonly lateMs: number
}

/** Our own process has stalled when its timer comes later than this, in milliseconds. */
export const STALL_MS = 1_000

/** Whether a link is lost. In the tick after our own process stalled there is no verdict: the answers may lie unread. */
export function isLost({ misses, silentMs, lateMs }: HeartbeatView, policy: HeartbeatPolicy): boolean {
  return lateMs < STALL_MS && misses >= policy.misses && silentMs >= policy.silenceMs
}
