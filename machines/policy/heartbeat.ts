/** The heartbeat of a link is lost only after long silence and several unanswered pings, never for a stall of our own. */

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

/**
 * How long an answer may take: the mean and four deviations, twice as long after each miss (RFC 6298, sections 2 and
 * 5.5), within the policy's bounds. Of a link that was never measured the shortest is expected first.
 */
export function answerTimeout(smoothed: SmoothedRoundTrip | undefined, misses: number, policy: HeartbeatPolicy): number {
  const { minTimeoutMs, maxTimeoutMs } = policy
  const expected = smoothed === undefined ? minTimeoutMs : Math.max(minTimeoutMs, smoothed.mean + 4 * smoothed.deviation)
  return Math.min(maxTimeoutMs, expected * 2 ** misses)
}

/** How often a link is looked at, in milliseconds: often enough for the shortest of its waits. */
export function lookEveryMs({ idleMs, minTimeoutMs }: HeartbeatPolicy): number {
  return Math.min(idleMs, minTimeoutMs)
}

/** What is known of a link when it is looked at. */
export interface HeartbeatView {
  /** Questions in a row whose answers are overdue. */
  readonly misses: number
  /** Since the last byte from the other side, in milliseconds. */
  readonly silentMs: number
  /** How much later than asked our own timer came, in milliseconds. */
  readonly lateMs: number
}

/** Our own process has stalled when its timer comes later than this, in milliseconds. */
export const STALL_MS = 1_000

/** Whether a link is asked for a sign of life: after silence, and again after a question that it left unanswered. */
export function isAsked({ misses, silentMs }: HeartbeatView, { idleMs }: HeartbeatPolicy): boolean {
  return misses > 0 || silentMs >= idleMs
}

/** Whether a link is lost. In the tick after our own process stalled there is no verdict: the answers may lie unread. */
export function isLost({ misses, silentMs, lateMs }: HeartbeatView, policy: HeartbeatPolicy): boolean {
  return lateMs < STALL_MS && misses >= policy.misses && silentMs >= policy.silenceMs
}
