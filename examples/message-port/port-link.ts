/** What one end sends the other gets, in order, and until it is read it counts as buffered here. */
import { type CloseReason, ConnectionError, type Link, type LinkHandler } from 'qudag-connections'

/** What both ends agree on. */
export interface PortLinkOptions {
  /** The largest message, in bytes. @default 16 MiB */
  readonly maxFrameBytes: number
  /** Above so many bytes that the other side has not read, `send` returns false. @default 1 MiB */
  readonly highWaterMark: number
}

/** All that goes over a link's port; a message is its bytes. `end` says that the other's goodbye was read. */
export type Frame =
  | Uint8Array
  | { readonly read: number }
  | { readonly ping: number }
  | { readonly pong: number }
  | 'goodbye'
  | 'end'
  | 'broken'

/** What waits to be read, in the order in which it came. */
type Waiting = Uint8Array | 'goodbye' | 'end' | Error

interface Ping {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What a message costs besides its bytes: else a flood of empty ones would count as nothing. */
const MESSAGE_COST = 8

/** A link over a port of its own. A port has no back-pressure: the reader says how much it has read. */
export class PortLink implements Link {
  readonly remoteAddress: string
  readonly #port: MessagePort
  readonly #options: PortLinkOptions
  readonly #pings = new Map<number, Ping>()
  #stage: 'open' | 'closing' | 'over' = 'open'
  #handler: LinkHandler | undefined
  #reason: CloseReason | undefined
  #waiting: Waiting[] = []
  #isPaused = false
  #isScheduled = false
  #isFull = false
  #unread = 0
  #lastPing = 0
  #closed: Promise<void> | undefined
  #onceOver: (() => void) | undefined

  constructor(port: MessagePort, remoteAddress: string, options: PortLinkOptions) {
    this.#port = port
    this.remoteAddress = remoteAddress
    this.#options = options
    port.addEventListener('message', ({ data }: MessageEvent<Frame>) => this.#arrived(data))
    // It comes without a goodbye before it when the thread or page over there has ended.
    port.addEventListener('close', () => this.#wait(reset('the other side is gone')))
    port.start()
  }

  get bufferedBytes(): number {
    return this.#unread
  }

  attach(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new Error('attach: this link has a handler already')
    this.#handler = handler
    const reason = this.#reason
    if (reason === undefined) this.#schedule()
    else queueMicrotask(() => handler.closed(reason))
  }

  send(data: Uint8Array): boolean {
    if (this.#stage !== 'open') throw this.#notConnected()
    const { maxFrameBytes, highWaterMark } = this.#options
    if (data.byteLength > maxFrameBytes) {
      throw new ConnectionError('ERR_FRAME_TOO_LARGE', `a message of ${data.byteLength} bytes is larger than ${maxFrameBytes} bytes`)
    }
    // A view would be cloned with all of its buffer; the copy's buffer is moved and not cloned.
    const copy = new Uint8Array(data)
    this.#unread += costOf(copy)
    this.#post(copy, [copy.buffer])
    this.#isFull ||= this.#unread > highWaterMark
    return !this.#isFull
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  close(): Promise<void> {
    if (this.#stage === 'over') return Promise.resolve()
    if (this.#closed === undefined) {
      this.#closed = new Promise((resolve) => (this.#onceOver = resolve))
      this.#stage = 'closing'
      this.#post('goodbye')
      this.#schedule()
    }
    return this.#closed
  }

  abort(cause?: Error): void {
    if (this.#stage === 'over') return
    this.#post(cause === undefined ? 'goodbye' : 'broken')
    this.#finish({ kind: 'local' })
  }

  async ping(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted()
    if (this.#stage !== 'open') throw this.#notConnected()
    const id = ++this.#lastPing
    const sentAt = performance.now()
    let onAbort: (() => void) | undefined
    const answered = new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort)
      this.#pings.set(id, { resolve, reject })
    })
    this.#post({ ping: id })
    try {
      await answered
      return performance.now() - sentAt
    } finally {
      this.#pings.delete(id)
      signal.removeEventListener('abort', onAbort!)
    }
  }

  #post(frame: Frame, transfer: Transferable[] = []): void {
    this.#port.postMessage(frame, transfer)
  }

  /** What concerns the wire is done at once; what concerns the reader waits for it. */
  #arrived(frame: Frame): void {
    if (this.#stage === 'over') return
    if (frame instanceof Uint8Array || frame === 'goodbye' || frame === 'end') this.#wait(frame)
    else if (frame === 'broken') this.#wait(reset('the other side aborted the link'))
    else if ('read' in frame) this.#wasRead(frame.read)
    else if ('ping' in frame) this.#post({ pong: frame.ping })
    else this.#pings.get(frame.pong)?.resolve()
  }

  #wasRead(bytes: number): void {
    this.#unread -= bytes
    if (!this.#isFull || this.#unread > 0) return
    this.#isFull = false
    if (this.#stage === 'open') this.#handler?.drain()
  }

  #wait(item: Waiting): void {
    if (this.#stage === 'over') return
    this.#waiting.push(item)
    this.#schedule()
  }

  /** Never delivers from within a call of the reader's own. */
  #schedule(): void {
    if (this.#isScheduled || !this.#isReading() || this.#waiting.length === 0) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  /** A side that closes reads on, even paused: it waits for the other's goodbye. */
  #isReading(): boolean {
    return this.#stage === 'closing' || (this.#stage === 'open' && this.#handler !== undefined && !this.#isPaused)
  }

  #deliver(): void {
    const before = this.#waiting
    let taken = 0
    let read = 0
    try {
      while (this.#isReading() && taken < before.length) {
        const item = before[taken++]!
        if (item instanceof Uint8Array) read += costOf(item)
        this.#take(item)
      }
    } finally {
      // Also when a handler throws: what comes after is still to be read.
      if (this.#stage !== 'over') {
        this.#waiting = before.slice(taken)
        if (read > 0) this.#post({ read })
        this.#schedule()
      }
    }
  }

  #take(item: Waiting): void {
    if (item instanceof Uint8Array) {
      if (!this.#isPaused) this.#handler?.message(item)
    } else if (item === 'goodbye') {
      this.#post('end')
      if (this.#stage === 'open') this.#finish({ kind: 'remote' })
    } else if (item === 'end') {
      this.#finish({ kind: 'local' })
    } else {
      this.#finish(this.#stage === 'closing' ? { kind: 'local' } : { kind: 'error', error: item })
    }
  }

  /** The one way out. */
  #finish(reason: CloseReason): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#reason = reason
    this.#waiting = []
    this.#unread = 0
    this.#port.close()
    for (const { reject } of this.#pings.values()) reject(this.#notConnected())
    this.#onceOver?.()
    this.#handler?.closed(reason)
  }

  #notConnected(): ConnectionError {
    return new ConnectionError('ERR_NOT_CONNECTED', `the link to ${this.remoteAddress} is over; connect again to go on`)
  }
}

function costOf(message: Uint8Array): number {
  return message.byteLength + MESSAGE_COST
}

function reset(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}
