/** Rates and latency are those of the time that the kept samples cover, and of no other. */
import { LatencyHistogram, type LatencyTotals } from './histogram.ts'
import type { TrafficSample } from './fold-input.ts'
import type { LatencySummary } from './network-metrics.ts'

/** The samples of the last `windowMs`, and what they amount to. Plain immutable data. */
export interface TrafficWindow {
  readonly windowMs: number
  /** When the time that the samples cover began: the start, or the sample before the oldest one. */
  readonly since: number
  readonly samples: readonly TrafficSample[]
  readonly messagesPerSecond: number
  readonly bytesInPerSecond: number
  readonly bytesOutPerSecond: number
  readonly memoryUsage: number
  readonly isMemoryStale: boolean
  readonly avgLatency: number | null
  readonly latency: LatencySummary | null
}

/** A window that begins at `since` and has seen nothing. */
export function emptyWindow(since: number, windowMs: number): TrafficWindow {
  return {
    windowMs,
    since,
    samples: [],
    messagesPerSecond: 0,
    bytesInPerSecond: 0,
    bytesOutPerSecond: 0,
    memoryUsage: 0,
    isMemoryStale: false,
    avgLatency: null,
    latency: null,
  }
}

/**
 * Moves the window on by one sample. A sample counts wholly while it was taken within `windowMs` of the newest, and
 * rates are over the time that the counted samples cover: a late sample, or one longer than the window, distorts nothing.
 */
export function slideWindow(window: TrafficWindow, sample: TrafficSample): TrafficWindow {
  const { windowMs } = window
  const edge = sample.at - windowMs
  let since = window.since
  let messages = sample.messages
  let bytesIn = sample.bytesIn
  let bytesOut = sample.bytesOut
  const samples: TrafficSample[] = []
  for (const kept of window.samples) {
    // Of a clock that was set back: it would count until that has come so far again.
    if (kept.at > sample.at) continue
    if (kept.at <= edge) {
      since = kept.at
      continue
    }
    samples.push(kept)
    messages += kept.messages
    bytesIn += kept.bytesIn
    bytesOut += kept.bytesOut
  }
  samples.push(sample)
  if (since > sample.at) since = samples[0]?.at ?? sample.at
  const elapsed = sample.at - since
  // Nothing can be said of no time at all: what was counted in it shows with the next sample.
  const perSecond = elapsed > 0 ? 1000 / elapsed : 0
  const trips = addLatencies(samples)
  return {
    windowMs,
    since,
    samples,
    messagesPerSecond: messages * perSecond,
    bytesInPerSecond: bytesIn * perSecond,
    bytesOutPerSecond: bytesOut * perSecond,
    memoryUsage: sample.memoryUsage,
    isMemoryStale: sample.memoryUsageStale === true,
    avgLatency: trips && trips.sum / trips.count,
    latency: trips && trips.summary,
  }
}

/** Adds up round trips that were measured apart; null: there are none. */
export function summarizeLatencies(parts: readonly LatencyTotals[]): { sum: number; count: number; summary: LatencySummary } | null {
  if (parts.length === 0) return null
  const histogram = new LatencyHistogram()
  for (const part of parts) histogram.add(part)
  const all = histogram.totals()
  if (all === null) return null
  const { count, sum, max, buckets } = all
  const [p50, p95, p99] = [histogram.percentile(50), histogram.percentile(95), histogram.percentile(99)]
  return { sum, count, summary: { p50, p95, p99, max, count, buckets } }
}

function addLatencies(samples: readonly TrafficSample[]): ReturnType<typeof summarizeLatencies> {
  const parts: LatencyTotals[] = []
  for (const { latency } of samples) if (latency !== null) parts.push(latency)
  return summarizeLatencies(parts)
}
