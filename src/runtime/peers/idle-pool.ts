/** The pool of idle links: they leave in the order they came, and finding the oldest is one look. */
import { isFresh } from '../../../machines/policy/pooling.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { FifoList } from '../collections/fifo-list.ts'
import type { PeerRecord } from './peer-record.ts'

/** The pooled peers, by who opened the link, oldest first. As all wait equally long, each list is queue, LRU and deadlines in one. */
export class IdlePool implements Deadline {
  at = 0
  order = 0
  index = -1
  readonly #inbound = new FifoList<PeerRecord>()
  readonly #outbound = new FifoList<PeerRecord>()
  readonly #deadlines: DeadlineQueue
  readonly #expire: () => void

  /** @param expire called when the oldest may be over its TTL */
  constructor(deadlines: DeadlineQueue, expire: () => void) {
    this.#deadlines = deadlines
    this.#expire = expire
  }

  get size(): number {
    return this.#inbound.size + this.#outbound.size
  }

  get inboundSize(): number {
    return this.#inbound.size
  }

  add(peer: PeerRecord, ttl: number): void {
    peer.line = peer.direction === 'inbound' ? this.#inbound : this.#outbound
    peer.line.push(peer)
    if (this.index < 0) this.#deadlines.set(this, peer.since + ttl)
  }

  /** The one that has waited longest. */
  oldest(of: Direction | 'any'): PeerRecord | undefined {
    const inbound = this.#inbound.first
    const outbound = this.#outbound.first
    if (of === 'inbound' || outbound === undefined) return inbound
    if (of === 'outbound' || inbound === undefined) return outbound
    return inbound.place < outbound.place ? inbound : outbound
  }

  /** All of them, the one that has waited longest first. */
  *oldestFirst(): Generator<PeerRecord> {
    let inbound = this.#inbound.first
    let outbound = this.#outbound.first
    while (inbound !== undefined || outbound !== undefined) {
      if (outbound === undefined || (inbound !== undefined && inbound.place < outbound.place)) {
        const peer: PeerRecord | undefined = inbound
        inbound = inbound?.next
        if (peer !== undefined) yield peer
      } else {
        const peer: PeerRecord = outbound
        outbound = outbound.next
        yield peer
      }
    }
  }

  /** The oldest, where its TTL is over. */
  expired(at: number, ttl: number): PeerRecord | undefined {
    const peer = this.oldest('any')
    return peer !== undefined && !isFresh(peer.since, at, ttl) ? peer : undefined
  }

  /** Sets the deadline anew, for the oldest that waits now. */
  rearm(ttl: number): void {
    const peer = this.oldest('any')
    if (peer === undefined) this.#deadlines.clear(this)
    else this.#deadlines.set(this, peer.since + ttl)
  }

  due(): void {
    this.#expire()
  }
}
