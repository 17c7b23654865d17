/** It is known of every edge how much went along it, how fast it goes now, and when it went last. */
import type { Batch, Chart } from '../../wire.ts'

/** How fast a rate follows, in milliseconds: what happened that long ago counts a third. */
const MEMORY = 2_000

/** What went along one edge. */
export interface Flow {
  /** Since the server began, by transition. */
  readonly totals: number[]
  total: number
  /** A second, lately. */
  rate: number
  /** When something went last, and when the rate was right, by the page's clock. */
  movedAt: number
  rateAt: number
  /** How many went since the last look. */
  fresh: number
}

/** The flows, by chart and edge. */
export class FlowBook {
  readonly #edges = { supervisor: [] as Flow[], peer: [] as Flow[] }

  /** Forgets everything. */
  clear(): void {
    this.#edges.supervisor.length = 0
    this.#edges.peer.length = 0
  }

  /** Takes a batch in. The first one a server sends says what was, not what just happened. */
  apply({ flows, reset }: Batch): void {
    if (reset) this.clear()
    const now = performance.now()
    for (const [chart, edge, transition, count] of flows) {
      const flow = this.of(chart, edge)
      const more = Math.max(0, count - (flow.totals[transition] ?? 0))
      flow.totals[transition] = count
      flow.total = flow.totals.reduce((sum, part) => sum + part, 0)
      if (reset) continue
      flow.rate = rateOf(flow, now) + more / (MEMORY / 1000)
      flow.rateAt = now
      flow.movedAt = now
      flow.fresh += more
    }
  }

  /** The flow of an edge. */
  of(chart: Chart['id'], edge: number): Flow {
    return (this.#edges[chart][edge] ??= { totals: [], total: 0, rate: 0, movedAt: -Infinity, rateAt: 0, fresh: 0 })
  }
}

/** How fast it goes at an instant. */
export function rateOf(flow: Flow, now: number): number {
  return flow.rate * Math.exp((flow.rateAt - now) / MEMORY)
}
