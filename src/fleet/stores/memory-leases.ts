/** Leases of a store in memory: a heap of their ends, looked at before every call and by one timer. */
import type { Clock } from '../../clock.ts'
import { LONGEST_WAIT_MS } from '../../clock.ts'
import { Heap, type HeapItem } from '../../runtime/collections/heap.ts'
import { TombstoneMap } from '../../runtime/collections/tombstone-map.ts'

/** A lease that has not ended. */
export interface MemoryLease extends HeapItem {
  readonly id: string
  readonly ttlMs: number
  /** Whom it was granted. */
  readonly holder: object
  /** When it ends unless it is renewed, in milliseconds of the store's clock. */
  endsAt: number
  /** What falls with it. */
  readonly keys: TombstoneMap<string, true>
}

/** The leases of one store. */
export class MemoryLeases {
  readonly #clock: Clock
  readonly #onEnd: (lease: MemoryLease) => void
  readonly #byId = new Map<string, MemoryLease>()
  readonly #heap = new Heap<MemoryLease>((a, b) => a.endsAt < b.endsAt)
  #timer: unknown = undefined
  #armedFor = Infinity

  /** @param onEnd is told of each lease that is over, by its time or revoked */
  constructor(clock: Clock, onEnd: (lease: MemoryLease) => void) {
    this.#clock = clock
    this.#onEnd = onEnd
  }

  grant(id: string, ttlMs: number, holder: object): void {
    const lease: MemoryLease = { id, ttlMs, holder, endsAt: this.#clock.now() + ttlMs, keys: new TombstoneMap(), index: -1 }
    this.#byId.set(id, lease)
    this.#heap.set(lease)
    this.#arm()
  }

  /** A lease that has not ended. Call {@link sweep} before. */
  get(id: string): MemoryLease | undefined {
    return this.#byId.get(id)
  }

  renew(lease: MemoryLease): void {
    lease.endsAt = this.#clock.now() + lease.ttlMs
    this.#heap.set(lease)
  }

  end(lease: MemoryLease): void {
    this.#byId.delete(lease.id)
    this.#heap.remove(lease)
    this.#onEnd(lease)
  }

  /** Ends all that were granted to one. There are as many leases as nodes: whoever looks for them walks over all. */
  endOf(holder: object): void {
    for (const lease of this.#byId.values()) if (lease.holder === holder) this.end(lease)
  }

  /** Ends what is due. A process that stalled learns of it by its next call, before its timer. */
  sweep(): void {
    for (let first = this.#heap.first; first !== undefined && first.endsAt <= this.#clock.now(); first = this.#heap.first) this.end(first)
  }

  /** Forgets all, and tells nobody. */
  clear(): void {
    this.#byId.clear()
    this.#heap.clear()
    this.#clock.clearTimeout(this.#timer)
    this.#armedFor = Infinity
  }

  /** A timer whose lease was renewed meanwhile finds nothing to do and arms itself anew: a renewal costs no timer. */
  #arm(): void {
    const first = this.#heap.first
    if (first === undefined || first.endsAt >= this.#armedFor) return
    this.#clock.clearTimeout(this.#timer)
    this.#armedFor = first.endsAt
    this.#timer = this.#clock.setTimeout(this.#fire, Math.min(LONGEST_WAIT_MS, Math.max(0, first.endsAt - this.#clock.now())))
  }

  readonly #fire = (): void => {
    this.#armedFor = Infinity
    this.sweep()
    this.#arm()
  }
}
