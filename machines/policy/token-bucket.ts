/** A token bucket: in any stretch of time no more pass than the burst and what the rate gives meanwhile. */

/** How many may pass. */
export interface BucketPolicy {
  /** Tokens that come back each second. */
  readonly perSecond: number
  /** The most tokens that there are at one time, and how many there are at first. */
  readonly burst: number
}

/** What is kept of one bucket. */
export interface Bucket {
  /** Tokens that were left at `at`. */
  readonly tokens: number
  /** When one was asked for last, in milliseconds since the epoch. */
  readonly at: number
}

/** The bucket afterwards, and how long until the next token; 0: one was taken. */
export interface Taken {
  readonly bucket: Bucket
  readonly retryAfterMs: number
}

/** Who comes back exactly when told to finds a token, whatever was lost in rounding. */
const ROUNDING = 1e-9

/** Takes a token at `at`, where there is one. @param bucket undefined: nobody has asked yet */
export function takeToken(bucket: Bucket | undefined, at: number, { perSecond, burst }: BucketPolicy): Taken {
  const tokens = bucket === undefined ? burst : Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) * perSecond) / 1_000)
  if (tokens >= 1 - ROUNDING) return { bucket: { tokens: Math.max(0, tokens - 1), at }, retryAfterMs: 0 }
  return { bucket: { tokens, at }, retryAfterMs: ((1 - tokens) * 1_000) / perSecond }
}
