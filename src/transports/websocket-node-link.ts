/** A WebSocket link in Node: over a socket that `ws` has opened, it reads only while somebody reads, in turns, and what it keeps costs about its bytes. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { systemError } from './link-error.ts'
import { atNextTurn, FRAMES_A_TURN, type TurnTaker } from './turn-budget.ts'
import { awaitAnswer, closePayload, linger, MAX_LINGERING_BYTES, parseClose } from './websocket-close.ts'
import { receivedTooLarge } from './websocket-errors.ts'
import { WebSocketLink } from './websocket-link.ts'
import type { Pong, Proven, WebSocketLinkOptions } from './websocket-platform.ts'
import { CloseCode, endOf, MAX_CONTROL_LENGTH, MAX_GREETING_LENGTH, pongText } from './websocket-protocol.ts'
import { Found, WebSocketFault, WebSocketReader } from './websocket-reader.ts'
import { type StreamReader, takeOver } from './websocket-stream-events.ts'
import { Opcode, WebSocketWriter, type WriterOwner } from './websocket-writer.ts'

/** What all links of one `websocket()` share in Node. */
export interface NodeWebSocketLinkOptions extends WebSocketLinkOptions {
  readonly keepAliveMs: number
}

const EMPTY = new Uint8Array(0)

/**
 * A link over one open socket of `ws`, dialled or accepted. `ws` has made the handshake; the frames are read and written
 * here: what `ws` keeps of an unfinished message and of what waits to leave has no bound in bytes of memory, and it
 * delivers all of a chunk in one go.
 */
export class NodeWebSocketLink extends WebSocketLink implements StreamReader, WriterOwner, TurnTaker {
  readonly #stream: Socket
  readonly #isDialled: boolean
  readonly #reader: WebSocketReader
  readonly #writer: WebSocketWriter
  #receivedBytes = 0
  /** What was last told of an unfinished message, in bytes. */
  #toldUnfinished = 0
  /** Whether a turn of ours will come. */
  #hasTurn = false
  #hasEnded = false
  #isClosed = false
  #hasSaidClose = false
  #heardClose: { readonly code: number; readonly words: string } | undefined
  #closeTimer: NodeJS.Timeout | undefined
  /** What came since the link ended, in bytes, while the other side may still hang up. */
  #lingeringBytes: number | undefined
  /** Where our last pong ends in what the writer was given. */
  #pongEnd = 0
  /** Why the stream broke, as the platform says it. */
  #cause: Error | undefined

  /** @param proven who the other side has proven to be */
  constructor(
    socket: WebSocket,
    stream: Socket,
    remoteAddress: string,
    options: NodeWebSocketLinkOptions,
    isDialled: boolean,
    proven?: Proven,
  ) {
    super(remoteAddress, options, proven)
    this.#stream = stream
    this.#isDialled = isDialled
    this.#reader = new WebSocketReader(options.maxFrameBytes, !isDialled)
    this.#writer = new WebSocketWriter(stream, isDialled, this)
    takeOver(socket, stream, this)
    // Nobody has attached yet: what comes stays in the system's hands.
    stream.pause()
    if (options.keepAliveMs > 0) stream.setKeepAlive(true, options.keepAliveMs)
  }

  override awaitHello(done: (failure: Error | undefined) => void): void {
    this.#reader.allowText(MAX_GREETING_LENGTH)
    super.awaitHello(done)
  }

  override get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Bytes came. */
  came(chunk: Buffer): void {
    this.#receivedBytes += chunk.byteLength
    if (this.#lingeringBytes !== undefined) {
      // What was under way is dropped; whoever sends more is not waited for.
      this.#lingeringBytes += chunk.byteLength
      if (this.#lingeringBytes > MAX_LINGERING_BYTES) this.#stream.destroy()
      return
    }
    if (this.#heardClose !== undefined || this.isOver) return
    this.#reader.push(chunk)
    if (!this.#hasTurn) this.#read()
  }

  continueTurn(): void {
    this.#hasTurn = false
    this.#read()
  }

  /** The other side will send nothing more. */
  ended(): void {
    this.#hasEnded = true
  }

  /** The stream broke. What came before it is still being read, maybe a close in order: the end is told by `closed`. */
  streamFailed(error: Error): void {
    this.#cause = error
  }

  /** The socket is gone; `rest` came before. */
  closed(rest: Buffer | null): void {
    clearTimeout(this.#closeTimer)
    this.#isClosed = true
    if (this.isOver) return
    if (rest !== null) this.came(rest)
    if (!this.#hasTurn) this.#read()
  }

  /** The stream has taken all that was queued. */
  streamEmptied(): void {
    this.#writer.settle()
  }

  emptied(): void {
    this.drained()
  }

  advanced(): void {
    this.answerOwed()
  }

  protected override isOpen(): boolean {
    return !this.#hasSaidClose && this.#heardClose === undefined && !this.#hasEnded && this.#stream.writable
  }

  protected override queuedBytes(): number {
    return this.#writer.waitingBytes
  }

  protected override put(data: Uint8Array): boolean {
    this.#writer.write(Opcode.Message, data)
    if (this.#writer.waitingBytes <= Math.max(this.options.highWaterMark, this.#stream.writableHighWaterMark)) return true
    this.#writer.watch()
    return false
  }

  protected override putText(text: string): void {
    this.#writer.write(Opcode.Text, Buffer.from(text))
  }

  protected override putPing(id: number): void {
    this.#writer.write(Opcode.Ping, Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id))
  }

  protected override putPong(pong: Pong): boolean {
    // One pong of ours may wait, whatever waits with it: a flood of pings is answered by its last.
    if (!this.#writer.hasLeft(this.#pongEnd)) {
      this.#writer.watch()
      return false
    }
    if (typeof pong === 'string') this.putText(pong)
    else this.#writer.write(Opcode.Pong, pong)
    this.#pongEnd = this.#writer.putBytes
    return true
  }

  protected override putAssurance(): void {
    // A page is not told of pong frames: whoever dialled us may be one.
    if (this.#isDialled) this.#writer.write(Opcode.Pong, EMPTY)
    else this.putText(pongText(0))
  }

  protected override flow(): void {
    if (this.#reader.hasRest || this.#isClosed) this.#askForTurn()
    else this.#stream.resume()
  }

  protected override halt(): void {
    if (this.#heardClose === undefined) this.#stream.pause()
  }

  protected override hangUp(): void {
    this.#sayClose(CloseCode.Normal)
    if (this.#heardClose !== undefined) this.#stream.end()
  }

  protected override soon(f: () => void): void {
    process.nextTick(f)
  }

  protected override destroy(code: CloseCode, words?: string): void {
    this.#reader.clear()
    if (this.#stream.destroyed || this.#lingeringBytes !== undefined) return
    this.#writer.settle()
    // Behind messages that are lost a close would be a lie, and it would wait for them.
    if (code === CloseCode.Broken || !this.isOpen() || this.#writer.waitingBytes > 0) return void this.#stream.destroy()
    this.#sayClose(code, words)
    this.#lingeringBytes = 0
    clearTimeout(this.#closeTimer)
    this.#closeTimer = linger(this.#stream)
  }

  /** Hands on the frames that have arrived, as far as the handler lets it and the turn goes. */
  #read(): void {
    let frames = 0
    while (this.mayRead() && this.#heardClose === undefined && this.#next()) {
      this.#take()
      if (++frames >= FRAMES_A_TURN && this.#reader.hasRest) {
        // What comes meanwhile stays in the system's hands, and the other links have their turns.
        this.#stream.pause()
        return this.#askForTurn()
      }
    }
    this.#tellUnfinished()
    if (this.isOver) return
    // What is left of a frame will never be whole.
    if (this.#isClosed) return this.mayRead() || !this.#reader.hasRest ? this.#vanish() : undefined
    if (this.mayRead() || this.#heardClose !== undefined) this.#stream.resume()
  }

  #askForTurn(): void {
    if (this.#hasTurn) return
    this.#hasTurn = true
    atNextTurn(this)
  }

  #next(): boolean {
    try {
      return this.#reader.next()
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #take(): void {
    const payload = this.#reader.take()
    switch (this.#reader.found) {
      case Found.Message:
        if (this.#toldUnfinished > 0) this.#tellUnfinished()
        return this.received(payload)
      case Found.Text:
        // Only the first may be long.
        this.#reader.allowText(MAX_CONTROL_LENGTH)
        return this.receivedText(Buffer.from(payload).toString())
      case Found.Ping:
        return this.asked(payload)
      case Found.Pong:
        // One that is not ours is ignored, as the protocol wants it.
        if (payload.length === 4) this.answered(new DataView(payload.buffer, payload.byteOffset).getUint32(0))
        return
      case Found.Close:
        return this.#hearClose(payload)
      case Found.Part:
        if (this.#reader.unfinishedBytes - this.#toldUnfinished >= UNFINISHED_STEP) this.#tellUnfinished()
    }
  }

  #tellUnfinished(): void {
    const bytes = this.#reader.unfinishedBytes
    if (bytes - this.#toldUnfinished < UNFINISHED_STEP && (bytes > 0 || this.#toldUnfinished === 0)) return
    this.#toldUnfinished = bytes
    this.tellUnfinished(bytes)
  }

  #hearClose(payload: Uint8Array): void {
    try {
      this.#heardClose = parseClose(payload)
    } catch (error) {
      return this.#fail(error)
    }
    const { code, words } = this.#heardClose
    this.#reader.clear()
    if (!this.#hasSaidClose && this.#stream.writable) this.#sayClose(code, words)
    this.#writer.release()
    this.#stream.end()
  }

  #fail(error: unknown): void {
    if (!(error instanceof WebSocketFault)) throw error
    const { closeCode, message } = error
    if (closeCode === CloseCode.TooLarge) return this.broken(receivedTooLarge(this.options.maxFrameBytes), closeCode, message)
    this.broken(systemError('EPROTO', `the other side broke the WebSocket protocol: ${message}`), closeCode, message)
  }

  #sayClose(code: number, words = ''): void {
    if (this.#hasSaidClose) return
    this.#hasSaidClose = true
    if (!this.#stream.writable) return
    this.#writer.write(Opcode.Close, closePayload(code, words))
    this.#writer.release()
    this.#closeTimer = awaitAnswer(this.#stream)
  }

  #vanish(): void {
    const { code, words } = this.#heardClose ?? { code: CloseCode.Broken, words: '' }
    this.#reader.clear()
    this.vanished(endOf(code, words, this.#cause))
  }
}

/** How much an unfinished message grows before that is told again, in bytes. */
const UNFINISHED_STEP = 64 * 1024
