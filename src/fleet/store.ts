/**
 * A store that the nodes of a fleet share: compare-and-set over keys, leases that keys fall with, and a watch.
 *
 * What a store promises:
 * - **Writes are linearizable.** A `write` is done wholly or not at all, and every later one sees it, whichever node asks.
 * - **Revisions grow.** Each write that changes something has a number above that of every write before it, also across a
 *   loss of the store's data: the first number of a new life of the data is above the last one of the life before.
 * - **A lease ends by the store's own clock**, never before `ttlMs` after its last renewal arrived there. With it every key
 *   written under it is gone. A lease that has ended does not come back; `renew` says so.
 * - **Every call settles** within the `deadlineMs` of the store's options, or rejects with `ERR_STORE` (an answer that
 *   never came: the write may have been done all the same) and the cause.
 */

/** A key and what stands there. @since 0.1.0 */
export interface StoreEntry {
  readonly key: string
  readonly value: string
  /** The number of the write that put this value there. */
  readonly revision: number
  /** The lease that this key falls with, undefined: none. */
  readonly lease: string | undefined
}

/** What must hold of a key for a write to be done: its entry has this revision; 0: the key is absent. @since 0.1.0 */
export interface StoreCondition {
  readonly key: string
  readonly revision: number
}

/** One change of a write. A `put` under a lease that has ended makes the write fail as a condition does. @since 0.1.0 */
export type StoreChange =
  | { readonly type: 'put'; readonly key: string; readonly value: string; readonly lease?: string }
  | { readonly type: 'delete'; readonly key: string }

/** How a write went. `done: false` changed nothing, and tells what stands at the keys of its conditions. @since 0.1.0 */
export type StoreWrite =
  | { readonly done: true; readonly revision: number }
  | { readonly done: false; readonly found: readonly StoreEntry[]; readonly leaseEnded: boolean }

/** What a watch is told. `lost`: changes may have been missed (a connection ended, data was lost): list again. @since 0.1.0 */
export type StoreEvent =
  | { readonly type: 'put'; readonly entry: StoreEntry }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number }
  | { readonly type: 'lost' }

/** The store of a fleet. One engine is one file that implements this. @since 0.1.0 */
export interface FleetStore {
  /** The engine's name, as pages and errors show it: `memory`, `cluster`, `redis`, `etcd`. */
  readonly name: string
  /**
   * A name for this life of the store's data: another one after the data was lost or rolled back as far as the engine can
   * tell. A node that sees it change registers anew and trusts nothing that it knew.
   */
  life(signal?: AbortSignal): Promise<string>
  /** Grants a lease of `ttlMs` milliseconds and gives its id. */
  grant(ttlMs: number, signal?: AbortSignal): Promise<string>
  /** Extends a lease to its whole length from now. False: it has ended, and stays so. Renewal never revives. */
  renew(lease: string, signal?: AbortSignal): Promise<boolean>
  /** Ends a lease now, and every key under it. Of a lease that has ended: nothing happens. */
  revoke(lease: string, signal?: AbortSignal): Promise<void>
  /** The entry of a key, undefined: absent. Never older than any write that was done before the call. */
  get(key: string, signal?: AbortSignal): Promise<StoreEntry | undefined>
  /** All entries whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string, signal?: AbortSignal): Promise<readonly StoreEntry[]>
  /** Does all changes if all conditions hold, else none. */
  write(conditions: readonly StoreCondition[], changes: readonly StoreChange[], signal?: AbortSignal): Promise<StoreWrite>
  /**
   * Tells of changes below `prefix` from now on, in the order of their revisions for each key. A hint, not a record: what it
   * misses it announces by `lost`. The first event is `lost`, once the watch stands.
   *
   * @returns what ends the watch; it is synchronous, and nothing is told afterwards.
   */
  watch(prefix: string, listener: (event: StoreEvent) => void): () => void
  /** Ends watches and connections. Leases go on in the store until they end by themselves. Twice is once. */
  close(): Promise<void>
}
