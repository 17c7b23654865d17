/** A dial of a stream: one socket, from the moment when it begins to connect until it is a link, and one promise that says what became of it. */
import type { Socket } from 'node:net'
import { listenToDial, type DialedListener } from './socket-events.ts'
import { StreamHandshake, type HandshakeOwner } from './stream-handshake.ts'
import type { StreamProof } from './stream-proof.ts'
import type { TcpLink } from './tcp-link.ts'
import type { TcpLinkOptions } from './tcp-options.ts'
import type { DialOptions } from './transport.ts'

/** One dial. It listens to its socket while that connects, and then its handshake does. */
class StreamDial implements DialedListener, HandshakeOwner {
  #socket: Socket | undefined = undefined
  readonly #remoteAddress: string | ((socket: Socket) => string)
  readonly #settings: TcpLinkOptions
  readonly #options: DialOptions
  readonly #resolve: (link: TcpLink) => void
  readonly #reject: (error: unknown) => void
  #handshake: StreamHandshake | undefined = undefined
  /** Only where there is no other way to hear that nobody wants the link any more. */
  #signal: AbortSignal | undefined = undefined
  #isOver = false

  constructor(
    remoteAddress: string | ((socket: Socket) => string),
    settings: TcpLinkOptions,
    options: DialOptions,
    resolve: (link: TcpLink) => void,
    reject: (error: unknown) => void,
  ) {
    this.#remoteAddress = remoteAddress
    this.#settings = settings
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    if (options.onAbort === undefined) this.#heed(options.signal)
    else options.onAbort((reason) => this.#abort(reason))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Has a socket that this opens connect, unless nobody wants the link any more. */
  over(open: () => Socket): void {
    if (this.#isOver) return
    this.#socket = open()
    listenToDial(this.#socket, this)
  }

  connected(socket: Socket): void {
    this.shakeHands(socket)
  }

  /** The socket is connected. @param proof who the other side is, where the socket has proven it */
  shakeHands(socket: Socket, proof?: StreamProof): void {
    const from = this.#remoteAddress
    const remoteAddress = typeof from === 'string' ? from : from(socket)
    this.#handshake = new StreamHandshake(socket, remoteAddress, this.#settings, true, this, proof, this.#options.fence)
  }

  greeted(handshake: StreamHandshake): void {
    this.#leave()
    this.#resolve(handshake.admit())
  }

  handshakeFailed(_handshake: StreamHandshake, error: Error): void {
    this.failed(error)
  }

  failed(error: Error): void {
    if (this.#isOver) return
    this.#leave()
    this.#reject(error)
  }

  /** The signal was aborted. */
  handleEvent(): void {
    this.#abort(this.#signal?.reason)
  }

  #heed(signal: AbortSignal): void {
    this.#signal = signal
    signal.addEventListener('abort', this)
    if (signal.aborted) this.handleEvent()
  }

  received(): void {}

  ended(): void {}

  drained(): void {}

  #abort(reason: unknown): void {
    if (this.#isOver) return
    this.#leave()
    if (this.#handshake === undefined) this.#socket?.destroy()
    else this.#handshake.abort()
    this.#reject(reason)
  }

  #leave(): void {
    this.#isOver = true
    this.#options.onAbort?.(undefined)
    this.#signal?.removeEventListener('abort', this)
  }
}

/**
 * Has a socket connect and become a link. Rejects with the socket's own error, with what the other side said, or did not
 * say, and with the reason why nobody wants the link any more; then the socket is gone.
 *
 * @param remoteAddress where the other side is; a function is asked once, when the socket is connected
 */
export function dialOver(
  open: () => Socket,
  remoteAddress: string | ((socket: Socket) => string),
  settings: TcpLinkOptions,
  options: DialOptions,
): Promise<TcpLink> {
  return new Promise((resolve, reject) => {
    new StreamDial(remoteAddress, settings, options, resolve, reject).over(open)
  })
}

/** The same for a socket that is connected, and has proven who the other side is. */
export function linkOver(
  socket: Socket,
  remoteAddress: string,
  settings: TcpLinkOptions,
  options: DialOptions,
  proof: StreamProof,
): Promise<TcpLink> {
  return new Promise((resolve, reject) => {
    new StreamDial(remoteAddress, settings, options, resolve, reject).shakeHands(socket, proof)
  })
}
