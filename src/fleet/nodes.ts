/** The living nodes of a fleet, as this node knows them: a watch tells of them, and a list where the watch may have missed something. */
import { BehaviorSubject, type Observable } from 'rxjs'
import type { FleetHost, FleetNode } from '../runtime/options/fleet-gate.ts'
import { type FleetKeys, type NodeRecord, readRecord } from './keys.ts'
import type { FleetStore, StoreEntry } from './store.ts'

/** A prefix of the store that is followed. */
export class Followed {
  readonly #store: FleetStore
  readonly #prefix: string
  readonly #host: FleetHost
  readonly #put: (entry: StoreEntry) => void
  readonly #deleted: (key: string) => void
  readonly #entries = new Map<string, number>()
  #end: (() => void) | undefined = undefined
  #isListing = false
  #isStale = false
  /** What was deleted while a list was on its way, which may name it still. */
  readonly #deletedMeanwhile = new Map<string, number>()

  /** @param host is told what is wrong with our own code; a store that does not answer tells `lost` again when it does */
  constructor(store: FleetStore, prefix: string, host: FleetHost, put: (entry: StoreEntry) => void, deleted: (key: string) => void) {
    this.#store = store
    this.#prefix = prefix
    this.#host = host
    this.#put = put
    this.#deleted = deleted
  }

  start(): void {
    this.#end ??= this.#store.watch(this.#prefix, (event) => {
      if (event.type === 'lost') void this.list()
      else if (event.type === 'put') this.#note(event.entry)
      else this.#forget(event.key, event.revision)
    })
  }

  stop(): void {
    this.#end?.()
    this.#end = undefined
  }

  /** Reads everything anew where the last time failed. */
  async catchUp(): Promise<void> {
    if (this.#isStale) await this.list()
  }

  /** Reads everything anew; where that fails, the next call does. */
  async list(): Promise<void> {
    if (this.#isListing) {
      this.#isStale = true
      return
    }
    this.#isListing = true
    try {
      do {
        this.#isStale = false
        const before = new Map(this.#entries)
        this.#deletedMeanwhile.clear()
        const listed = await this.#store.list(this.#prefix)
        if (this.#end === undefined) return
        for (const entry of listed) {
          before.delete(entry.key)
          if ((this.#deletedMeanwhile.get(entry.key) ?? 0) <= entry.revision) this.#note(entry)
        }
        // What came while the list was on its way is newer than the list.
        for (const [key, revision] of before) if (this.#entries.get(key) === revision) this.#forget(key, revision)
      } while (this.#isStale)
    } catch {
      // It is listed again with the next renewal.
      this.#isStale = true
    } finally {
      this.#isListing = false
      this.#deletedMeanwhile.clear()
    }
  }

  #note(entry: StoreEntry): void {
    const known = this.#entries.get(entry.key)
    if (known !== undefined && known >= entry.revision) return
    this.#entries.set(entry.key, entry.revision)
    this.#tell(() => this.#put(entry))
  }

  #forget(key: string, revision: number): void {
    if (this.#isListing) this.#deletedMeanwhile.set(key, revision)
    const known = this.#entries.get(key)
    if (known === undefined || known > revision) return
    this.#entries.delete(key)
    this.#tell(() => this.#deleted(key))
  }

  /** Within a watch of a store's, nothing may be thrown. */
  #tell(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.#host.report(error)
    }
  }
}

/** The nodes that live. */
export class Nodes {
  readonly #nodes = new Map<string, FleetNode>()
  readonly #subject = new BehaviorSubject<readonly FleetNode[]>([])
  readonly #followed: Followed
  readonly #gone: (id: string) => void

  /** @param gone is told of each node that has left or died */
  constructor(store: FleetStore, keys: FleetKeys, host: FleetHost, gone: (id: string) => void) {
    this.#gone = gone
    this.#followed = new Followed(
      store,
      keys.nodes,
      host,
      ({ key, value, revision }) => {
        const { name = '', since = 0 } = readRecord<NodeRecord>(value) ?? {}
        const id = key.slice(keys.nodes.length)
        this.#nodes.set(id, { id, name, since, epoch: revision })
        this.#publish()
      },
      (key) => {
        const id = key.slice(keys.nodes.length)
        this.#nodes.delete(id)
        this.#publish()
        this.#gone(id)
      },
    )
  }

  get nodes$(): Observable<readonly FleetNode[]> {
    return this.#subject.asObservable()
  }

  /** As of now, the oldest first. */
  get all(): readonly FleetNode[] {
    return this.#subject.value
  }

  get size(): number {
    return this.#nodes.size
  }

  get ids(): Iterable<string> {
    return this.#nodes.keys()
  }

  has(id: string): boolean {
    return this.#nodes.has(id)
  }

  start(): void {
    this.#followed.start()
  }

  /** Looks whether the watch has missed something. */
  refresh(): Promise<void> {
    return this.#followed.list()
  }

  stop(): void {
    this.#followed.stop()
    this.#subject.complete()
  }

  #publish(): void {
    this.#subject.next([...this.#nodes.values()].toSorted((a, b) => a.epoch - b.epoch))
  }
}
