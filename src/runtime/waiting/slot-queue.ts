/** The queue for slots: which waiter gets the next slot, the most urgent first, then the oldest; none waits without end. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Caller } from '../holds/caller.ts'
import type { Deadline } from '../time/deadline-queue.ts'
import type { Keep } from '../peers/keep-alive.ts'
import { Heap, type HeapItem } from '../collections/heap.ts'

/** A connect that waits for a slot; all callers of one peer wait together. */
export interface SlotRequest extends HeapItem {
  readonly peerId: PeerId
  readonly callers: Set<Caller>
  /** Counts requests: of two that are equally urgent, the older goes first. */
  readonly order: number
  priority: number
  /** Whether the peer is to be kept once it is connected. */
  kept: Keep
  /** Addresses that its callers gave. */
  addresses: readonly string[] | undefined
  readonly deadline: Deadline
  /** When it joined the line, in milliseconds since the epoch. */
  since: number
}

/** The requests that wait for a slot. */
export class SlotQueue {
  readonly #byPeer = new Map<PeerId, SlotRequest>()
  readonly #line = new Heap<SlotRequest>((a, b) => (a.priority === b.priority ? a.order < b.order : a.priority > b.priority))
  #count = 0

  get size(): number {
    return this.#byPeer.size
  }

  /** Who is served next. */
  get first(): SlotRequest | undefined {
    return this.#line.first
  }

  of(peerId: PeerId): SlotRequest | undefined {
    return this.#byPeer.get(peerId)
  }

  /** Puts a request in line. @param due called when it has waited too long; its deadline is the caller's to set */
  add(peerId: PeerId, due: () => void): SlotRequest {
    const request: SlotRequest = {
      peerId,
      callers: new Set(),
      order: ++this.#count,
      priority: 0,
      kept: false,
      addresses: undefined,
      index: -1,
      deadline: { at: 0, index: -1, due },
      since: 0,
    }
    this.#byPeer.set(peerId, request)
    this.#line.set(request)
    return request
  }

  /** Raises how urgent a request is. */
  raise(request: SlotRequest, priority: number): void {
    if (priority <= request.priority) return
    request.priority = priority
    this.#line.set(request)
  }

  remove(request: SlotRequest): void {
    this.#line.remove(request)
    if (this.#byPeer.get(request.peerId) === request) this.#byPeer.delete(request.peerId)
  }

  [Symbol.iterator](): Iterator<SlotRequest> {
    return [...this.#byPeer.values()][Symbol.iterator]()
  }
}
