/** The watch on the limit says once that it was reached, not at every link that comes and goes below it. */
import type { NetworkMetrics } from '../metrics/network-metrics.ts'

/** Below this share of the limit it can be reached anew. */
const REARM_AT = 0.8

/** The links that hold a slot: dialing, Connected, pooled and closing. */
export function heldLinks({ dialing, connections, pooled, closing }: NetworkMetrics): number {
  return dialing + connections + pooled + closing
}

/** Watches the number of held links against the limit. */
export class LimitWatch {
  #most = 0
  #armed = true

  /** The most links that were ever held at one time. */
  get most(): number {
    return this.#most
  }

  /** Looks at the metrics of a moment; true: the limit is reached now, and was not before. */
  look(metrics: NetworkMetrics): boolean {
    const held = heldLinks(metrics)
    this.#most = Math.max(this.#most, held)
    if (held < metrics.limit * REARM_AT) this.#armed = true
    if (held < metrics.limit || !this.#armed) return false
    this.#armed = false
    return true
  }
}
