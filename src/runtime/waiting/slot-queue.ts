/** The queue for slots: which waiter gets the next slot, the most urgent first, then the oldest; none waits without end. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Caller } from '../holds/caller.ts'
import type { Deadline } from '../time/deadline-queue.ts'
import type { Keep } from '../peers/keep-alive.ts'
import { Heap, type HeapItem } from '../collections/heap.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** A connect that waits for a slot; all callers of one peer wait together. */
export class SlotRequest implements HeapItem {
  readonly peerId: PeerId
  readonly callers = new Set<Caller>()
  /** Counts requests: of two that are equally urgent, the older goes first. */
  readonly order: number
  priority = 0
  /** Whether the peer is to be kept once it is connected. */
  kept: Keep = false
  /** Addresses that its callers gave. */
  addresses: readonly string[] | undefined = undefined
  readonly deadline: Deadline
  /** When it joined the line, in milliseconds since the epoch. */
  since = 0
  index = -1

  constructor(peerId: PeerId, order: number, due: (request: SlotRequest) => void) {
    this.peerId = peerId
    this.order = order
    this.deadline = new WaitTimeout(this, due)
  }
}

/** The deadline of a request: it has waited too long. */
class WaitTimeout implements Deadline {
  at = 0
  order = 0
  index = -1
  readonly #request: SlotRequest
  readonly #due: (request: SlotRequest) => void

  constructor(request: SlotRequest, due: (request: SlotRequest) => void) {
    this.#request = request
    this.#due = due
  }

  due(): void {
    this.#due(this.#request)
  }
}

/** The requests that wait for a slot. */
export class SlotQueue {
  readonly #byPeer = new TombstoneMap<PeerId, SlotRequest>()
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
  add(peerId: PeerId, due: (request: SlotRequest) => void): SlotRequest {
    const request = new SlotRequest(peerId, ++this.#count, due)
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
