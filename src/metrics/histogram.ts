/** Any number of round trips fits in a fixed table, and two tables add up to the table of both. */

/** Sub-buckets per power of two: a bucket is at most 1/32 (3.1 %) as wide as what is in it. */
const SUB_BUCKET_BITS = 5
/** Values are counted in microseconds that fit in 32 bits: up to 71 minutes, longer ones in the last bucket. */
const TOP = 2 ** 32
const BUCKETS = (32 - SUB_BUCKET_BITS + 1) << SUB_BUCKET_BITS

/** What was measured, as plain data: it adds up with {@link LatencyHistogram.add}. @since 0.1.0 */
export interface LatencyTotals {
  /** How many round trips. */
  readonly count: number
  /** All of them together, in milliseconds. */
  readonly sum: number
  /** The longest, in milliseconds, exactly. */
  readonly max: number
  /** The buckets that are not empty, by rising index. */
  readonly buckets: readonly (readonly [index: number, count: number])[]
}

/**
 * Counts round trips in log-linear buckets, as HdrHistogram does: exact to 1 µs below 64 µs, and to 32 steps per
 * power of two above. `count`, `sum` and `max` are exact.
 *
 * @see https://github.com/HdrHistogram/HdrHistogram
 */
export class LatencyHistogram {
  // Doubles, since a merge of many processes may pass 2^32 in one bucket.
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  /** How many round trips are in it. */
  get count(): number {
    return this.#count
  }

  /** Counts a round trip of `ms` milliseconds. What is no duration (NaN, infinite, negative) is not counted. */
  record(ms: number): void {
    if (!(ms >= 0 && ms < Infinity)) return
    const index = bucketOf(ms)
    this.#counts[index] = this.#counts[index]! + 1
    this.#count += 1
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
  }

  /** Adds what was measured elsewhere: the result is as if all of it had been recorded here. */
  add(totals: LatencyTotals): void {
    for (const [index, count] of totals.buckets) this.#counts[index] = this.#counts[index]! + count
    this.#count += totals.count
    this.#sum += totals.sum
    if (totals.max > this.#max) this.#max = totals.max
  }

  /**
   * The value, in milliseconds, that `p` percent of the round trips do not exceed (nearest rank), known to half a
   * bucket: 1.6 %, or half a microsecond. 0 when there are none.
   */
  percentile(p: number): number {
    const rank = Math.max(1, Math.ceil((p * this.#count) / 100))
    let seen = 0
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#counts[index]!
      // The last bucket has no upper end, so only the maximum speaks for it.
      if (seen >= rank) return index === BUCKETS - 1 ? this.#max : Math.min(middleOf(index), this.#max)
    }
    return this.#max
  }

  /** What is in it, as plain data; null: nothing. */
  totals(): LatencyTotals | null {
    if (this.#count === 0) return null
    const buckets: [number, number][] = []
    for (let index = 0; index < BUCKETS; index++) {
      const count = this.#counts[index]!
      if (count > 0) buckets.push([index, count])
    }
    return { count: this.#count, sum: this.#sum, max: this.#max, buckets }
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#max = 0
  }
}

/** The bucket of a duration in milliseconds. */
function bucketOf(ms: number): number {
  const us = ms * 1000
  if (us >= TOP) return BUCKETS - 1
  const whole = us >>> 0
  const shift = Math.max(0, 31 - SUB_BUCKET_BITS - Math.clz32(whole))
  return (shift << SUB_BUCKET_BITS) + (whole >>> shift)
}

/** The middle of a bucket, in milliseconds. */
function middleOf(index: number): number {
  const shift = Math.max(0, (index >>> SUB_BUCKET_BITS) - 1)
  const low = index - (shift << SUB_BUCKET_BITS)
  return ((low + 0.5) * 2 ** shift) / 1000
}
