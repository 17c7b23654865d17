/** A breaker is told when it opens, when it lets one try, and when it closes, and each of them once. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Explanation } from '../runtime/supervisor/explanation.ts'
import { inSeconds } from './quantities.ts'
import type { Fact } from './report.ts'

/** What has become of a breaker. */
export interface Trip {
  readonly text: string
  readonly fields: { readonly state: 'open' | 'half-open' | 'closed'; readonly failures: number; readonly inMs?: number }
}

/** Follows the breakers of a manager's peers. */
export class BreakerWatch {
  /** Of the peers whose breaker is not closed, until when it is open. */
  readonly #open = new Map<PeerId, { readonly until: number; readonly failures: number }>()
  #opened = 0
  #closed = 0

  /** How often one has opened. */
  get opened(): number {
    return this.#opened
  }

  /** How often one has closed again. */
  get closed(): number {
    return this.#closed
  }

  /** Looks at a peer that has changed; undefined: its breaker has not. */
  look(peerId: PeerId, known: Explanation | undefined, to: ConnectionStatus | undefined): Trip | undefined {
    const { state = 'closed', failures = 0, until = 0 } = known?.breaker ?? {}
    const before = this.#open.get(peerId)
    if (state === 'open' && before?.until !== until) {
      this.#open.set(peerId, { until, failures })
      this.#opened++
      const inMs = Math.max(0, Math.round(until - Date.now()))
      return { text: `open for ${inSeconds(inMs)}: ${failures} failures in a row`, fields: { state, failures, inMs } }
    }
    if (before === undefined) return undefined
    if (state === 'half-open' && to === 'Connecting') return { text: 'half-open: one try', fields: { state, failures } }
    if (to !== undefined && state !== 'closed') return undefined
    this.#open.delete(peerId)
    if (to !== 'Connected') return undefined
    this.#closed++
    return { text: `closed: it is back after ${before.failures} failures`, fields: { state: 'closed', failures: before.failures } }
  }

  /** What there is to be seen of them; nothing where none has opened. */
  facts(nameOf: (peerId: PeerId) => string): readonly Fact[] {
    if (this.#opened === 0) return []
    const now = Date.now()
    const [first] = this.#open
    const which =
      first === undefined ? '' : `: ${nameOf(first[0])}, ${first[1].until > now ? `for ${inSeconds(first[1].until - now)}` : 'half-open'}`
    return [['Breakers', [`${this.#open.size} open${which}`, `${this.#opened} opened`, `${this.#closed} closed again`]]]
  }
}
