/** Keeps one thing true: over a socket of the `ws` package a link reads only while somebody reads, and copies a message once. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { systemError } from './link-error.ts'
import { atEndOfTick, type Flushable } from './tick-batch.ts'
import { type Pong, receivedTooLarge, WebSocketLink, type WebSocketLinkOptions } from './websocket-link.ts'
import { CloseCode, endOf, MAX_CONTROL_LENGTH } from './websocket-protocol.ts'

/** What all links of one `websocket()` share in Node. */
export interface NodeWebSocketLinkOptions extends WebSocketLinkOptions {
  readonly keepAliveMs: number
}

/** Up to here a copy costs no more than a view (V8 keeps such arrays inside its heap), and a kept one holds no chunk. */
const TINY_BYTES = 64

/** What one tick gathers before it asks the system to take it. */
const BATCH_BYTES = 64 * 1024

/** A link over one open socket of `ws`, dialled or accepted. */
export class NodeWebSocketLink extends WebSocketLink implements Flushable {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #isDialled: boolean
  /** Why the stream broke, as the platform says it. */
  #cause: Error | undefined
  #hasWritten = false
  #isCorked = false

  constructor(socket: WebSocket, stream: Socket, remoteAddress: string, options: NodeWebSocketLinkOptions, isDialled: boolean) {
    super(remoteAddress, options)
    this.#socket = socket
    this.#stream = stream
    this.#isDialled = isDialled
    listenTo(socket, stream, this)
    // Nobody has attached yet: what comes stays in the system's hands.
    socket.pause()
    if (options.keepAliveMs > 0) stream.setKeepAlive(true, options.keepAliveMs)
  }

  /** A message came whole. Nobody writes to its bytes again, so that it may be kept. */
  arrived(data: Buffer, isBinary: boolean): void {
    if (!isBinary) this.receivedText(data.toString('latin1', 0, MAX_CONTROL_LENGTH + 1))
    else if (data.byteLength <= TINY_BYTES) this.received(new Uint8Array(data))
    else this.received(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }

  /** A ping frame came. */
  pinged(payload: Buffer): void {
    this.asked(payload)
  }

  /** A pong frame came; one that is not ours is ignored, as the protocol wants it. */
  ponged(payload: Buffer): void {
    if (payload.length === 4) this.answered(payload.readUInt32BE())
  }

  /** What came is no WebSocket, or too large. `ws` has told the other side. */
  failed(error: Error & { code?: unknown }): void {
    const isTooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    this.broken(
      isTooLarge
        ? receivedTooLarge(this.options.maxFrameBytes)
        : Object.assign(systemError('EPROTO', `the other side broke the WebSocket protocol: ${error.message}`), { cause: error }),
    )
  }

  /** The stream broke. What came before it is still being read, maybe a close in order: the end is told by `closed`. */
  streamFailed(error: Error): void {
    this.#cause = error
  }

  /** The socket is gone. */
  closed(code: number, words: string): void {
    this.vanished(endOf(code, words, this.#cause))
  }

  /** The stream has taken all that was queued. */
  emptied(): void {
    this.drained()
  }

  /** Writes what this tick has gathered. */
  flush(): void {
    this.#hasWritten = false
    this.#uncork()
  }

  protected override isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  protected override queuedBytes(): number {
    return this.#socket.bufferedAmount
  }

  protected override put(data: Uint8Array): boolean {
    this.#gather()
    // What is dialled is masked, and that makes the copy.
    this.#socket.send(this.#isDialled ? data : Buffer.from(data))
    if (this.#isCorked && this.#stream.writableLength >= BATCH_BYTES) this.#uncork()
    return !this.#isBlocked()
  }

  protected override putText(text: string): void {
    this.#gather()
    this.#socket.send(text)
  }

  protected override putPing(id: number): void {
    const payload = Buffer.allocUnsafe(4)
    payload.writeUInt32BE(id)
    this.#gather()
    this.#socket.ping(payload)
  }

  protected override putPong(pong: Pong): boolean {
    if (this.#isBlocked()) return false
    this.#gather()
    if (typeof pong === 'string') this.#socket.send(pong)
    else this.#socket.pong(pong)
    return true
  }

  protected override flow(): void {
    this.#socket.resume()
  }

  protected override halt(): void {
    this.#socket.pause()
  }

  protected override hangUp(): void {
    this.#socket.close(CloseCode.Normal)
  }

  protected override soon(f: () => void): void {
    process.nextTick(f)
  }

  protected override destroy(code: CloseCode, words?: string): void {
    this.flush()
    // Behind messages that are lost a close would be a lie, and it would wait for them. Under TLS what was sent in this
    // tick may be lost, so that the other side sees a break.
    if (code !== CloseCode.Broken && this.isOpen() && this.#stream.writableLength === 0) this.#socket.close(code, words)
    this.#socket.terminate()
  }

  /** Above our mark, and Node will say when it has drained. */
  #isBlocked(): boolean {
    return this.#stream.writableNeedDrain && this.#socket.bufferedAmount > this.options.highWaterMark
  }

  /** The first frame of a tick leaves at once, the others of that tick together, in one system call. */
  #gather(): void {
    if (!this.#hasWritten) {
      this.#hasWritten = true
      atEndOfTick(this)
    } else if (!this.#isCorked) {
      this.#isCorked = true
      this.#stream.cork()
    }
  }

  #uncork(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#stream.uncork()
  }
}

// Shared functions that find the link on the socket: a closure a socket and event would cost more than the link.
const LINK = Symbol('link')
type Linked<T> = T & { [LINK]?: NodeWebSocketLink }

function listenTo(socket: Linked<WebSocket>, stream: Linked<Socket>, link: NodeWebSocketLink): void {
  socket[LINK] = link
  stream[LINK] = link
  socket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('error', onError).on('close', onClose)
  stream.on('drain', onDrain).on('error', onStreamError)
}

function onMessage(this: Linked<WebSocket>, data: unknown, isBinary: boolean): void {
  // A Buffer, because `binaryType` is as `ws` has it by default.
  this[LINK]?.arrived(data as Buffer, isBinary)
}

function onPing(this: Linked<WebSocket>, payload: Buffer): void {
  this[LINK]?.pinged(payload)
}

function onPong(this: Linked<WebSocket>, payload: Buffer): void {
  this[LINK]?.ponged(payload)
}

function onError(this: Linked<WebSocket>, error: Error): void {
  this[LINK]?.failed(error)
}

function onClose(this: Linked<WebSocket>, code: number, words: Buffer): void {
  this[LINK]?.closed(code, words.toString())
}

function onDrain(this: Linked<Socket>): void {
  this[LINK]?.emptied()
}

function onStreamError(this: Linked<Socket>, error: Error): void {
  this[LINK]?.streamFailed(error)
}
