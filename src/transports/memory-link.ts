/** A link in memory: what one end sends the other gets, in order, later, and until then it counts as buffered. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { HEADER_BYTES } from './frames.ts'
import { frameTooLarge, notConnected, systemError } from './link-error.ts'
import { Pings } from './pings.ts'
import type { CloseReason, EndReason, Link, LinkFence, LinkHandler, PongListener } from './transport.ts'

/** What one end of a memory link is told of its own side. */
export interface MemoryEnd {
  readonly maxFrameBytes: number
  readonly highWaterMark: number
  readonly peerId: PeerId | undefined
}

/** What travels besides messages. `end` follows a goodbye that the other side has seen; `broken` is an abort with a cause. */
type Signal = { readonly ping: number } | { readonly pong: number } | Goodbye | 'end' | 'broken'

/** Says that nothing comes after it, and why. */
interface Goodbye {
  readonly goodbye: EndReason | undefined
}

/** Two links that are each other's other side: the dialer's, and the listener's. */
export function linkPair(
  dialer: MemoryEnd,
  dialerAddress: string,
  listener: MemoryEnd,
  listenerAddress: string,
  fence?: LinkFence,
): [Link, Link] {
  const near = new MemoryLink(dialer, listener.peerId, listenerAddress)
  const far = new MemoryLink(listener, dialer.peerId, dialerAddress)
  near.other = far
  far.other = near
  // What the dialer shows.
  if (fence !== undefined) far.fence = fence
  return [near, far]
}

class MemoryLink implements Link {
  /** The other side; let go when this side is over. */
  other: MemoryLink | undefined
  /** What the other side has sent and this side has not delivered. */
  inboxBytes = 0
  /** Counts all that has arrived, delivered or not. */
  receivedBytes = 0
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare fence?: LinkFence
  readonly #settings: MemoryEnd
  /** What has arrived and is not delivered, the oldest at `#head`. */
  #inbox: (Uint8Array | Signal)[] = []
  #head = 0
  #stage: 'open' | 'closing' | 'over' = 'open'
  #handler: LinkHandler | undefined
  #reason: CloseReason | undefined
  #isPaused = false
  #isScheduled = false
  #isFull = false
  #pings: Pings | undefined
  #closed: Promise<void> | undefined
  #onceOver: (() => void) | undefined

  constructor(settings: MemoryEnd, remotePeerId: PeerId | undefined, remoteAddress: string) {
    this.#settings = settings
    this.remoteAddress = remoteAddress
    if (remotePeerId !== undefined) this.remotePeerId = remotePeerId
  }

  get bufferedBytes(): number {
    return this.#stage === 'over' ? 0 : (this.other?.inboxBytes ?? 0)
  }

  attach(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new Error('attach: this link has a handler already')
    this.#handler = handler
    const reason = this.#reason
    if (reason !== undefined) queueMicrotask(() => handler.closed(reason))
    else this.#schedule()
  }

  /** The message's bytes are copied: the caller may use them again at once. */
  send(data: Uint8Array): boolean {
    if (this.#stage !== 'open') throw notConnected(this.remoteAddress)
    const { maxFrameBytes, highWaterMark } = this.#settings
    if (data.byteLength > maxFrameBytes) throw frameTooLarge('a message', data.byteLength, maxFrameBytes)
    this.other?.arrive(new Uint8Array(data))
    if (this.bufferedBytes <= highWaterMark) return true
    this.#isFull = true
    return false
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  /** As a TCP link's: what arrives meanwhile is still delivered, unless the link is paused. */
  close(reason?: EndReason): Promise<void> {
    if (this.#stage === 'over') return Promise.resolve()
    if (this.#closed === undefined) {
      this.#closed = new Promise((resolve) => (this.#onceOver = resolve))
      this.#stage = 'closing'
      this.other?.arrive({ goodbye: reason })
      this.#schedule()
    }
    return this.#closed
  }

  abort(cause?: Error, reason?: EndReason): void {
    if (this.#stage === 'over') return
    this.other?.arrive(cause === undefined ? { goodbye: reason } : 'broken')
    this.#finish({ kind: 'local' })
  }

  ping(signal: AbortSignal): Promise<number> {
    if (this.#stage !== 'open') return Promise.reject(notConnected(this.remoteAddress))
    return (this.#pings ??= new Pings(this)).send(signal)
  }

  measure(listener: PongListener): void {
    if (this.#stage !== 'open') throw notConnected(this.remoteAddress)
    ;(this.#pings ??= new Pings(this)).measure(listener)
  }

  putPing(id: number): void {
    this.other?.arrive({ ping: id })
  }

  /** It arrives at once, and need not be read. */
  assure(): void {
    if (this.#stage === 'open' && this.other !== undefined) this.other.receivedBytes += HEADER_BYTES
  }

  /** The other side has sent something. */
  arrive(item: Uint8Array | Signal): void {
    if (this.#stage === 'over') return
    this.#inbox.push(item)
    const cost = costOf(item)
    this.inboxBytes += cost
    this.receivedBytes += cost
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#isReading() || this.#head === this.#inbox.length) return
    this.#isScheduled = true
    queueMicrotask(() => this.#deliver())
  }

  #isReading(): boolean {
    if (this.#stage === 'open') return this.#handler !== undefined && !this.#isPaused
    return this.#stage === 'closing'
  }

  #deliver(): void {
    this.#isScheduled = false
    try {
      while (this.#isReading() && this.#head < this.#inbox.length) this.#take(this.#next())
    } finally {
      // A handler that throws must not stop what comes after.
      this.#schedule()
    }
    this.other?.drained()
  }

  #next(): Uint8Array | Signal {
    const item = this.#inbox[this.#head++]!
    this.inboxBytes -= costOf(item)
    if (this.#head === this.#inbox.length || this.#head >= 1024) {
      this.#inbox = this.#inbox.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  #take(item: Uint8Array | Signal): void {
    if (item instanceof Uint8Array) {
      if (item.byteLength > this.#settings.maxFrameBytes) this.#refuse(item.byteLength)
      else if (!this.#isPaused) this.#handler?.message(item)
    } else if (item === 'end') {
      this.#finish({ kind: 'local' })
    } else if (item === 'broken') {
      const error = systemError('ECONNRESET', 'the other side aborted the link')
      this.#finish(this.#stage === 'closing' ? { kind: 'local' } : { kind: 'error', error })
    } else if ('goodbye' in item) {
      this.other?.arrive('end')
      const reason = item.goodbye
      if (this.#stage === 'open') this.#finish(reason === undefined ? { kind: 'remote' } : { kind: 'remote', reason })
    } else if ('ping' in item) {
      this.other?.arrive({ pong: item.ping })
    } else {
      this.#pings?.answered(item.pong)
    }
  }

  /** Either side has a largest frame of its own. */
  #refuse(length: number): void {
    this.other?.arrive('broken')
    this.#finish({ kind: 'error', error: frameTooLarge('the other side sent a message', length, this.#settings.maxFrameBytes) })
  }

  /** The other side has delivered what was there. */
  drained(): void {
    if (!this.#isFull || this.#stage !== 'open' || this.bufferedBytes > 0) return
    this.#isFull = false
    this.#handler?.drain()
  }

  #finish(reason: CloseReason): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#reason = reason
    this.#inbox = []
    this.#head = 0
    this.inboxBytes = 0
    this.other = undefined
    this.#pings?.fail(() => notConnected(this.remoteAddress))
    this.#onceOver?.()
    this.#handler?.closed(reason)
  }
}

/** A message costs its header too, as on a wire: else a flood of empty ones would count as nothing. */
function costOf(item: Uint8Array | Signal): number {
  return item instanceof Uint8Array ? HEADER_BYTES + item.byteLength : HEADER_BYTES
}
