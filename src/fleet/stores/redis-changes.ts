/** The changes that a Redis store publishes, heard by one connection: whatever may have been missed is told as `lost`. */
import type { Clock } from '../../clock.ts'
import type { StoreEvent } from '../store.ts'
import { readMessage } from './redis-answers.ts'
import type { RedisConnection } from './redis-port.ts'
import { StoreWatches } from './store-watches.ts'

/** What hearing needs of the store. */
export interface ChangesContext {
  readonly clock: Clock
  readonly channel: string
  /** So often leases that ended are looked for, and messages that never came, in milliseconds. */
  readonly sweepMs: number
  connect(): Promise<RedisConnection>
  /** The present revision. Ends the leases whose time has come. */
  look(): Promise<number>
}

const SHORTEST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

/** Hears while somebody watches. */
export class RedisChanges {
  readonly #context: ChangesContext
  readonly #watches = new StoreWatches()
  #connection: RedisConnection | undefined = undefined
  #isHearing = false
  #isStanding = false
  #isClosed = false
  /** The last revision that was told, or that a `lost` covers. */
  #last = 0
  #sweepTimer: unknown
  #wake: (() => void) | undefined

  constructor(context: ChangesContext) {
    this.#context = context
  }

  watch(prefix: string, listener: (event: StoreEvent) => void): () => void {
    if (this.#isClosed) return () => {}
    const watch = this.#watches.add(prefix, listener)
    if (this.#isStanding) watch.tell({ type: 'lost' })
    if (!this.#isHearing) void this.#hear()
    return watch.end
  }

  /** Another life began: a reply told it before any message. */
  lost(): void {
    if (this.#isStanding) this.#watches.lost()
  }

  close(): void {
    this.#isClosed = true
    this.#watches.close()
    this.#connection?.drop()
    this.#wake?.()
    this.#context.clock.clearTimeout(this.#sweepTimer)
  }

  /** Connects anew whenever the connection is over, as long as anybody watches. */
  async #hear(): Promise<void> {
    this.#isHearing = true
    let pauseMs = SHORTEST_PAUSE_MS
    while (!this.#isClosed && this.#watches.size > 0) {
      try {
        const connection = await this.#context.connect()
        this.#connection = connection
        await connection.subscribe(this.#context.channel, this.#told)
        this.#last = await this.#context.look()
        if (this.#isClosed) connection.drop()
        this.#isStanding = true
        this.#watches.lost()
        pauseMs = SHORTEST_PAUSE_MS
        this.#sweepLater(this.#last)
        await connection.over
      } catch {
        // Whoever watches hears of it by `lost`, once it can be heard again; whoever calls hears of it by ERR_STORE.
        this.#connection?.drop()
      }
      this.#isStanding = false
      this.#connection = undefined
      this.#context.clock.clearTimeout(this.#sweepTimer)
      if (this.#isClosed) return
      await this.#pause(pauseMs * (0.5 + Math.random() / 2))
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
    this.#isHearing = false
  }

  readonly #told = (message: string): void => {
    let read
    try {
      read = readMessage(message)
    } catch {
      return this.#watches.lost()
    }
    const { revision, events } = read
    if (revision <= this.#last) return
    const isNext = revision === this.#last + 1
    this.#last = revision
    if (!this.#isStanding) return
    if (events === undefined || !isNext) return this.#watches.lost()
    for (const [key, event] of events) this.#watches.tell(key, event)
  }

  /** @param before the revision when it was last looked: its message has had the time since then to come */
  #sweepLater(before: number): void {
    const { clock, sweepMs } = this.#context
    this.#sweepTimer = clock.setTimeout(() => void this.#sweep(before), sweepMs * (0.75 + Math.random() / 2))
  }

  async #sweep(before: number): Promise<void> {
    const connection = this.#connection
    // Nobody watches any more: what hears ends.
    if (this.#watches.size === 0) return connection?.drop()
    const revision = await this.#context.look().catch(() => before)
    if (this.#connection !== connection || this.#isClosed) return
    // Its message never came: this connection may be dead without a word.
    if (this.#last < before) return connection?.drop()
    this.#sweepLater(revision)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#context.clock.setTimeout(resolve, ms)
    })
  }
}
