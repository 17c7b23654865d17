/** A store in memory: the embedded default, without a server, for the nodes of one process and for tests and simulations. */
import { platform } from '#platform'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Clock } from '../../clock.ts'
import type { FleetStore } from '../store.ts'
import { MemoryData } from './memory-data.ts'
import { assertKey, assertTtl, assertWrite } from './store-arguments.ts'
import { storeError } from './store-error.ts'
import { StoreWatches } from './store-watches.ts'

/** Options of {@link memoryStore}. @since 0.1.0 */
export interface MemoryStoreOptions {
  /** The clock by which leases end, and by which the first revision is chosen. @default the platform's, whose timers keep no process alive */
  readonly clock?: Clock
}

const KNOWN = { clock: true } as const satisfies Known<MemoryStoreOptions>

/** A store in memory; made by {@link memoryStore}. @since 0.1.0 */
export interface MemoryStore extends FleetStore {
  /** Another client of the same data, with watches of its own; closing it ends those alone. */
  client(): MemoryStore
  /** Loses all data, as a server does that comes back with an empty disk: another life begins, and every watch is told `lost`. */
  forget(): void
}

/**
 * Makes a store in the memory of this process. A call is done in the turn in which it is made, only its promise settles later;
 * so the order of the calls is the order of the writes. A watch is told in a microtask after the change, never inside a call,
 * in the order of the writes. Nothing fails but what is closed.
 *
 * @throws TypeError for an unknown option
 * @since 0.1.0
 * @example
 * const store = memoryStore()
 * const lease = await store.grant(10_000)
 * const claim = await store.write([{ key: 'peer/7', revision: 0 }], [{ type: 'put', key: 'peer/7', value: 'node-1', lease }])
 * console.log(claim.done)
 * await store.close()
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  assertKnown('', options, KNOWN)
  return new MemoryClient(new MemoryData(options.clock ?? platform.clock))
}

/** A client of data in memory. */
export class MemoryClient implements MemoryStore {
  readonly name = 'memory'
  readonly #data: MemoryData
  readonly #holder: object
  readonly #watches = new StoreWatches()
  #isClosed = false

  /** @param holder whom its leases are granted to, where that is not it alone */
  constructor(data: MemoryData, holder?: object) {
    this.#data = data
    this.#holder = holder ?? this
    data.join(this.#watches)
  }

  client(): MemoryStore {
    return new MemoryClient(this.#data)
  }

  forget(): void {
    this.#data.forget()
  }

  async life(signal?: AbortSignal): Promise<string> {
    this.#assertOpen('tell its life', signal)
    return this.#data.life
  }

  async grant(ttlMs: number, signal?: AbortSignal): Promise<string> {
    assertTtl(ttlMs)
    this.#assertOpen('grant a lease', signal)
    return this.#data.grant(ttlMs, this.#holder)
  }

  async renew(lease: string, signal?: AbortSignal): Promise<boolean> {
    this.#assertOpen('renew a lease', signal)
    return this.#data.renew(lease)
  }

  async revoke(lease: string, signal?: AbortSignal): Promise<void> {
    this.#assertOpen('revoke a lease', signal)
    this.#data.revoke(lease)
  }

  async get(key: string, signal?: AbortSignal) {
    assertKey(key)
    this.#assertOpen('read', signal)
    return this.#data.get(key)
  }

  async list(prefix: string, signal?: AbortSignal) {
    this.#assertOpen('list', signal)
    return this.#data.list(prefix)
  }

  async write(...[conditions, changes, signal]: Parameters<FleetStore['write']>) {
    assertWrite(conditions, changes)
    this.#assertOpen('write', signal)
    return this.#data.write(conditions, changes)
  }

  watch(...[prefix, listener]: Parameters<FleetStore['watch']>): () => void {
    if (this.#isClosed) return () => {}
    const watch = this.#watches.add(prefix, listener)
    watch.tell({ type: 'lost' })
    return watch.end
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#watches.close()
    this.#data.leave(this.#watches)
  }

  #assertOpen(call: string, signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    if (this.#isClosed) throw storeError(this.name, call, 'closed')
  }
}
