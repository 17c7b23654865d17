/** The watch on retries knows when each lost peer is dialled again, also when an attempt was refused, which no transition tells. */
import { shownPeerId } from '../../machines/domain/shown.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import type { Explanation } from '../runtime/supervisor/explanation.ts'
import { heldLinks } from './limit-watch.ts'

/** A look is taken so long after an attempt was due, in milliseconds. */
const LOOK_AFTER_MS = 20
/** An attempt that was put off by less was not refused. */
const PUT_OFF_MS = 50
/** The longest that a timer can take. */
const LONGEST_MS = 2_147_483_647

/** A lost peer that will be dialled again. */
export interface Wait {
  /** Since when it is lost, in milliseconds since the epoch. */
  readonly since: number
  /** When it is due; `Infinity`: it is under way. */
  readonly until: number
  readonly attempt: number
}

/** Why a peer will be dialled again, or not any more. */
export interface Cause {
  readonly code: string
  readonly message: string
}

/** Follows the attempts to reconnect of a manager's peers until it is closed. */
export class RetryWatch {
  readonly #manager: ConnectionManager
  readonly #onRefusal: (peerId: PeerId, wait: Wait, cause: Cause) => void
  readonly #waits = new Map<PeerId, Wait>()
  #timer: NodeJS.Timeout | undefined
  /** When the timer goes off. */
  #armed = Infinity

  /** @param onRefusal is told of each attempt that was refused, and when the next one is */
  constructor(manager: ConnectionManager, onRefusal: (peerId: PeerId, wait: Wait, cause: Cause) => void) {
    this.#manager = manager
    this.#onRefusal = onRefusal
  }

  /** Those that are not under way yet, the next one first. */
  get next(): readonly (readonly [PeerId, Wait])[] {
    return [...this.#waits].filter(([, { until }]) => until !== Infinity).toSorted(([, a], [, b]) => a.until - b.until)
  }

  of(peerId: PeerId): Wait | undefined {
    return this.#waits.get(peerId)
  }

  /** A peer was lost; when it will be dialled again, undefined: not any more. */
  lost(peerId: PeerId, known: Explanation | undefined): Wait | undefined {
    const until = nextTry(known)
    const { since = Date.now() } = this.#waits.get(peerId) ?? {}
    if (until === undefined) return void this.#waits.delete(peerId)
    return this.#set(peerId, { since, until, attempt: known?.attempts ?? 0 })
  }

  /** A peer is back, or not known any more. */
  over(peerId: PeerId): void {
    this.#waits.delete(peerId)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #set(peerId: PeerId, wait: Wait): Wait {
    this.#waits.set(peerId, wait)
    // Only an earlier attempt moves the timer: a thousand peers that are lost at once are not a thousand times a thousand looks.
    if (wait.until < this.#armed) this.#arm(wait.until)
    return wait
  }

  #arm(until: number): void {
    clearTimeout(this.#timer)
    this.#armed = until
    if (until !== Infinity) this.#timer = setTimeout(this.#look, Math.min(LONGEST_MS, Math.max(0, until - Date.now()) + LOOK_AFTER_MS))
  }

  readonly #look = (): void => {
    const now = Date.now()
    this.#armed = -Infinity
    for (const [peerId, wait] of this.#waits) if (wait.until <= now) this.#lookAt(peerId, wait, now)
    let first = Infinity
    for (const { until } of this.#waits.values()) first = Math.min(first, until)
    this.#arm(first)
  }

  #lookAt(peerId: PeerId, wait: Wait, now: number): void {
    const known = this.#manager.explain(peerId)
    const until = nextTry(known)
    if (until === undefined) this.#set(peerId, { ...wait, until: Infinity })
    else if (known?.waiting?.for === 'free dial' || until - wait.until < PUT_OFF_MS)
      this.#set(peerId, { ...wait, until: Math.max(until, now) })
    else this.#onRefusal(peerId, this.#set(peerId, { ...wait, until }), this.#causeOf(peerId, known))
  }

  #causeOf(peerId: PeerId, known: Explanation | undefined): Cause {
    if (known?.breaker.state !== 'closed') return { code: 'ERR_CIRCUIT_OPEN', message: 'its breaker was open' }
    const { metrics } = this.#manager
    const held = heldLinks(metrics)
    // A slot may have become free since.
    const full = held < metrics.limit ? '' : `: ${held} of ${metrics.limit} connections are held`
    return { code: 'ERR_MAX_CONNECTIONS', message: `no slot for '${shownPeerId(peerId)}'${full}` }
  }
}

/** When a peer is dialled again, in milliseconds since the epoch: an open breaker refuses what comes earlier. */
function nextTry(known: Explanation | undefined): number | undefined {
  const { waiting, breaker } = known ?? {}
  if (waiting?.for === 'free dial') return Date.now()
  if (waiting?.for !== 'backoff') return undefined
  return Math.max(waiting.until ?? 0, breaker?.state === 'open' ? (breaker.until ?? 0) : 0)
}
