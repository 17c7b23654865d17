/** A TCP link is open, closing or over, and once it is over its socket is destroyed and nothing of it remains. */
import type { Socket } from 'node:net'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { type FrameSource, FrameWriter } from './frame-writer.ts'
import { controlId, FrameKind, type FrameReader, goodbyeFrame, textOf } from './frames.ts'
import { frameTooLarge, notConnected, systemError } from './link-error.ts'
import { Pings } from './pings.ts'
import { endOfGoodbye } from './refusal.ts'
import { endSoon } from './socket-end.ts'
import { listenTo, type SocketListener } from './socket-events.ts'
import type { StreamProof } from './stream-proof.ts'
import type { CloseReason, EndReason, Link, LinkFence, LinkHandler, LinkSecurity, PongListener } from './transport.ts'
import type { TcpLinkOptions } from './tcp-options.ts'
import { atNextTurn, FRAMES_A_TURN, type TurnTaker } from './turn-budget.ts'

type Stage = 'open' | 'closing' | 'over'

/** A link over one socket, from the moment when both sides have said hello. */
export class TcpLink implements Link, SocketListener, FrameSource, TurnTaker {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly security?: LinkSecurity
  declare fence?: LinkFence
  readonly #socket: Socket
  readonly #options: TcpLinkOptions
  readonly #reader: FrameReader
  readonly #writer: FrameWriter
  #stage: Stage = 'open'
  #handler: LinkHandler | undefined
  #reason: CloseReason | undefined
  #pings: Pings | undefined
  #closed: Promise<void> | undefined
  #onceOver: (() => void) | undefined
  /** So many more frames may be delivered in this turn of the event loop; below 0: it has asked for the next turn. */
  #share = FRAMES_A_TURN
  /** Whether the socket waits for this link's next turn. */
  #isHalted = false
  /** What the handler was told that an unfinished message holds. */
  #unfinished = 0
  #isPaused = false
  #hasEnded = false
  #heardGoodbye = false

  /**
   * @param reader what the handshake was read with: what came behind it is still there
   * @param proof who the other side is, where the stream has proven it
   */
  constructor(socket: Socket, remoteAddress: string, options: TcpLinkOptions, reader: FrameReader, proof?: StreamProof) {
    this.remoteAddress = remoteAddress
    if (proof !== undefined) {
      this.remotePeerId = proof.peerId
      this.security = proof.security
    }
    this.#socket = socket
    this.#options = options
    this.#reader = reader
    this.#writer = new FrameWriter(socket, this, options.highWaterMark)
    listenTo(socket, this)
  }

  get isOver(): boolean {
    return this.#stage === 'over'
  }

  get bufferedBytes(): number {
    return this.isOver ? 0 : this.#writer.bufferedBytes
  }

  attach(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new Error('attach: this link has a handler already')
    this.#handler = handler
    const reason = this.#reason
    if (reason !== undefined) queueMicrotask(() => handler.closed(reason))
    else this.#flow()
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead
  }

  /** The message's bytes are copied: the caller may use them again at once. */
  send(data: Uint8Array): boolean {
    if (this.#stage !== 'open') throw notConnected(this.remoteAddress)
    const length = data.byteLength
    if (length > this.#options.maxFrameBytes) throw frameTooLarge('a message', length, this.#options.maxFrameBytes)
    return this.#writer.message(data)
  }

  /** While paused nothing is read: pings of the other side wait, and so do the pongs for ours. */
  pause(): void {
    this.#isPaused = true
    if (this.#stage !== 'open') return
    this.#socket.pause()
    this.#reader.trim()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#stage === 'open' && this.#handler !== undefined) this.#flow()
  }

  /**
   * Flushes, says goodbye, and resolves when the other side has read it all and hung up, or is gone. What arrives
   * meanwhile is still delivered, unless the link is paused: then nobody wants it and it is dropped.
   */
  close(reason?: EndReason): Promise<void> {
    if (this.#stage === 'over') return Promise.resolve()
    if (this.#closed === undefined) {
      this.#closed = new Promise((resolve) => (this.#onceOver = resolve))
      this.#writer.frame(goodbyeFrame(reason))
      this.#writer.flushAll()
      this.#stage = 'closing'
      this.#socket.end()
      this.#flow()
    }
    return this.#closed
  }

  /**
   * Without a cause the other side is told goodbye if nothing is queued before it; with one, or where messages are
   * lost, it sees the link break.
   */
  abort(cause?: Error, reason?: EndReason): void {
    if (this.#stage === 'over') return
    const isTold = cause === undefined && this.#stage === 'open' && this.#writer.hasAllButLeft(this.security !== undefined)
    if (isTold) this.#writer.frame(goodbyeFrame(reason))
    this.#finish({ kind: 'local' }, isTold)
  }

  ping(signal: AbortSignal): Promise<number> {
    return this.#stage === 'open' ? this.#pinging().send(signal) : Promise.reject(notConnected(this.remoteAddress))
  }

  measure(listener: PongListener): void {
    if (this.#stage !== 'open') throw notConnected(this.remoteAddress)
    this.#pinging().measure(listener)
  }

  #pinging(): Pings {
    return (this.#pings ??= new Pings(this.#writer))
  }

  /** Where bytes wait to leave already, those tell it as well. */
  assure(): void {
    if (this.#stage !== 'open' || this.bufferedBytes > 0) return
    this.#writer.pongAgain()
  }

  /** Bytes came. */
  received(chunk: Uint8Array): void {
    if (this.isOver) return
    this.#reader.push(chunk)
    // Nobody has attached yet: what comes more stays in the system's hands.
    if (this.#handler === undefined && this.#stage === 'open') this.#socket.pause()
    this.deliver()
  }

  /** Hands on the frames that have arrived, as far as the handler and the link's share of this turn let it. */
  deliver(): void {
    let isDone = false
    try {
      while (this.#share > 0 && this.#isReading() && this.#nextFrame()) {
        this.#share--
        this.#take()
      }
      isDone = true
    } finally {
      // A handler that throws must not stop what comes after.
      if (!isDone) process.nextTick(deliver, this)
    }
    this.#writer.answer(this.#stage === 'open')
    if (this.#share <= 0) return this.#yield()
    if (this.#isHalted && !this.#reader.hasRest) {
      this.#isHalted = false
      if (this.#isReading()) this.#socket.resume()
    }
    if (this.#reader.unfinishedBytes !== this.#unfinished) this.#tellUnfinished()
    if (this.#hasEnded && !this.#reader.hasRest) this.#hungUp()
  }

  /** It has delivered its share: what comes more in this turn waits, and the socket with it. */
  #yield(): void {
    if (this.#stage === 'over') return
    if (this.#reader.hasRest && !this.#isHalted) {
      this.#isHalted = true
      this.#socket.pause()
    }
    if (this.#share < 0) return
    this.#share = -1
    atNextTurn(this)
  }

  continueTurn(): void {
    this.#share = FRAMES_A_TURN
    if (this.#stage !== 'over') this.deliver()
  }

  /** The other side will send nothing more. */
  ended(): void {
    this.#hasEnded = true
    this.deliver()
  }

  #hungUp(): void {
    if (this.#stage === 'closing') {
      // Both sides close: the other one still reads what we flush. Our own FIN ends the socket.
      if (!this.#heardGoodbye) this.#finish({ kind: 'local' })
      return
    }
    this.failed(systemError('ECONNRESET', 'the other side ended the link without a goodbye: it crashed, was killed, or aborted it'))
  }

  /** The link broke. */
  failed(error: Error): void {
    this.#finish(this.#stage === 'closing' ? { kind: 'local' } : { kind: 'error', error })
  }

  /** Everything that was sent has left. */
  drained(): void {
    if (this.#stage !== 'open') return
    this.#writer.drained()
    this.#writer.answer(this.#stage === 'open')
    if (this.#writer.isFull && !this.#socket.writableNeedDrain) {
      this.#writer.isFull = false
      this.#handler?.drain()
    }
  }

  /** Writes what this tick has gathered. */
  flush(): void {
    this.#writer.flush(this.isOver)
  }

  /** While we close, we read to the end even if nobody listens: the other side's end is what we wait for. */
  #isReading(): boolean {
    if (this.#stage === 'open') return this.#handler !== undefined && !this.#isPaused
    return this.#stage !== 'over'
  }

  #nextFrame(): boolean {
    try {
      return this.#reader.next()
    } catch (error) {
      this.failed(error as Error)
      return false
    }
  }

  #take(): void {
    const payload = this.#reader.take()
    switch (this.#reader.kind) {
      case FrameKind.Data:
        if (!this.#isPaused) this.#handler?.message(payload)
        return
      case FrameKind.Ping:
        this.#writer.owePong(controlId(payload))
        return
      case FrameKind.Pong:
        return this.#pings?.answered(controlId(payload))
      case FrameKind.Goodbye:
        this.#heardGoodbye = true
        // What we still have queued is dropped: who has said goodbye in order no longer waits for it.
        if (this.#stage === 'open') this.#finish(endOfGoodbye(textOf(payload)))
        return
      default:
        this.failed(systemError('EPROTO', 'the other side said hello, or turned the link away, when it was open already'))
    }
  }

  #flow(): void {
    // Not from within resume or attach: their caller is not ready to be called.
    if (this.#reader.hasRest) process.nextTick(deliver, this)
    if (!this.#isHalted) this.#socket.resume()
  }

  #tellUnfinished(): void {
    this.#unfinished = this.#reader.unfinishedBytes
    if (this.#stage !== 'over') this.#handler?.unfinished?.(this.#reader.heldBytes)
  }

  /** The one way out. @param hasWords whether the other side has yet to hear a last word */
  #finish(reason: CloseReason, hasWords = false): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#reason = reason
    // Not resetAndDestroy: that waits until all that is queued has been written, which may be never.
    if (hasWords && this.security !== undefined) endSoon(this.#socket, this.#options.clock)
    else this.#socket.destroy()
    this.#reader.clear()
    this.#pings?.fail(() => notConnected(this.remoteAddress))
    this.#onceOver?.()
    this.#handler?.closed(reason)
  }
}

function deliver(link: TcpLink): void {
  link.deliver()
}
