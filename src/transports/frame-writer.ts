/** The writer of a stream's frames: the first of a tick leaves at once, the others of that tick together, and what the stream does not take waits. */
import type { Writable } from 'node:stream'
import { controlFrame, FrameKind, HEADER_BYTES } from './frames.ts'
import { atEndOfTick, type Flushable } from './tick-batch.ts'
import type { PingWriter } from './pings.ts'
import { messageFrame, WriteBatch } from './write-batch.ts'

/** The link whose frames are written. */
export interface FrameSource extends Flushable {
  /** The stream has taken what waited. */
  drained(): void
}

/** Writes the frames of one link. */
export class FrameWriter implements PingWriter {
  /** Whether it was told that no more is taken, and waits to be told that more is. */
  isFull = false
  readonly #stream: Writable
  readonly #owner: FrameSource
  readonly #highWaterMark: number
  /** Whether a frame has left in this tick: the others of the tick are gathered. */
  #gathers = false
  #batch: WriteBatch | undefined
  /** So many more bytes may be buffered at least. */
  #room = 0
  /** The ping that is to be answered, which answers all before it; -1: none. */
  #owedPong = -1
  /** The ping that was answered last: said again, it only tells that we live. */
  #lastPong = 0
  /** What of the handshake has not left yet, over TLS: nobody has sent it. */
  #unsaid: number

  /**
   * @param owner is flushed at the end of each tick in which it writes, and calls {@link flush}
   * @param highWaterMark in bytes: the most that may be buffered before {@link message} says no
   */
  constructor(stream: Writable, owner: FrameSource, highWaterMark: number) {
    this.#stream = stream
    this.#owner = owner
    this.#highWaterMark = highWaterMark
    this.#unsaid = stream.writableLength
    if (this.#unsaid > 0) stream.write('', () => (this.#unsaid = 0))
  }

  /** Bytes that were written here and have not left. */
  get bufferedBytes(): number {
    return this.#stream.writableLength - this.#unsaid + (this.#batch?.length ?? 0)
  }

  /** Writes a message, whose bytes are copied. False: more is buffered now than the high-water mark. */
  message(data: Uint8Array): boolean {
    const length = data.byteLength
    const isSent = this.#isGathering() && WriteBatch.takes(length) ? this.#gather(data) : this.frame(messageFrame(data))
    this.#room -= HEADER_BYTES + length
    if (isSent || this.#room >= 0 || this.#hasRoom()) return true
    this.isFull = true
    return false
  }

  /** Writes a whole frame. */
  frame(frame: Uint8Array): boolean {
    if (!this.#isGathering()) {
      this.#gathers = true
      atEndOfTick(this.#owner)
      return this.#stream.write(frame)
    }
    const batch = (this.#batch ??= new WriteBatch(this.#stream))
    if (WriteBatch.takes(frame.byteLength)) {
      batch.addFrame(frame)
      return false
    }
    batch.flush()
    return this.#stream.write(frame)
  }

  putPing(id: number): void {
    this.frame(controlFrame(FrameKind.Ping, id))
  }

  /** Notes that a ping is to be answered. */
  owePong(id: number): void {
    this.#owedPong = id
  }

  /** Answers the latest of the pings that came together; of a side that does not read, once it does: pongs must not fill our memory. */
  answer(isOpen: boolean): void {
    if (this.#owedPong < 0) return
    if (!isOpen) this.#owedPong = -1
    else if (!this.#stream.writableNeedDrain) {
      this.#lastPong = this.#owedPong
      this.#owedPong = -1
      this.pongAgain()
    }
  }

  /** Says that we live. */
  pongAgain(): void {
    this.frame(controlFrame(FrameKind.Pong, this.#lastPong))
  }

  /** Whether nothing is queued before a goodbye; over TLS, where nothing leaves within a call, only little. */
  hasAllButLeft(isSecured: boolean): boolean {
    this.flush(false)
    return this.bufferedBytes === 0 || (isSecured && !this.#stream.writableNeedDrain)
  }

  /** Writes all that waits, whether the stream takes it or not. */
  flushAll(): void {
    this.#batch?.flush()
  }

  /** The tick is over: writes what it has gathered. */
  flush(isOver: boolean): void {
    this.#gathers = false
    // What cannot leave goes on being gathered: a chunk each tick would take far more memory than its bytes.
    if (this.#batch === undefined || isOver || this.#stream.writableNeedDrain) return
    this.#batch.endTick(this.#stream.writableLength > 0)
    // What was full for what was gathered alone is not told by the stream when it has all left.
    if (this.isFull && !this.#stream.writableNeedDrain) this.#owner.drained()
  }

  /** The stream takes more: writes what waited for that. */
  drained(): void {
    this.#batch?.endTick()
  }

  /** Whether a small frame joins others: those of this tick, or those that wait until the stream takes more. */
  #isGathering(): boolean {
    return this.#gathers || this.#stream.writableNeedDrain
  }

  #gather(data: Uint8Array): boolean {
    const batch = (this.#batch ??= new WriteBatch(this.#stream))
    batch.addMessage(data)
    return false
  }

  /** Looks how much more may be buffered: between two looks it can only have become more than what was counted down. */
  #hasRoom(): boolean {
    this.#room = Math.max(this.#highWaterMark, this.#stream.writableHighWaterMark) - this.bufferedBytes
    return this.#room >= 0
  }
}
