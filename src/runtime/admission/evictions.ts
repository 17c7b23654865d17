/** Evictions: the peer that yields to a newcomer is known at every instant, and is past its grace, unprotected and ours. */
import { ipOfAddress } from '../../../machines/domain/ip.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import { compareClasses, groupOf, isPastGrace } from '../../../machines/policy/eviction.ts'
import type { Evictable } from '../peers/evictable.ts'
import { FifoList } from '../collections/fifo-list.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Standings } from '../peers/standing.ts'
import { Victims } from '../peers/victims.ts'

/** The connected peers of one supervisor that may have to yield. */
export class Evictions {
  readonly #standings: Standings
  readonly #graceMs: number
  readonly #isAsked: boolean
  /** Those that are to be weighed anew. */
  readonly #changed = new Set<Evictable<PeerRecord>>()
  /** Those within their grace, in the order in which it ends: all have the same, so no timer is needed. */
  readonly #young = new FifoList<Evictable<PeerRecord>>()
  readonly #inbound = new Victims<PeerRecord>()
  readonly #outbound = new Victims<PeerRecord>()

  /** @param isAsked whether the app says what a peer is worth */
  constructor(standings: Standings, graceMs: number, isAsked: boolean) {
    this.#standings = standings
    this.#isAsked = isAsked
    this.#graceMs = graceMs
  }

  /**
   * Who would yield first now; it asks the app's `score` about those whose grace is over.
   *
   * @param of `inbound`: only a link that came to us makes room enough
   */
  first(at: number, of: 'inbound' | 'any'): PeerRecord | undefined {
    for (
      let young = this.#young.first;
      young !== undefined && isPastGrace(young.connectedAt, at, this.#graceMs);
      young = this.#young.first
    ) {
      this.#young.remove(young)
      young.isPastGrace = true
      this.#line(young)
    }
    return this.firstWeighed(of)
  }

  /** Who would yield first of those that were weighed already: it asks nothing of the app. */
  firstWeighed(of: 'inbound' | 'any'): PeerRecord | undefined {
    for (const changed of this.#changed) this.#line(changed)
    this.#changed.clear()
    const inbound = this.#inbound.first
    const outbound = of === 'any' ? this.#outbound.first : undefined
    if (inbound === undefined || outbound === undefined) return (inbound ?? outbound)?.of
    return compareClasses(inbound, outbound) < 0 ? inbound.of : outbound.of
  }

  /** When the next of those within their grace may yield, in milliseconds since the epoch; undefined: nobody is. */
  get graceEndsAt(): number | undefined {
    const young = this.#young.first
    return young === undefined ? undefined : young.connectedAt + this.#graceMs
  }

  moved(peer: PeerRecord, { seq, from, to }: Move): void {
    if (to !== 'Connected') return this.#leave(peer)
    if (from === 'Connected') return this.changed(peer)
    // What the app owns is not ours to end.
    if (peer.port === undefined) return
    const evictable: Evictable<PeerRecord> = {
      of: peer,
      index: -1,
      cell: undefined,
      previous: undefined,
      next: undefined,
      score: 0,
      isActive: false,
      direction: peer.direction,
      group: undefined,
      address: '',
      order: seq,
      connectedAt: peer.since,
      isPastGrace: false,
    }
    peer.evictable = evictable
    peer.eviction = undefined
    this.#young.push(evictable)
  }

  /** A peer's score, protection, holds or link may have changed. */
  changed(peer: PeerRecord): void {
    if (peer.evictable?.isPastGrace !== true) return
    // The app's own rule is asked now; else it is enough to weigh a peer once somebody looks, however often it changed.
    if (this.#isAsked) this.#line(peer.evictable)
    else this.#changed.add(peer.evictable)
  }

  #line(evictable: Evictable<PeerRecord>): void {
    const peer = evictable.of
    this.#victimsOf(evictable).remove(evictable)
    if (this.#standings.isProtected(peer.peerId)) return
    const score = this.#standings.scoreOf(peer.peerId)
    // The app's score was asked, and may have commanded this manager: the peer may be gone, protected, or in line again.
    if (peer.evictable !== evictable || this.#standings.isProtected(peer.peerId)) return
    this.#victimsOf(evictable).remove(evictable)
    evictable.score = score
    evictable.isActive = peer.holds > 0 || peer.wanted
    evictable.direction = peer.direction
    if (evictable.address !== peer.remoteAddress) {
      evictable.address = peer.remoteAddress
      evictable.group = groupOf(ipOfAddress(peer.remoteAddress))
    }
    this.#victimsOf(evictable).add(evictable)
  }

  #victimsOf({ direction }: Evictable<PeerRecord>): Victims<PeerRecord> {
    return direction === 'inbound' ? this.#inbound : this.#outbound
  }

  #leave(peer: PeerRecord): void {
    const { evictable } = peer
    if (evictable === undefined) return
    peer.evictable = undefined
    this.#changed.delete(evictable)
    if (evictable.isPastGrace) this.#victimsOf(evictable).remove(evictable)
    else this.#young.remove(evictable)
  }
}
