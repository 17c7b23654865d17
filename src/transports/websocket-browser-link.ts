/** A link over a browser's `WebSocket` makes up, within bounds, for what that cannot do: pause, and tell when it has drained. */
import type { Clock } from '../clock.ts'
import { receivedTooLarge } from './websocket-errors.ts'
import { WebSocketLink } from './websocket-link.ts'
import type { Pong, Proven, WebSocketLinkOptions } from './websocket-platform.ts'
import { browserCode, CloseCode, endOf, pingText, pongText } from './websocket-protocol.ts'

/** What all links of one `websocket()` share in a browser. */
export interface BrowserWebSocketLinkOptions extends WebSocketLinkOptions {
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
}

/** How often a socket that is full is looked at, in milliseconds: there is no event for it. */
const LOOK_MS = 20

/** A link over one open `WebSocket`. */
export class BrowserWebSocketLink extends WebSocketLink {
  declare protected readonly options: BrowserWebSocketLinkOptions
  readonly #socket: WebSocket
  #look: unknown
  #receivedBytes = 0

  constructor(socket: WebSocket, remoteAddress: string, options: BrowserWebSocketLinkOptions, proven?: Proven) {
    super(remoteAddress, options, proven)
    this.#socket = socket
    for (const type of EVENTS) socket.addEventListener(type, this)
  }

  /** Of whole messages: a page is not told of less. */
  override get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Is called by the socket: the link is its own listener, so that it needs no closures. */
  handleEvent(event: Event): void {
    // Timers are slow in a tab that nobody looks at: whatever happens is an occasion to look.
    if (this.#look !== undefined && this.#isLow()) this.#lookAgain()
    if (event.type === 'close') {
      const { code, reason } = event as CloseEvent
      this.#stopLooking()
      this.vanished(endOf(code, reason))
      return
    }
    const { data } = event as MessageEvent<string | ArrayBuffer>
    // An empty message is a sign of life too.
    this.#receivedBytes += 2 + (typeof data === 'string' ? data.length : data.byteLength)
    if (typeof data === 'string') return this.receivedText(data)
    const { maxFrameBytes } = this.options
    if (data.byteLength > maxFrameBytes)
      this.broken(receivedTooLarge(maxFrameBytes), CloseCode.TooLarge, `more than ${maxFrameBytes} bytes`)
    else this.received(new Uint8Array(data))
  }

  protected override isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  protected override queuedBytes(): number {
    return this.#socket.bufferedAmount
  }

  protected override put(data: Uint8Array): boolean {
    this.#socket.send(data as Uint8Array<ArrayBuffer>)
    return !this.#isBlocked()
  }

  protected override putText(text: string): void {
    this.#socket.send(text)
  }

  protected override putPing(id: number): void {
    this.#socket.send(pingText(id))
  }

  protected override putPong(pong: Pong): boolean {
    if (this.#isBlocked()) return false
    this.#socket.send(pong as string)
    return true
  }

  protected override putAssurance(): void {
    this.#socket.send(pongText(0))
  }

  protected override flow(): void {}

  protected override halt(): void {}

  protected override hangUp(): void {
    this.#socket.close(CloseCode.Normal)
  }

  protected override soon(f: () => void): void {
    // Not a timer: in a tab that nobody looks at it may take a minute.
    const { port1, port2 } = new MessageChannel()
    const onMessage = (): void => {
      port1.close()
      f()
    }
    port1.addEventListener('message', onMessage, { once: true })
    port1.start()
    port2.postMessage(undefined)
  }

  /** The most that a browser can do: it sends what is queued, and lets go of the socket in its own time. */
  protected override destroy(code: CloseCode, words?: string): void {
    this.#stopLooking()
    this.#socket.close(browserCode(code), words)
  }

  /** Above our mark; then it is looked at until it is well below. */
  #isBlocked(): boolean {
    if (this.#socket.bufferedAmount <= this.options.highWaterMark) return false
    this.#look ??= this.options.clock.setTimeout(() => this.#lookAgain(), LOOK_MS)
    return true
  }

  #lookAgain(): void {
    this.#stopLooking()
    if (this.#isLow()) this.drained()
    else this.#look = this.options.clock.setTimeout(() => this.#lookAgain(), LOOK_MS)
  }

  /** Well below our mark, and not empty: the next look may be late, and the wire would be idle until then. */
  #isLow(): boolean {
    return this.#socket.bufferedAmount <= this.options.highWaterMark / 2
  }

  #stopLooking(): void {
    if (this.#look === undefined) return
    this.options.clock.clearTimeout(this.#look)
    this.#look = undefined
  }
}

const EVENTS = ['message', 'close'] as const
