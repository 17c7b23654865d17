/** A reader that asks for one message at a time is given each once, in order, at its own pace. */
import { MessageQueue, type Inbox, type Reader } from './inbox.ts'

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** Reads an inbox one message at a time. What it has been given but nobody took goes back when it stops. */
export class MessageIterator implements Reader, AsyncIterableIterator<Uint8Array> {
  readonly readsAtOnce = false
  readonly #inbox: Inbox
  readonly #queue: MessageQueue
  readonly #waiting: ((result: IteratorResult<Uint8Array, undefined>) => void)[] = []
  readonly #onStop: (reader: this) => void
  #ended = false

  /** @param onStop called once when it stops reading by itself */
  constructor(inbox: Inbox, onStop: (reader: MessageIterator) => void) {
    this.#inbox = inbox
    this.#queue = new MessageQueue(inbox.maxBytes)
    this.#onStop = onStop
  }

  get isFull(): boolean {
    return this.#queue.isFull
  }

  get isLow(): boolean {
    return this.#queue.isLow
  }

  push(data: Uint8Array): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return this.#queue.push(data)
    // Somebody waits, so that nothing else does: it is taken at once, and need not be kept.
    waiting({ done: false, value: data })
    this.#inbox.taken(0)
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.#take()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#ended) this.#onStop(this)
    this.stop()
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Ends it where it stands: what nobody took waits again. */
  stop(): void {
    this.#inbox.detach(this, this.#queue)
    for (let left = this.#queue.shift(); left !== undefined; left = this.#queue.shift());
    this.finish()
  }

  /** Ends it after what it has been given. */
  finish(): void {
    this.#ended = true
    for (const waiting of this.#waiting.splice(0)) waiting(DONE)
  }

  #take(): Uint8Array | undefined {
    const value = this.#queue.shift()
    if (value !== undefined) this.#inbox.taken(this.#queue.length)
    return value
  }
}
