/** A store for the workers of `node:cluster`: the primary keeps it in its memory, and the workers ask it over their channel. */
import cluster from 'node:cluster'
import { platform } from '#platform'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Clock } from '../../clock.ts'
import type { FleetStore, StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from '../store.ts'
import { isMarked, marked, type StoreCall, type ToPrimary, type ToWorker } from './cluster-messages.ts'
import { ClusterServer } from './cluster-server.ts'
import { MemoryData } from './memory-data.ts'
import { MemoryClient, type MemoryStore } from './memory-store.ts'
import { assertKey, assertTtl, assertWrite } from './store-arguments.ts'
import { PassingFailure, StoreCalls } from './store-calls.ts'
import { StoreWatches, type WatchHandle } from './store-watches.ts'

/** Options of {@link clusterStore}. @since 0.1.0 */
export interface ClusterStoreOptions {
  /** The name of the fleet's data. @default 'fleet' */
  readonly name?: string
  /** How long a call of a worker may take, in milliseconds; at most 60,000. @default 3_000 */
  readonly deadlineMs?: number
  /** In the primary the clock by which leases end, in a worker what times deadlines. @default the platform's */
  readonly clock?: Clock
}

const KNOWN = { name: true, deadlineMs: true, clock: true } as const satisfies Known<ClusterStoreOptions>

/** The stores that this primary keeps, by name. */
const kept = new Map<string, MemoryData>()

/**
 * Keeps a store in the primary and answers the workers. They may be forked before or after, but whatever they ask before is lost.
 * Twice is once.
 *
 * @returns a client of the store for the primary itself; its `forget` loses all data. The store is kept until the process ends
 * @throws TypeError in a worker, or for an unknown option
 * @since 0.1.0
 */
export function serveClusterStore(options: Omit<ClusterStoreOptions, 'deadlineMs'> = {}): MemoryStore {
  assertKnown('', options, KNOWN)
  if (!cluster.isPrimary) throw new TypeError('serveClusterStore is for the primary: in a worker, clusterStore() asks it')
  const { name = 'fleet', clock } = options
  let data = kept.get(name)
  if (data === undefined) {
    data = new MemoryData(clock ?? platform.clock)
    kept.set(name, data)
    void new ClusterServer(name, data)
  }
  return new MemoryClient(data)
}

/**
 * A store of `node:cluster`: in a worker it asks the primary, in the primary it is {@link serveClusterStore}. When the process of a worker
 * has ended, its leases end at once, since it can hold no link any more; one that lost its channel alone keeps them until they end by
 * themselves. A primary that dies takes its workers and the data with it.
 *
 * @throws TypeError for an unknown option
 * @throws RangeError for a duration that is none
 * @since 0.1.0
 * @example
 * import cluster from 'node:cluster'
 *
 * if (cluster.isPrimary) {
 *   serveClusterStore()
 *   cluster.fork()
 * } else {
 *   const store = clusterStore()
 *   console.log(await store.life())
 * }
 */
export function clusterStore(options: ClusterStoreOptions = {}): FleetStore {
  assertKnown('', options, KNOWN)
  const { name = 'fleet', deadlineMs = 3_000, clock } = options
  if (!(deadlineMs > 0 && deadlineMs <= 60_000)) {
    throw new RangeError(`deadlineMs must be a number of milliseconds above 0 and at most 60,000, got ${deadlineMs}`)
  }
  if (cluster.isPrimary) return serveClusterStore(clock === undefined ? { name } : { name, clock })
  return new ClusterClient(name, new StoreCalls('cluster', clock ?? platform.clock, deadlineMs))
}

let clients = 0

/** A call that waits for its answer. */
interface Pending {
  resolve(value: unknown): void
  reject(error: unknown): void
}

class ClusterClient implements FleetStore {
  readonly name = 'cluster'
  readonly #store: string
  readonly #calls: StoreCalls
  readonly #client = ++clients
  readonly #pending = new Map<number, Pending>()
  readonly #watches = new StoreWatches()
  readonly #told = new Map<number, WatchHandle>()
  #ids = 0
  #isClosed = false

  constructor(store: string, calls: StoreCalls) {
    this.#store = store
    this.#calls = calls
    process.on('message', this.#onMessage)
    process.once('disconnect', this.#onDisconnect)
  }

  life(signal?: AbortSignal): Promise<string> {
    return this.#ask('tell its life', 'life', [], signal)
  }

  async grant(ttlMs: number, signal?: AbortSignal): Promise<string> {
    assertTtl(ttlMs)
    return this.#ask('grant a lease', 'grant', [ttlMs], signal)
  }

  renew(lease: string, signal?: AbortSignal): Promise<boolean> {
    return this.#ask('renew a lease', 'renew', [lease], signal)
  }

  revoke(lease: string, signal?: AbortSignal): Promise<void> {
    return this.#ask('revoke a lease', 'revoke', [lease], signal)
  }

  async get(key: string, signal?: AbortSignal): Promise<StoreEntry | undefined> {
    assertKey(key)
    return this.#ask('read', 'get', [key], signal)
  }

  list(prefix: string, signal?: AbortSignal): Promise<readonly StoreEntry[]> {
    return this.#ask('list', 'list', [prefix], signal)
  }

  async write(conditions: readonly StoreCondition[], changes: readonly StoreChange[], signal?: AbortSignal): Promise<StoreWrite> {
    assertWrite(conditions, changes)
    return this.#ask('write', 'write', [conditions, changes], signal)
  }

  watch(prefix: string, listener: (event: StoreEvent) => void): () => void {
    if (this.#isClosed) return () => {}
    const id = ++this.#ids
    const told = this.#watches.add(prefix, listener)
    this.#told.set(id, told)
    this.#send({ type: 'watch', id, prefix }, () => {})
    return () => {
      told.end()
      if (this.#told.delete(id) && process.connected) this.#send({ type: 'unwatch', id }, () => {})
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#calls.close()
    this.#watches.close()
    this.#told.clear()
    process.off('message', this.#onMessage)
    process.off('disconnect', this.#onDisconnect)
    if (process.connected) this.#send({ type: 'close' }, () => {})
  }

  /** A message of the channel is not lost: it is sent once, and every attempt waits for the same answer. */
  async #ask<T>(what: string, call: StoreCall, args: readonly unknown[], signal: AbortSignal | undefined): Promise<T> {
    const id = ++this.#ids
    let answer: Promise<unknown> | undefined
    try {
      return (await this.#calls.run(what, signal, () => {
        answer ??= new Promise((resolve, reject) => {
          this.#pending.set(id, { resolve, reject })
          this.#send({ type: 'call', id, call, args }, reject)
        })
        return answer
      })) as T
    } finally {
      this.#pending.delete(id)
    }
  }

  #send(message: OmitEach<ToPrimary, 'mark' | 'name' | 'client'>, onError: (error: unknown) => void): void {
    const whole = marked({ ...message, name: this.#store, client: this.#client })
    process.send!(whole, undefined, undefined, (error) => {
      if (error !== null) onError(new PassingFailure(error))
    })
  }

  readonly #onMessage = (message: unknown): void => {
    if (!isMarked(message, this.#store)) return
    const told = message as ToWorker
    if (told.client !== this.#client) return
    if (told.type === 'event') return this.#told.get(told.id)?.tell(told.event)
    const pending = this.#pending.get(told.id)
    if (told.type === 'answer') pending?.resolve(told.value)
    else pending?.reject(new Error(told.message))
  }

  readonly #onDisconnect = (): void => {
    for (const { reject } of this.#pending.values()) reject(new PassingFailure(new Error('the primary is gone')))
    this.#watches.lost()
  }
}

/** `Omit` of each member of a union. */
type OmitEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
