/** What a reader is told is enough to know every peer, as a page would that knows nothing else. */
import type { Changes } from 'qudag-connections/inspect'
import { FORGOTTEN } from 'qudag-connections/inspect'
import { PEER_STATES } from 'qudag-connections/machines'

/** What one knows who has read everything that there was to read. */
export class Mirror {
  readonly #peers = new Map<
    number,
    { name: string; state: string; address: string; failure: string | null; latency: number | null; safety: number }
  >()
  readonly flows = new Map<string, number>()
  counts: readonly number[] = []
  supervisor = ''
  /** Moves that were shown, and that were only counted. */
  shown: number[] = []
  skipped = 0

  apply(changes: Changes): void {
    const { reset, counts, names, moved, facts, flows, supervisor, log, skipped } = changes
    if (reset) {
      this.#peers.clear()
      this.flows.clear()
      this.shown = []
      this.skipped = 0
    }
    for (const [slot, name] of names) this.#peers.set(slot, { name, state: '', address: '', failure: null, latency: null, safety: 0 })
    for (const code of moved) {
      const [slot, state] = [code >> 4, code & 15]
      if (state === FORGOTTEN) this.#peers.delete(slot)
      else this.#peers.get(slot)!.state = PEER_STATES[state]!
    }
    for (const [slot, address, failure, latency, , safety] of facts)
      Object.assign(this.#peers.get(slot)!, { address, failure, latency, safety })
    for (const [chart, edge, transition, count] of flows) this.flows.set(`${chart} ${edge} ${transition}`, count)
    this.counts = counts
    this.supervisor = supervisor
    this.shown.push(...log.map(({ seq }) => seq))
    this.skipped += skipped
  }

  /** States by peer. */
  get states(): Record<string, string> {
    return Object.fromEntries([...this.#peers.values()].map(({ name, state }) => [name, state]))
  }

  /** How safe the link of each peer is. */
  get safety(): Record<string, number> {
    return Object.fromEntries([...this.#peers.values()].map(({ name, safety }) => [name, safety]))
  }

  /** Addresses, failures and round trips by peer. */
  get facts(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.#peers.values()]
        .map(({ name, address, failure, latency }) => [name, { address, failure, latency }] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
}
