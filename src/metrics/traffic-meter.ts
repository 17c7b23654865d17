/** Each message and round trip is counted in exactly one sample, for the price of an addition. */
import type { TrafficSample } from './fold-input.ts'
import { LatencyHistogram } from './histogram.ts'
import type { TrafficTotals } from './network-metrics.ts'
import { NO_TRAFFIC } from './traffic-totals.ts'

/** Counts traffic between two samples. The only mutable part of the metrics; messages never pass through a machine. @since 0.1.0 */
export class TrafficMeter {
  #messagesIn = 0
  #messagesOut = 0
  #bytesIn = 0
  #bytesOut = 0
  readonly #roundTrips = new LatencyHistogram()

  /** A message of `bytes` bytes has arrived. */
  messageIn(bytes: number): void {
    this.#messagesIn += 1
    this.#bytesIn += bytes
  }

  /** A message of `bytes` bytes was sent. */
  messageOut(bytes: number): void {
    this.#messagesOut += 1
    this.#bytesOut += bytes
  }

  /** A message on a link that the app itself owns. Its direction is not told: its bytes count as sent. */
  record(bytes: number): void {
    this.messageOut(bytes)
  }

  /** A round trip took `ms` milliseconds. What is no duration (NaN, infinite, negative) is not counted. */
  roundTrip(ms: number): void {
    this.#roundTrips.record(ms)
  }

  /** What was counted since the last `take`. */
  get pending(): TrafficTotals {
    if (this.#messagesIn === 0 && this.#messagesOut === 0) return NO_TRAFFIC
    return {
      messages: { in: this.#messagesIn, out: this.#messagesOut },
      bytes: { in: this.#bytesIn, out: this.#bytesOut },
    }
  }

  /** Hands over what was counted since the last `take`, and begins again from zero. @param isMemoryStale whether `memoryUsage` is an earlier one */
  take(at: number, memoryUsage: number, isMemoryStale = false): TrafficSample {
    const sample: TrafficSample = {
      kind: 'sample',
      at,
      messages: this.#messagesIn + this.#messagesOut,
      messagesIn: this.#messagesIn,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      memoryUsage,
      ...(isMemoryStale ? ({ memoryUsageStale: true } as const) : undefined),
      latency: this.#roundTrips.totals(),
    }
    this.#messagesIn = 0
    this.#messagesOut = 0
    this.#bytesIn = 0
    this.#bytesOut = 0
    if (sample.latency !== null) this.#roundTrips.clear()
    return sample
  }
}
