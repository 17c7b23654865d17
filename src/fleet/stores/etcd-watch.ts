/** A watch of an etcd: a stream that goes on where the last one ended, opened anew by and by in case its path has vanished. */
import type { Clock } from '../../clock.ts'
import { decoded, encoded, type EtcdAnswer, type EtcdGateway, type EtcdKv, rangeEnd } from './etcd-gateway.ts'
import type { EtcdLife } from './etcd-life.ts'
import type { StoreEntry } from '../store.ts'
import type { WatchHandle } from './store-watches.ts'

/** What a watch needs of its store. */
export interface EtcdWatchContext {
  readonly clock: Clock
  readonly gateway: EtcdGateway
  /** What stands before every key. */
  readonly root: string
  /** A stream that has told nothing for so long at its beginning is none, in milliseconds. */
  readonly deadlineMs: number
  /** So long a stream is used, in milliseconds. */
  readonly rewatchMs: number
  /** The life as it is now. */
  life(signal: AbortSignal): Promise<EtcdLife>
}

const SHORTEST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

/** One watch, from its making until `end`. */
export class EtcdWatch {
  readonly #context: EtcdWatchContext
  readonly #prefix: string
  readonly #told: WatchHandle
  #cut = new AbortController()
  #wake: (() => void) | undefined = undefined
  #isOver = false
  #life: string | undefined = undefined
  /** The revision of etcd from which nothing was told yet; undefined: changes may have been missed. */
  #from: number | undefined = undefined

  constructor(context: EtcdWatchContext, prefix: string, told: WatchHandle) {
    this.#context = context
    this.#prefix = prefix
    this.#told = told
    void this.#run()
  }

  /** Looks for the life anew. */
  restart(): void {
    this.#cut.abort(new Error('another life began'))
  }

  end(): void {
    this.#isOver = true
    this.#told.end()
    this.#cut.abort(new Error('the watch was ended'))
    this.#wake?.()
  }

  async #run(): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS
    while (!this.#isOver) {
      const { clock, deadlineMs, rewatchMs } = this.#context
      const cut = new AbortController()
      this.#cut = cut
      let isTime = false
      let timer = clock.setTimeout(() => cut.abort(new Error('no answer in time')), deadlineMs)
      try {
        await this.#hear(cut.signal, () => {
          pauseMs = SHORTEST_PAUSE_MS
          clock.clearTimeout(timer)
          timer = clock.setTimeout(() => {
            isTime = true
            cut.abort(new Error('time for another stream'))
          }, rewatchMs)
        })
      } catch {
        // The next stream goes on where this one ended, or tells `lost`.
      }
      clock.clearTimeout(timer)
      if (this.#isOver) return
      if (isTime) continue
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        clock.setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2))
      })
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }

  async #hear(signal: AbortSignal, stands: () => void): Promise<void> {
    const { gateway, root } = this.#context
    const life = await this.#context.life(signal)
    if (life.text !== this.#life) this.#from = undefined
    this.#life = life.text
    const range = { key: encoded(root + this.#prefix), range_end: rangeEnd(root + this.#prefix) }
    const start = this.#from === undefined ? {} : { start_revision: String(this.#from) }
    for await (const answer of gateway.stream('/v3/watch', { create_request: { ...range, ...start } }, signal)) {
      if (this.#isOver) return
      if (answer.canceled === true) {
        // What is asked for was compacted away.
        this.#from = undefined
        return
      }
      if (answer.created === true) {
        stands()
        if (this.#from === undefined) this.#told.tell({ type: 'lost' })
        this.#from ??= Number(answer.header?.revision ?? 0) + 1
      }
      this.#tell(answer, life)
    }
  }

  #tell({ events = [] }: EtcdAnswer, life: EtcdLife): void {
    for (const { type, kv } of events) {
      const revision = Number(kv.mod_revision)
      if (this.#from !== undefined && revision < this.#from) continue
      if (type === 'DELETE') {
        this.#told.tell({ type: 'delete', key: decoded(kv.key).slice(this.#context.root.length), revision: life.base + revision })
      } else {
        this.#told.tell({ type: 'put', entry: entryOf(kv, this.#context.root, life) })
      }
    }
    // One revision comes in one answer.
    const last = events.at(-1)
    if (last !== undefined) this.#from = Math.max(this.#from ?? 0, Number(last.kv.mod_revision) + 1)
  }
}

/** An entry as etcd has it. */
export function entryOf(kv: EtcdKv, root: string, { base }: EtcdLife): StoreEntry {
  const lease = kv.lease === undefined || kv.lease === '0' ? undefined : kv.lease
  return { key: decoded(kv.key).slice(root.length), value: decoded(kv.value), revision: base + Number(kv.mod_revision), lease }
}
