/** The primary's side of a cluster store: keeps the data in its memory and answers the workers, each by a client of its own. */
import cluster, { type Worker } from 'node:cluster'
import type { FleetStore, StoreEvent } from '../store.ts'
import { isMarked, marked, type ToPrimary, type ToWorker } from './cluster-messages.ts'
import type { MemoryData } from './memory-data.ts'
import { MemoryClient } from './memory-store.ts'

/** So many messages may wait for a worker that does not read: then its news are dropped, and it is told `lost` when it reads again. */
const MOST_WAITING = 1_000

/** One store of a worker. */
interface WorkerClient {
  readonly store: FleetStore
  readonly watches: Map<number, () => void>
}

/** A worker as the primary sees it. */
interface WorkerSide {
  readonly clients: Map<number, WorkerClient>
  waiting: number
  isBehind: boolean
}

/** Answers the workers for as long as the process lives. */
export class ClusterServer {
  readonly #name: string
  readonly #data: MemoryData
  readonly #workers = new Map<Worker, WorkerSide>()

  constructor(name: string, data: MemoryData) {
    this.#name = name
    this.#data = data
    cluster.on('message', this.#onMessage)
    cluster.on('disconnect', this.#onDisconnect)
    cluster.on('exit', this.#onExit)
  }

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    if (!isMarked(message, this.#name)) return
    const asked = message as ToPrimary
    let side = this.#workers.get(worker)
    if (side === undefined) this.#workers.set(worker, (side = { clients: new Map(), waiting: 0, isBehind: false }))
    let client = side.clients.get(asked.client)
    if (client === undefined) side.clients.set(asked.client, (client = { store: new MemoryClient(this.#data, worker), watches: new Map() }))
    const to = { name: this.#name, client: asked.client }
    switch (asked.type) {
      case 'call':
        return void this.#answer(client.store, asked).then(
          (value) => this.#send(worker, side, marked({ ...to, id: asked.id, type: 'answer', value })),
          (error: Error) => this.#send(worker, side, marked({ ...to, id: asked.id, type: 'error', message: error.message })),
        )
      case 'watch': {
        const { id, prefix } = asked
        const tell = (event: StoreEvent): void => {
          if (side.waiting >= MOST_WAITING) side.isBehind = true
          else if (!side.isBehind) this.#send(worker, side, marked({ ...to, id, type: 'event', event }))
        }
        return void client.watches.set(id, client.store.watch(prefix, tell))
      }
      case 'unwatch':
        client.watches.get(asked.id)?.()
        return void client.watches.delete(asked.id)
      case 'close':
        side.clients.delete(asked.client)
        return void client.store.close()
    }
  }

  /** A worker without a channel asks and watches nothing; its process may run on, and hold what its leases are for. */
  readonly #onDisconnect = (worker: Worker): void => {
    for (const { store } of this.#workers.get(worker)?.clients.values() ?? []) void store.close()
    this.#workers.delete(worker)
    // What it had asked for before its end may be read after it.
    if (worker.isDead()) this.#data.revokeOf(worker)
  }

  /** A process that has ended holds no link: what its leases held is free at once, also those of stores that it closed. */
  readonly #onExit = (worker: Worker): void => {
    this.#data.revokeOf(worker)
    if (!worker.isConnected()) this.#workers.delete(worker)
  }

  #answer(store: FleetStore, { call, args }: Extract<ToPrimary, { type: 'call' }>): Promise<unknown> {
    const method = store[call] as (...given: readonly unknown[]) => Promise<unknown>
    return method.apply(store, [...args])
  }

  #send(worker: Worker, side: WorkerSide, message: ToWorker): void {
    if (!worker.isConnected()) return
    side.waiting++
    worker.send(message, () => {
      side.waiting--
      if (side.waiting > 0 || !side.isBehind) return
      side.isBehind = false
      for (const [client, { watches }] of side.clients) {
        for (const id of watches.keys()) {
          this.#send(worker, side, marked({ name: this.#name, client, id, type: 'event', event: { type: 'lost' } }))
        }
      }
    })
  }
}
