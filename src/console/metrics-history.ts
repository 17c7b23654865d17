/** The last ten minutes of metrics are there for a page that is opened late, and no more than that. */
import type { NetworkMetrics } from '../metrics/network-metrics.ts'

const KEPT_MS = 600_000
const CAPACITY = 600
/** Samples that follow each other faster are thinned out. A tick may be a little early. */
const APART_MS = 900

/** The latest metrics, about one a second. */
export class MetricsHistory {
  #kept: NetworkMetrics[] = []

  add(metrics: NetworkMetrics): void {
    const last = this.#kept.at(-1)
    if (last !== undefined && metrics.at - last.at < APART_MS && metrics.at >= last.at) return
    // Time goes back where a recording is moved through: what is then ahead has not happened yet.
    if (last !== undefined && metrics.at < last.at) this.#kept = this.#kept.filter(({ at }) => at < metrics.at)
    this.#kept.push(withoutBuckets(metrics))
    while (this.#kept.length > CAPACITY || this.#kept[0]!.at < metrics.at - KEPT_MS) this.#kept.shift()
  }

  /** The oldest first. */
  all(): readonly NetworkMetrics[] {
    return this.#kept
  }
}

/** A page draws lines of these; the buckets, which make summaries merge, would be most of them. */
function withoutBuckets(metrics: NetworkMetrics): NetworkMetrics {
  return metrics.latency === null ? metrics : { ...metrics, latency: { ...metrics.latency, buckets: [] } }
}
