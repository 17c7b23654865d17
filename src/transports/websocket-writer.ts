/** A writer of WebSocket frames: what waits to leave costs about its bytes, however small its frames are and however long they wait. */
import { randomFillSync } from 'node:crypto'
import type { Socket } from 'node:net'
import { atEndOfTick, type Flushable } from './tick-batch.ts'
import { unmask } from './websocket-reader.ts'

/** What a frame is: opcodes of RFC 6455 §5.2. */
export const Opcode = { Text: 1, Message: 2, Close: 8, Ping: 9, Pong: 10 } as const
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** The first chunk that is gathered, in bytes, out of Node's own pool: each further one is larger, up to {@link MOST_BYTES}. */
const LEAST_BYTES = 2 * 1024
const MOST_BYTES = 64 * 1024
/** A larger payload is a chunk of its own: gathering it would cost more than the chunk. */
const LARGEST_PAYLOAD = 16 * 1024

const NOTHING = new Uint8Array(0)

/** Who is told how far the writing is. */
export interface WriterOwner {
  /** All that was put has left. Called only after {@link WebSocketWriter.watch}. */
  emptied(): void
  /** All that was put before the last {@link WebSocketWriter.watch} has left, and more waits. */
  advanced(): void
}

/** Writes frames to a stream: the first of a tick at once, others in common chunks; and while the stream is stuck, those wait here. */
export class WebSocketWriter implements Flushable {
  readonly #stream: Socket
  readonly #isMasked: boolean
  readonly #owner: WriterOwner
  #chunk: Buffer | undefined
  #filled = 0
  #nextSize = LEAST_BYTES
  #put = 0
  /** Whether a frame was put in this tick. */
  #isTicking = false
  #isWatched = false
  #hasMarker = false

  /** @param isMasked whether this side dialled: what it sends is masked */
  constructor(stream: Socket, isMasked: boolean, owner: WriterOwner) {
    this.#stream = stream
    this.#isMasked = isMasked
    this.#owner = owner
  }

  /** Bytes that wait, here and in the stream. */
  get waitingBytes(): number {
    return this.#stream.writableLength + this.#filled
  }

  /** Counts the bytes of all frames that were put. */
  get putBytes(): number {
    return this.#put
  }

  /** Whether all that was put while `putBytes` was at most `at` has left. */
  hasLeft(at: number): boolean {
    return this.#put - this.waitingBytes >= at
  }

  /** Puts a frame, whose payload is copied. */
  write(opcode: Opcode, payload: Uint8Array): void {
    const { length } = payload
    const size = headerBytes(length, this.#isMasked) + length
    this.#put += size
    if (length > LARGEST_PAYLOAD || !(this.#isTicking || this.#stream.writableLength > 0 || this.#filled > 0)) {
      this.#writeChunk()
      const frame = Buffer.allocUnsafe(size)
      this.#encode(frame, 0, opcode, payload)
      this.#stream.write(frame)
    } else {
      if (this.#chunk !== undefined && this.#chunk.length - this.#filled < size) this.#writeChunk()
      const chunk = (this.#chunk ??= Buffer.allocUnsafe(Math.max(this.#nextSize, size)))
      this.#filled = this.#encode(chunk, this.#filled, opcode, payload)
    }
    if (this.#isTicking) return
    this.#isTicking = true
    atEndOfTick(this)
  }

  /** Has the owner told when what has been put has left; once. */
  watch(): void {
    this.#isWatched = true
    if (!this.#isTicking) this.settle()
  }

  /** The tick is over. */
  flush(): void {
    this.#isTicking = false
    this.settle()
  }

  /** Writes what waits here as soon as the stream takes it, and looks how far that is. */
  settle(): void {
    const stream = this.#stream
    if (stream.destroyed) return
    if (stream.writableLength === 0) {
      this.#writeChunk()
      this.#nextSize = LEAST_BYTES
    }
    if (stream.writableLength > 0) {
      if (this.#isWatched || this.#filled > 0) this.#mark()
    } else if (this.#isWatched) {
      this.#isWatched = false
      this.#owner.emptied()
    }
  }

  /** Gives the stream all that waits here. */
  release(): void {
    if (!this.#stream.destroyed) this.#writeChunk()
  }

  /** Node tells of an empty stream only where much was in it. A marker is told of too, and it is one, however many wait for it. */
  #mark(): void {
    if (this.#hasMarker || !this.#stream.writable) return
    this.#hasMarker = true
    this.#stream.write(NOTHING, (error) => {
      this.#hasMarker = false
      if (error != null || this.#stream.destroyed) return
      if (this.#isWatched && this.#stream.writableLength > 0) this.#owner.advanced()
      this.settle()
    })
  }

  #writeChunk(): void {
    const chunk = this.#chunk
    if (chunk === undefined) return
    const filled = this.#filled
    this.#chunk = undefined
    this.#filled = 0
    this.#nextSize = Math.min(MOST_BYTES, chunk.length * 4)
    this.#stream.write(filled === chunk.length ? chunk : chunk.subarray(0, filled))
  }

  /** Writes a frame to `target`, and says where it ends. */
  #encode(target: Buffer, at: number, opcode: Opcode, payload: Uint8Array): number {
    const { length } = payload
    const maskBit = this.#isMasked ? 0x80 : 0
    target[at++] = 0x80 | opcode
    if (length < 126) {
      target[at++] = maskBit | length
    } else if (length < 0x1_0000) {
      target[at++] = maskBit | 126
      target[at++] = length >>> 8
      target[at++] = length
    } else {
      target[at++] = maskBit | 127
      target.writeUInt32BE(0, at)
      target.writeUInt32BE(length, at + 4)
      at += 8
    }
    if (!this.#isMasked) {
      target.set(payload, at)
      return at + length
    }
    const key = nextKey()
    target.writeInt32BE(key, at)
    at += 4
    target.set(payload, at)
    unmask(target, at, at + length, key, 0)
    return at + length
  }
}

/** A whole frame of a listener, which is not masked. Up to 64 KiB. */
export function frameOf(opcode: Opcode, payload: Uint8Array): Uint8Array {
  const { length } = payload
  const header = length < 126 ? [0x80 | opcode, length] : [0x80 | opcode, 126, length >>> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), payload])
}

function headerBytes(length: number, isMasked: boolean): number {
  return (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10) + (isMasked ? 4 : 0)
}

// Keys must be unpredictable (RFC 6455 §10.3), and a call for each would cost more than the frame.
const keys = new Int32Array(1024)
let keysUsed = keys.length

function nextKey(): number {
  if (keysUsed === keys.length) {
    randomFillSync(keys)
    keysUsed = 0
  }
  return keys[keysUsed++]!
}
