/** The ledger of links: what is held at our own end can be recounted at any instant, and its highest is known. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { TombstoneMap } from '../runtime/collections/tombstone-map.ts'

/** What happened at our own end. `dial`, `open` and `attach` may raise a count, the others lower it or leave it. @since 0.1.0 */
export type LedgerEvent =
  /** A dial began. */
  | 'dial'
  /** A dial ended without a link: it failed, or was aborted. */
  | 'dialEnded'
  /** A link was opened by a dial. */
  | 'open'
  /** A link that arrived was taken over, or a late one after all. */
  | 'attach'
  /** A graceful close began. */
  | 'closing'
  /** A link is over. */
  | 'over'

/** Is told of every {@link LedgerEvent}, when the counts already include it. An error that it throws reaches the code that caused the event. @since 0.1.0 */
export type Watcher = (event: LedgerEvent, peerId: PeerId) => void

interface PeerCount {
  dials: number
  links: number
}

/**
 * Counts dials and links at our own end: a dial from its call until it is opened, failed or aborted, a link from
 * its opening (from `attach`, where it arrived by itself) until it is over. A link that opens although its dial
 * was aborted is counted only if somebody attaches to it all the same.
 *
 * @since 0.1.0
 */
export class LinkLedger {
  /** Dials under way. */
  dialing = 0
  /** Links that are open or closing. */
  links = 0
  /** Dials that were begun, ever. */
  dials = 0
  /** Links that were counted, ever. */
  opens = 0
  /** Links of those that are over. */
  ends = 0
  /** The most dials and links that there were at one time. */
  peak = 0
  /** The most peers that held anything at one time: slots, since a peer whose link is being replaced has one. */
  peakHeld = 0
  /** Is told of every event. */
  watch: Watcher | undefined
  /** Undefined where peers are not told apart, for crowds. */
  readonly #byPeer: TombstoneMap<PeerId, PeerCount> | undefined
  readonly #peaks: Map<PeerId, number> | undefined

  constructor(perPeer: boolean, watch?: Watcher) {
    this.#byPeer = perPeer ? new TombstoneMap() : undefined
    this.#peaks = perPeer ? new Map() : undefined
    this.watch = watch
  }

  /** Dials and links together. */
  get live(): number {
    return this.dialing + this.links
  }

  /** Peers that hold a dial or a link; where peers are not told apart, the same as `live`. */
  get held(): number {
    return this.#byPeer?.size ?? this.live
  }

  /** The links of one peer that are open or closing now. */
  linksOf(peerId: PeerId): number {
    return this.#byPeer?.get(peerId)?.links ?? 0
  }

  /** The dials of one peer that are under way now. */
  dialsOf(peerId: PeerId): number {
    return this.#byPeer?.get(peerId)?.dials ?? 0
  }

  /** The most links that one peer had at one time, ever. */
  peakOf(peerId: PeerId): number {
    return this.#peaks?.get(peerId) ?? 0
  }

  /** Every peer that holds anything, with its counts now. */
  *peers(): IterableIterator<{ peerId: PeerId; dials: number; links: number }> {
    for (const [peerId, { dials, links }] of this.#byPeer ?? []) yield { peerId, dials, links }
  }

  /** @internal */
  dialBegan(peerId: PeerId): void {
    this.dials++
    this.dialing++
    const count = this.#count(peerId)
    if (count !== undefined) count.dials++
    this.#rose('dial', peerId)
  }

  /** @internal */
  dialEnded(peerId: PeerId): void {
    this.dialing--
    this.#fell(peerId, 1, 0)
    this.watch?.('dialEnded', peerId)
  }

  /** A dial became a link: one thing all along. @internal */
  dialOpened(peerId: PeerId): void {
    this.dialing--
    this.links++
    this.opens++
    const count = this.#count(peerId)
    if (count !== undefined) {
      count.dials--
      this.#linkAdded(peerId, count)
    }
    this.#rose('open', peerId)
  }

  /** A link that was not counted yet is. @internal */
  linkTaken(peerId: PeerId): void {
    this.links++
    this.opens++
    const count = this.#count(peerId)
    if (count !== undefined) this.#linkAdded(peerId, count)
    this.#rose('attach', peerId)
  }

  /** @internal */
  closingBegan(peerId: PeerId): void {
    this.watch?.('closing', peerId)
  }

  /** A counted link is over, or turned out to be a late one. @internal */
  linkEnded(peerId: PeerId): void {
    this.links--
    this.ends++
    this.#fell(peerId, 0, 1)
    this.watch?.('over', peerId)
  }

  #count(peerId: PeerId): PeerCount | undefined {
    const byPeer = this.#byPeer
    if (byPeer === undefined) return undefined
    let count = byPeer.get(peerId)
    if (count === undefined) byPeer.set(peerId, (count = { dials: 0, links: 0 }))
    return count
  }

  #linkAdded(peerId: PeerId, count: PeerCount): void {
    if (++count.links > (this.#peaks?.get(peerId) ?? 0)) this.#peaks?.set(peerId, count.links)
  }

  #rose(event: LedgerEvent, peerId: PeerId): void {
    if (this.live > this.peak) this.peak = this.live
    if (this.held > this.peakHeld) this.peakHeld = this.held
    this.watch?.(event, peerId)
  }

  #fell(peerId: PeerId, dials: number, links: number): void {
    const count = this.#byPeer?.get(peerId)
    if (count === undefined) return
    count.dials -= dials
    count.links -= links
    if (count.dials + count.links === 0) this.#byPeer?.delete(peerId)
  }
}
