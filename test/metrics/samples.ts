/** A sample in a test says only what the test is about. */
import type { TrafficSample } from '../../src/metrics/fold-input.ts'
import { LatencyHistogram, type LatencyTotals } from '../../src/metrics/histogram.ts'

/** The totals of these round trips, in milliseconds. */
export function trips(...ms: readonly number[]): LatencyTotals | null {
  const histogram = new LatencyHistogram()
  for (const one of ms) histogram.record(one)
  return histogram.totals()
}

/** A sample in which nothing happened, but for what is given. */
export function sampleOf(sample: Partial<TrafficSample> & { at: number }): TrafficSample {
  return { kind: 'sample', messages: 0, messagesIn: 0, bytesIn: 0, bytesOut: 0, memoryUsage: 0, latency: null, ...sample }
}
