/** Small frames of one tick become one chunk, in order, as a chunk each costs far more than its bytes. */
import { HEADER_BYTES, writeDataHeader } from './frames.ts'

/** The largest chunk that is gathered, in bytes. */
const MOST_BYTES = 64 * 1024

/** The first chunk of a tick, in bytes, out of Node's own pool: each further one is larger, up to {@link MOST_BYTES}. */
const LEAST_BYTES = 2 * 1024

/** A larger payload is a chunk of its own: copying it would cost more than the chunk. */
const LARGEST_PAYLOAD = 16 * 1024

/** A message as a frame of its own, with a copy of its bytes. */
export function messageFrame(data: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength)
  writeDataHeader(frame, 0, data.byteLength)
  frame.set(data, HEADER_BYTES)
  return frame
}

/** Frames that wait for the end of the tick, or for the socket to take more. */
export class WriteBatch {
  #chunk: Buffer | undefined
  #filled = 0
  #nextSize = LEAST_BYTES
  readonly #target: { write(chunk: Uint8Array): unknown }

  /** @param target takes a full chunk, before `add` returns */
  constructor(target: { write(chunk: Uint8Array): unknown }) {
    this.#target = target
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#filled
  }

  /** Whether a message of this size is gathered; else it is to be written by itself, after a {@link flush}. */
  static takes(length: number): boolean {
    return length <= LARGEST_PAYLOAD
  }

  /** Adds a message, whose bytes are copied. */
  addMessage(data: Uint8Array): void {
    const { byteLength } = data
    const chunk = this.#roomFor(HEADER_BYTES + byteLength)
    writeDataHeader(chunk, this.#filled, byteLength)
    chunk.set(data, this.#filled + HEADER_BYTES)
    this.#filled += HEADER_BYTES + byteLength
  }

  /** Adds a whole frame, which is copied. */
  addFrame(frame: Uint8Array): void {
    const chunk = this.#roomFor(frame.byteLength)
    chunk.set(frame, this.#filled)
    this.#filled += frame.byteLength
  }

  /** Writes what waits. */
  flush(): void {
    const chunk = this.#chunk
    if (chunk === undefined) return
    const filled = this.#filled
    this.#chunk = undefined
    this.#filled = 0
    this.#nextSize = Math.min(MOST_BYTES, chunk.length * 4)
    this.#target.write(filled === chunk.length ? chunk : chunk.subarray(0, filled))
  }

  /**
   * The tick is over: writes what waits, and the next one begins small again.
   *
   * @param willWait it will not leave at once: it is copied where it is small, as it would keep a whole chunk
   */
  endTick(willWait = false): void {
    const chunk = this.#chunk
    if (willWait && chunk !== undefined && this.#filled * 2 < chunk.length) this.#chunk = Buffer.from(chunk.subarray(0, this.#filled))
    this.flush()
    this.#nextSize = LEAST_BYTES
  }

  #roomFor(bytes: number): Buffer {
    if (this.#chunk !== undefined && this.#chunk.length - this.#filled < bytes) this.flush()
    return (this.#chunk ??= Buffer.allocUnsafe(Math.max(this.#nextSize, bytes)))
  }
}
