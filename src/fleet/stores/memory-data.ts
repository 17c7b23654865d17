/** The data of a store in memory: entries by key, one counter of revisions, leases, and the watches of all its clients. */
import type { Clock } from '../../clock.ts'
import type { StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from '../store.ts'
import { MemoryLeases, type MemoryLease } from './memory-leases.ts'
import { byKey } from './store-arguments.ts'
import { firstRevision } from './store-revision.ts'
import type { StoreWatches } from './store-watches.ts'
import { TombstoneMap } from '../../runtime/collections/tombstone-map.ts'

/** What every client of one store in memory shares. Each call is done when it returns. */
export class MemoryData {
  readonly #clock: Clock
  readonly #leases: MemoryLeases
  /** Entries by folder, the part of the key up to its last slash, so that a list looks at its own folders alone. */
  readonly #folders = new Map<string, TombstoneMap<string, StoreEntry>>()
  readonly #clients = new Set<StoreWatches>()
  #revision = 0
  #life = ''
  #granted = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#leases = new MemoryLeases(clock, ({ keys }) => this.#drop(keys))
    this.forget()
  }

  get life(): string {
    return this.#life
  }

  /** Adds the watches of a client; they are told of every change until `leave`. */
  join(watches: StoreWatches): void {
    this.#clients.add(watches)
  }

  leave(watches: StoreWatches): void {
    this.#clients.delete(watches)
  }

  /** Loses all data, as a server does that comes back with an empty disk. */
  forget(): void {
    this.#folders.clear()
    this.#leases.clear()
    this.#revision = Math.max(this.#revision + 1, firstRevision(this.#clock.now()))
    this.#life = this.#revision.toString(36)
    for (const watches of this.#clients) watches.lost()
  }

  /** @param holder whom {@link revokeOf} ends it with */
  grant(ttlMs: number, holder: object): string {
    this.#leases.sweep()
    const id = `${this.#life}-${++this.#granted}`
    this.#leases.grant(id, ttlMs, holder)
    return id
  }

  renew(id: string): boolean {
    this.#leases.sweep()
    const lease = this.#leases.get(id)
    if (lease === undefined) return false
    this.#leases.renew(lease)
    return true
  }

  revoke(id: string): void {
    this.#leases.sweep()
    const lease = this.#leases.get(id)
    if (lease !== undefined) this.#leases.end(lease)
  }

  /** Ends every lease that was granted to a holder who can hold nothing any more. */
  revokeOf(holder: object): void {
    this.#leases.sweep()
    this.#leases.endOf(holder)
  }

  get(key: string): StoreEntry | undefined {
    this.#leases.sweep()
    return this.#entry(key)
  }

  list(prefix: string): readonly StoreEntry[] {
    this.#leases.sweep()
    const found: StoreEntry[] = []
    for (const [folder, entries] of this.#folders) {
      const isWhole = folder.startsWith(prefix)
      if (!isWhole && !prefix.startsWith(folder)) continue
      for (const entry of entries.values()) if (isWhole || entry.key.startsWith(prefix)) found.push(entry)
    }
    return found.toSorted(byKey)
  }

  write(conditions: readonly StoreCondition[], changes: readonly StoreChange[]): StoreWrite {
    this.#leases.sweep()
    const leaseEnded = changes.some((change) => change.type === 'put' && this.#isEnded(change.lease))
    if (leaseEnded || conditions.some(({ key, revision }) => (this.#entry(key)?.revision ?? 0) !== revision)) {
      const keys = new Set(conditions.map(({ key }) => key))
      return { done: false, found: [...keys].flatMap((key) => this.#entry(key) ?? []), leaseEnded }
    }
    const effective = changes.filter(({ type, key }) => type === 'put' || this.#entry(key) !== undefined)
    if (effective.length > 0) this.#revision++
    for (const change of effective) {
      if (change.type === 'put') this.#put(change.key, change.value, change.lease)
      else this.#delete(change.key)
    }
    return { done: true, revision: this.#revision }
  }

  #isEnded(lease: string | undefined): boolean {
    return lease !== undefined && this.#leases.get(lease) === undefined
  }

  #entry(key: string): StoreEntry | undefined {
    return this.#folders.get(folderOf(key))?.get(key)
  }

  #put(key: string, value: string, lease: string | undefined): void {
    const before = this.#entry(key)?.lease
    if (before !== undefined && before !== lease) this.#leases.get(before)?.keys.delete(key)
    if (lease !== undefined) this.#leases.get(lease)?.keys.set(key, true)
    const entry: StoreEntry = { key, value, revision: this.#revision, lease }
    const folder = folderOf(key)
    let entries = this.#folders.get(folder)
    if (entries === undefined) this.#folders.set(folder, (entries = new TombstoneMap()))
    entries.set(key, entry)
    this.#tell(key, { type: 'put', entry })
  }

  #delete(key: string): void {
    const folder = folderOf(key)
    const entries = this.#folders.get(folder)
    const entry = entries?.get(key)
    if (entries === undefined || entry === undefined) return
    entries.delete(key)
    if (entries.size === 0) this.#folders.delete(folder)
    if (entry.lease !== undefined) this.#leases.get(entry.lease)?.keys.delete(key)
    this.#tell(key, { type: 'delete', key, revision: this.#revision })
  }

  /** All that fell with a lease is one change. */
  #drop(keys: MemoryLease['keys']): void {
    if (keys.size === 0) return
    this.#revision++
    for (const key of keys.keys()) this.#delete(key)
  }

  #tell(key: string, event: StoreEvent): void {
    for (const watches of this.#clients) watches.tell(key, event)
  }
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
